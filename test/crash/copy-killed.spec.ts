import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { randomId, streamOf } from '#kernel';
import { copyLog, type EventLog } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import { inFolder } from '../support/imported.js';
import { wayledger } from '../cli/testing/command-line.js';

const BIN = fileURLToPath(new URL('../../../bin/wayledger.js', import.meta.url));
/** Each in a stream of its own: as many appends, so that there is time to kill between two. */
const EVENTS = 6_000;
/** Killed once the copy has so many events. */
const KILLED_AT = [1, 700, 2_500];
const LOOK_EVERY_MS = 2;
const TIMEOUT_MS = 180_000;

async function fill(log: EventLog): Promise<void> {
  const append = (index: number) =>
    log.append(streamOf('probe', randomId()), 'none', [
      {
        id: randomId(),
        type: 'SomethingHappened',
        schemaVersion: 1,
        data: JSON.stringify({ index }),
        protected: '{}',
        metadata: '{}',
      },
    ]);
  await Promise.all(Array.from({ length: EVENTS }, (_, index) => append(index)));
}

/** Whether it was killed, and not through already. */
async function killedAt(target: EventLog, events: number, args: readonly string[]) {
  const copying = spawn(process.execPath, [BIN, ...args], { stdio: 'ignore' });
  const ended = once(copying, 'exit');
  while (copying.exitCode === null && (await target.head()) < events) await pause(LOOK_EVERY_MS);
  copying.kill('SIGKILL');
  const [, signal] = (await ended) as [number | null, string | null];
  return signal === 'SIGKILL';
}

test(
  'a copying that is killed again and again goes on each time, and ends with an equal log',
  () =>
    inFolder(async (folder) => {
      const from = join(folder, 'from.db');
      const to = join(folder, 'to.db');
      const source = await openSqliteEventLog({ path: from });
      const target = await openSqliteEventLog({ path: to });
      try {
        await fill(source);
        const args = ['copy-log', '--json', '--from', `sqlite:${from}`, '--to', `sqlite:${to}`];
        for (const events of KILLED_AT) expect(await killedAt(target, events, args)).toBe(true);
        const before = Number(await target.head());
        expect(before).toBeGreaterThanOrEqual(KILLED_AT.at(-1)!);
        const { status, stdout } = wayledger(...args);
        expect(status).toBe(0);
        const last = JSON.parse(stdout) as unknown;
        expect(last).toMatchObject({ copied: EVENTS - before, equal: true });
        expect(await copyLog(source, target)).toMatchObject({ copied: 0, equal: true });
      } finally {
        await source.close();
        await target.close();
      }
    }),
  TIMEOUT_MS,
);
