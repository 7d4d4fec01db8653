import { Module, type DynamicModule } from '@nestjs/common';
import { Wayledger } from '#engine';
import { commandControllers } from './commands/index.js';
import { Freshness } from './freshness.js';
import { queryControllers } from './queries/index.js';

@Module({})
export class ApiModule {
  static with(wayledger: Wayledger, freshness: Freshness): DynamicModule {
    return {
      module: ApiModule,
      controllers: [...commandControllers, ...queryControllers],
      providers: [
        { provide: Wayledger, useValue: wayledger },
        { provide: Freshness, useValue: freshness },
      ],
    };
  }
}
