import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Check } from '#audit';
import { startService, tokenIn, type ServiceProcess } from '../api/testing/service-process.js';
import { inFolder } from '../support/imported.js';
import { give, type Acknowledged, type Place } from './testing/clients.js';
import { SETUP, referralLines, type Line } from './testing/commands.js';
import { eventsIn, lostOf, wayledgerJson } from './testing/imports.js';
import { chosenSeed, randomFrom, type Random } from './testing/random.js';

const HASTY = fileURLToPath(new URL('./testing/hasty-service.js', import.meta.url));

/** How the service meets its end in each round. */
const ROUNDS = [
  ...(['SIGKILL', 'starting', 'SIGKILL', 'SIGTERM'] as const),
  ...(['SIGKILL', 'SIGTERM', 'SIGKILL'] as const),
];
const WRITERS = 4;
const REFERRALS = 10;
const STARTING_MS_MAX = 1_000;
const MOMENT_MS_MAX = 10;
/** A dozen processes, one after the other on cores that others may be using. */
const TIMEOUT_MS = 180_000;

/** A service that is ended and started again on one folder, at another port each time. */
class Restarted implements Place {
  private service: ServiceProcess;
  private made: string | undefined;
  private readonly going = new AbortController();
  readonly gone = this.going.signal;

  constructor(
    private readonly data: string,
    private readonly script?: string,
  ) {
    this.service = this.start();
  }

  /** Of the one that runs; waits for one that does. */
  async url(): Promise<string> {
    while (!this.gone.aborted) {
      try {
        const url = await this.service.url;
        this.made ??= tokenIn(this.service);
        return url;
      } catch {
        await delay(MOMENT_MS_MAX); // It was ended while it started.
      }
    }
    throw new Error('The service is gone.');
  }

  readonly token = () => this.made ?? '';

  async end(signal: 'SIGKILL' | 'SIGTERM') {
    this.service.signal(signal);
    return this.service.ended;
  }

  async close(): Promise<void> {
    this.going.abort();
    await this.end('SIGKILL');
  }

  again(): void {
    this.service = this.start();
  }

  /** Lines of its log that tell of what should not have been. */
  complaints(): unknown[] {
    return this.service.lines().filter(({ level }) => level === 'error' || level === 'fatal');
  }

  private start(): ServiceProcess {
    return startService(this.data, this.script === undefined ? {} : { script: this.script });
  }
}

/** Each gives its lines in their order, and notes what it was answered. */
class Writers {
  readonly acknowledged: Acknowledged[] = [];
  private onAnswer: () => void = () => undefined;

  constructor(
    private readonly place: Place,
    private readonly files: readonly (readonly Line[])[],
  ) {}

  async write(): Promise<void> {
    await Promise.all(
      this.files.map(async (lines, index) => {
        for (const line of lines) {
          const answer = await give(this.place, nameOf(index), line);
          this.acknowledged.push({ line, answer });
          this.onAnswer();
        }
      }),
    );
    this.onAnswer();
  }

  /** Until so many more were answered, or all. */
  async until(more: number): Promise<void> {
    const total = this.files.flat().length;
    const enough = Math.min(this.acknowledged.length + more, total);
    await new Promise<void>((resolve) => {
      this.onAnswer = () => {
        if (this.acknowledged.length >= enough) resolve();
      };
      this.onAnswer();
    });
  }

  eventIds(): string[] {
    return this.acknowledged.flatMap(({ answer }) => answer.events.map(({ id }) => id));
  }
}

const nameOf = (index: number) => `writer-${index}`;

async function setUp(service: Restarted): Promise<void> {
  await service.url();
  for (const line of SETUP) await give(service, 'setup', line);
}

describe('a service that is killed and ended while several write', () => {
  test(
    'loses nothing that it answered, and doubles nothing',
    async () => {
      const seed = chosenSeed();
      const random = randomFrom(seed);
      await inFolder(async (folder) => {
        const data = join(folder, 'data');
        const service = new Restarted(data);
        try {
          await setUp(service);
          const files = Array.from({ length: WRITERS }, () => referralLines(random, REFERRALS));
          const writers = new Writers(service, files);
          const writing = writers.write();
          await endInRounds(service, writers, random, files.flat().length);
          await writing;
          await givenAgain(service, files, writers.acknowledged);
          expect(service.complaints()).toEqual([]);
          expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
          expect(writers.acknowledged).toHaveLength(files.flat().length);
          expect(await lostOf(writers.eventIds(), data)).toEqual([]);
          const ids = (await eventsIn(data)).map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          const { ok, checks } = wayledgerJson('verify', '--data', data) as {
            ok: boolean;
            checks: Check[];
          };
          expect(checks.filter((check) => !check.ok)).toEqual([]);
          expect(ok).toBe(true);
          process.stderr.write(
            `crash: ${ROUNDS.length} ends of the service, ${writers.acknowledged.length} ` +
              `commands acknowledged, ${ids.length} events (seed ${seed})\n`,
          );
        } catch (error) {
          process.stderr.write(`crash: failed with WAYLEDGER_TEST_SEED=${seed}\n`);
          throw error;
        } finally {
          await service.close();
        }
      });
    },
    TIMEOUT_MS,
  );

  test(
    'is caught when it answers before it commits',
    async () => {
      await inFolder(async (folder) => {
        const data = join(folder, 'data');
        const service = new Restarted(data, HASTY);
        try {
          await setUp(service);
          const writers = new Writers(service, [referralLines(randomFrom(1), 10)]);
          const writing = writers.write();
          await writers.until(40);
          await service.close();
          await expect(writing).rejects.toThrow('gone');
          expect(writers.eventIds().length).toBeGreaterThanOrEqual(40);
          expect(await lostOf(writers.eventIds(), data)).not.toEqual([]);
        } finally {
          await service.close();
        }
      });
    },
    TIMEOUT_MS,
  );
});

async function endInRounds(
  service: Restarted,
  writers: Writers,
  random: Random,
  lines: number,
): Promise<void> {
  const share = Math.ceil(lines / (ROUNDS.length + 1));
  for (const round of ROUNDS) {
    if (round === 'starting') await delay(random.below(STARTING_MS_MAX));
    else {
      await writers.until(1 + random.below(share));
      await delay(random.below(MOMENT_MS_MAX));
    }
    const ended = await service.end(round === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL');
    if (round === 'SIGTERM') expect(ended).toEqual({ code: 0, signal: null });
    service.again();
  }
}

/** The same keys again: the same answers, and nothing is written. */
async function givenAgain(
  service: Restarted,
  files: readonly (readonly Line[])[],
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  const first = new Map(acknowledged.map(({ line, answer }) => [line, answer]));
  for (const [index, lines] of files.entries()) {
    for (const line of lines) {
      const { stream, events } = first.get(line)!;
      const again = await give(service, nameOf(index), line);
      expect(again).toMatchObject({ stream, events, unchanged: true });
    }
  }
}
