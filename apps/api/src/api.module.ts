import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { Wayledger } from '#engine';
import { Commands, commandControllers } from './commands/index.js';
import { Freshness } from './freshness.js';
import { DocumentController } from './openapi/document.controller.js';
import { ProblemFilter } from './problems/problem-filter.js';
import { queryControllers } from './queries/index.js';

@Module({})
export class ApiModule {
  static with(wayledger: Wayledger, freshness: Freshness): DynamicModule {
    return {
      module: ApiModule,
      controllers: [...commandControllers, ...queryControllers, DocumentController],
      providers: [
        { provide: Wayledger, useValue: wayledger },
        { provide: Freshness, useValue: freshness },
        { provide: APP_FILTER, useClass: ProblemFilter },
        Commands,
      ],
    };
  }
}
