import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ForEverybody } from '../access.js';
import { accepts, send } from '../answering.js';
import { apiDocument } from './document.js';

/** What the service offers; nothing in it is about anybody. */
@Controller('v1/openapi.json')
@ForEverybody()
export class DocumentController {
  private readonly document = apiDocument();

  @Get()
  read(@Req() request: Request, @Res() response: Response): void {
    accepts(request);
    send(response, this.document);
  }
}
