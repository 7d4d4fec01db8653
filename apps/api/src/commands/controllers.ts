import { Controller, HttpCode, Inject, Post, Req, Res, type Type } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ForOperator } from '../access.js';
import { accepts, send } from '../answering.js';
import { Commands } from './commands.js';
import { etagOf } from './headers.js';
import { BEGINS, commandRoutes, type CommandRoute } from './routes.js';

const STREAM_OF_REFERRAL = 'referral-';

/** What a route does is the same for every command: only what the body must hold differs. */
function controllerOf(route: CommandRoute): Type {
  @Controller(route.path)
  @ForOperator()
  class CommandController {
    constructor(@Inject(Commands) private readonly commands: Commands) {}

    @Post()
    @HttpCode(200)
    async give(@Req() request: Request, @Res() response: Response): Promise<void> {
      accepts(request);
      const answer = await this.commands.give(route, request);
      if (route.name === BEGINS) {
        const referral = answer.stream.slice(STREAM_OF_REFERRAL.length);
        response.setHeader('Location', `/v1/referral/referrals/${referral}`);
      }
      response.setHeader('ETag', etagOf(answer.version));
      send(response, answer);
    }
  }
  Object.defineProperty(CommandController, 'name', { value: `${route.name}Controller` });
  return CommandController;
}

export const commandControllers: readonly Type[] = commandRoutes.map(controllerOf);
