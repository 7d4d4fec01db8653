import { Controller, Get } from '@nestjs/common';
import { refuse } from '#kernel';
import { ForEverybody } from '../access.js';
import { ProblemRaised } from '../problems/problem.js';
import { ReadinessCheck, type Readiness } from './readiness.js';

/** For whatever watches the service: says nothing about anybody. */
@Controller('health')
@ForEverybody()
export class HealthController {
  constructor(private readonly readiness: ReadinessCheck) {}

  /** The process answers; nothing else is asked. */
  @Get('live')
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  async ready(): Promise<{ status: 'ready' } & Pick<Readiness, 'checks'>> {
    const { ready, checks } = await this.readiness.run();
    if (ready) return { status: 'ready', checks };
    const message = 'The service cannot do all of its work at this moment: see checks.';
    throw new ProblemRaised([refuse('not-ready', message)], {}, { checks });
  }
}
