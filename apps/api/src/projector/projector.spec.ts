import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Wayledger } from '#engine';
import { EXAMPLE } from '../../../../test/cli/testing/command-line.js';
import { inFolder } from '../../../../test/support/imported.js';
import { importFile } from '../../../cli/src/importer.js';
import { NotReached, PositionAhead } from '../freshness.js';
import { openLogger } from '../logging.js';
import { Projector } from './projector.js';

interface Scene {
  readonly wayledger: Wayledger;
  readonly projector: Projector;
  readonly log: () => string;
  /** Until the log says so. */
  said(words: string): Promise<void>;
}

/** An engine that writes, and beside it a worker that keeps its read models. */
async function withProjector(
  work: (scene: Scene) => Promise<void>,
  before: (data: string) => void = () => undefined,
): Promise<void> {
  await inFolder(async (folder) => {
    const data = join(folder, 'data');
    const wayledger = await Wayledger.open({ data });
    before(data);
    let log = '';
    let onLine: () => void = () => undefined;
    const write = (line: string) => {
      log += line;
      onLine();
    };
    const logger = openLogger('info', { write });
    const said = (words: string) =>
      new Promise<void>((resolve) => {
        onLine = () => {
          if (log.includes(words)) resolve();
        };
        onLine();
      });
    const environment = { WAYLEDGER_DATA: data };
    const projector = Projector.start({ log: wayledger.log, environment, logger });
    try {
      await work({ wayledger, projector, log: () => log, said });
    } finally {
      await projector.stop();
      await wayledger.close();
    }
  });
}

const importExample = (wayledger: Wayledger) =>
  importFile(wayledger, { file: EXAMPLE, asRecorded: true }, () => undefined);

describe('who waits for a position', () => {
  test('waits for read models that have it, whoever wrote it', async () => {
    await withProjector(async ({ wayledger, projector }) => {
      expect(await projector.reach()).toEqual({ position: 0n, head: 0n });
      await importExample(wayledger);
      const head = await wayledger.log.head();
      const { position } = await projector.reach(head);
      expect(position).toBeGreaterThanOrEqual(head);
      expect(await wayledger.runner.generations.reached('ledger')).toBeGreaterThanOrEqual(head);
      expect(projector.standing(head)).toEqual({
        ...{ running: true, behindMs: 0, stopped: 0, parked: 0 },
      });
    });
  });

  test('is told when the log has nothing there yet', async () => {
    await withProjector(async ({ projector }) => {
      await expect(projector.reach(1n)).rejects.toThrow(PositionAhead);
    });
  });

  test('is not kept waiting by a service that stops', async () => {
    await withProjector(async ({ wayledger, projector }) => {
      await projector.stop();
      await importExample(wayledger);
      const head = await wayledger.log.head();
      await expect(projector.reach(head)).rejects.toThrow(NotReached);
    });
  });
});

describe('a worker that fails', () => {
  test('is told of, started again, and goes on where it can', async () => {
    let views = '';
    const broken = (data: string) => {
      // Where the worker opens them, they are something else; the engine has its own open.
      views = join(data, 'views.db');
      for (const name of readdirSync(data))
        if (name.startsWith('views.db')) rmSync(join(data, name));
      mkdirSync(views);
    };
    await withProjector(async ({ projector, log, said }) => {
      await said('is started again');
      expect(projector.standing(0n)).toMatchObject({ running: false, behindMs: null });
      expect(log()).toContain('the projector failed');
      rmSync(views, { recursive: true });
      await said('the read models caught up');
      expect(await projector.reach()).toEqual({ position: 0n, head: 0n });
      expect(existsSync(views)).toBe(true);
      expect(projector.standing(0n)).toMatchObject({ running: true, behindMs: 0 });
    }, broken);
  });
});

describe('two that build the same read models', () => {
  test('come to what the log gives, page by page in whichever order', async () => {
    await withProjector(async ({ wayledger, projector }) => {
      const over = new AbortController();
      const importing = importExample(wayledger).finally(() => {
        over.abort();
      });
      // As closing a month does, again and again while the worker does it too.
      while (!over.signal.aborted) {
        await wayledger.catchUp();
        await turn();
      }
      await importing;
      await wayledger.settle();
      await projector.reach(await wayledger.log.head());
      const compared = await wayledger.runner.compareRebuilt();
      expect(compared.length).toBeGreaterThan(0);
      for (const each of compared) expect(each).toMatchObject({ equal: true });
    });
  });
});

/** Lets everything else go on. */
function turn(): Promise<unknown> {
  return new Promise((resolve) => setImmediate(resolve));
}
