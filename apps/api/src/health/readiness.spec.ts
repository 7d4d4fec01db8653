import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Wayledger } from '#engine';
import { inFolder } from '../../../../test/support/imported.js';
import type { Standing } from '../projector/projector.js';
import { HealthController } from './health.controller.js';
import { BEHIND_MS_MAX, StoresReadiness } from './readiness.js';

interface Case {
  readonly standing?: Partial<Standing>;
  readonly isStopping?: boolean;
  /** A log that was closed under the service answers nobody. */
  readonly isClosed?: boolean;
}

/** What `/health/ready` would say; a problem is thrown. */
async function answer({ standing, isStopping = false, isClosed = false }: Case): Promise<unknown> {
  return inFolder(async (folder) => {
    const wayledger = await Wayledger.open({ data: join(folder, 'data') });
    const given = { running: true, behindMs: 0, stopped: 0, parked: 0, ...standing };
    const readiness = new StoresReadiness({
      wayledger,
      projector: { standing: () => given },
      isStopping: () => isStopping,
    });
    if (isClosed) await wayledger.close();
    return new HealthController(readiness).ready().finally(() => wayledger.close());
  });
}

describe('readiness', () => {
  test.each<[string, Case, object]>([
    ['nothing is wrong', {}, { status: 'ok' }],
    ['the worker is a little behind', { standing: { behindMs: BEHIND_MS_MAX } }, { status: 'ok' }],
    // Others' books go on, and so does every command: it is shown, and the log says it loudly.
    ['a partition has stopped', { standing: { stopped: 1 } }, { status: 'ok', stopped: 1 }],
  ])('holds where %s', async (_, given, readModels) => {
    expect(await answer(given)).toMatchObject({ status: 'ready', checks: { readModels } });
  });

  test.each<[string, Case, object]>([
    ['the service stops', { isStopping: true }, { service: 'stopping' }],
    [
      'the worker is far behind',
      { standing: { behindMs: BEHIND_MS_MAX + 1 } },
      { readModels: { status: 'stale', behindMs: BEHIND_MS_MAX + 1 } },
    ],
    [
      'the worker has never caught up',
      { standing: { behindMs: null } },
      { readModels: { status: 'catching-up' } },
    ],
    [
      'the worker is gone',
      { standing: { running: false } },
      { readModels: { status: 'projector-down' } },
    ],
    ['the stores do not answer', { isClosed: true }, { log: 'unreachable', keys: 'unreadable' }],
  ])('is 503 where %s', async (_, given, checks) => {
    await expect(answer(given)).rejects.toMatchObject({
      ...{ name: 'ProblemRaised', status: 503 },
      ...{ refusals: [{ code: 'not-ready' }], more: { checks } },
    });
  });
});
