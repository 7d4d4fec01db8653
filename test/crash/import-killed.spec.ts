import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Check } from '#audit';
import { projections } from '#engine';
import { Generations, openSqliteViews } from '#projection';
import { inFolder } from '../support/imported.js';
import { SETUP, referralLines, type Line } from './testing/commands.js';
import {
  acknowledgedIn,
  eventsIn,
  lostOf,
  startImport,
  wayledgerJson,
  type Import,
  type Summary,
} from './testing/imports.js';
import { chosenSeed, randomFrom, type Random } from './testing/random.js';

/** How a killed import meets its end. */
type Ending = 'starting' | 'writing' | 'settling';
/** Both processes are killed in each of these rounds. */
const ROUNDS: readonly Ending[] = [
  ...(['writing', 'starting', 'writing', 'writing'] as const),
  ...(['writing', 'settling', 'settling'] as const),
];
const KILLS_MIN = 12;
/** Twenty processes, one after the other on each of two cores that others may be using. */
const TIMEOUT_MS = 180_000;
const REFERRALS = 32;
const STARTING_MS_MAX = 700;
const MOMENT_MS_MAX = 10;
const SETTLING_MS_MAX = 80;

interface Folder {
  readonly data: string;
  file(name: string, lines: readonly Line[]): string;
}

function inDataFolder(work: (folder: Folder) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    const data = join(folder, 'data');
    mkdirSync(data);
    await work({
      data,
      file(name, lines) {
        const path = join(folder, name);
        writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
        return path;
      },
    });
  });
}

/** Kills it somewhere on the way; whether it was still running then. */
async function killAt(
  ending: Ending,
  run: Import,
  random: Random,
  lines: number,
  share: number,
): Promise<boolean> {
  if (ending === 'starting') await delay(random.below(STARTING_MS_MAX));
  else {
    const fresh = 1 + random.below(Math.ceil(share * 1.6));
    const accepted = () => run.answers.filter(({ status }) => status === 'accepted').length;
    const allSaid = () => run.answers.length >= lines;
    await run.until(ending === 'settling' ? allSaid : () => accepted() >= fresh);
    await delay(random.below(ending === 'settling' ? SETTLING_MS_MAX : MOMENT_MS_MAX));
  }
  run.kill();
  return (await run.ended).signal === 'SIGKILL';
}

/** Two imports side by side, killed and started again until both are through. */
class TwoImports {
  readonly acknowledged = new Set<string>();
  kills = 0;

  constructor(
    private readonly data: string,
    private readonly files: readonly { readonly path: string; readonly lines: number }[],
    private readonly random: Random,
  ) {}

  async killedIn(ending: Ending, share: number): Promise<void> {
    const runs = this.files.map(({ path }) => startImport(path, this.data));
    const killed = await Promise.all(
      runs.map((run, index) => killAt(ending, run, this.random, this.files[index]!.lines, share)),
    );
    this.kills += killed.filter(Boolean).length;
    this.hear(runs);
  }

  async throughTo(): Promise<Summary[]> {
    const runs = this.files.map(({ path }) => startImport(path, this.data));
    for (const run of runs) expect(await run.ended).toEqual({ code: 0, signal: null });
    this.hear(runs);
    return runs.map((run) => run.summary!);
  }

  private hear(runs: readonly Import[]): void {
    for (const run of runs) {
      expect(run.complaints()).toBe('');
      expect(run.answers.filter(({ status }) => status === 'refused')).toEqual([]);
      for (const id of acknowledgedIn(run.answers)) this.acknowledged.add(id);
    }
  }
}

describe('an import that is killed', () => {
  test(
    'and another beside it lose nothing that they answered, and double nothing',
    async () => {
      const seed = chosenSeed();
      const random = randomFrom(seed);
      await inDataFolder(async ({ data, file }) => {
        try {
          const setup = startImport(file('setup.ndjson', SETUP), data);
          expect(await setup.ended).toMatchObject({ code: 0 });
          const files = ['a', 'b'].map((name) => {
            const lines = referralLines(random, REFERRALS);
            return { path: file(`${name}.ndjson`, lines), lines: lines.length };
          });
          const imports = new TwoImports(data, files, random);
          const share = Math.min(...files.map(({ lines }) => lines)) / ROUNDS.length;
          for (const ending of ROUNDS) {
            await imports.killedIn(ending, share);
            expect(await lostOf(imports.acknowledged, data)).toEqual([]);
          }
          expect(imports.kills).toBeGreaterThanOrEqual(KILLS_MIN);
          await imports.throughTo();
          const again = await imports.throughTo();
          expect(again).toMatchObject(
            files.map(({ lines }) => ({ lines, unchanged: lines, accepted: 0, refused: 0 })),
          );
          expect(await lostOf(imports.acknowledged, data)).toEqual([]);
          const ids = (await eventsIn(data)).map(({ id }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          const { ok, checks } = wayledgerJson('verify', '--data', data) as {
            ok: boolean;
            checks: Check[];
          };
          expect(checks.filter((check) => !check.ok)).toEqual([]);
          expect(ok).toBe(true);
          const commands = files.reduce((sum, { lines }) => sum + lines, 0);
          process.stderr.write(
            `crash: ${imports.kills} kills, ${commands} commands acknowledged, ` +
              `${ids.length} events, ${checks.length} checks hold (seed ${seed})\n`,
          );
        } catch (error) {
          process.stderr.write(`crash: failed with WAYLEDGER_TEST_SEED=${seed}\n`);
          throw error;
        }
      });
    },
    TIMEOUT_MS,
  );

  test('is caught when it answers before it commits', async () => {
    await inDataFolder(async ({ data, file }) => {
      await startImport(file('setup.ndjson', SETUP), data).ended;
      const path = file('a.ndjson', referralLines(randomFrom(1), 10));
      const run = startImport(path, data, { importer: 'hasty' });
      await run.until(() => run.answers.length >= 40);
      run.kill();
      expect(await run.ended).toMatchObject({ signal: 'SIGKILL' });
      expect(run.complaints()).toBe('');
      const acknowledged = acknowledgedIn(run.answers);
      expect(acknowledged.length).toBeGreaterThanOrEqual(40);
      expect(await lostOf(acknowledged, data)).not.toEqual([]);
    });
  });
});

describe('an import that is killed between the log and the read models', () => {
  test('is healed by whatever reads next', async () => {
    await inDataFolder(async ({ data, file }) => {
      await startImport(file('setup.ndjson', SETUP), data).ended;
      const lines = referralLines(randomFrom(2), 200).filter(({ command }) =>
        ['Refer', 'AcceptReferral', 'AssignLinkWorker'].includes(String(command)),
      );
      // The read models come last: after so few of so many lines they have heard of none.
      const run = startImport(file('a.ndjson', lines), data);
      await run.until(() => run.answers.length >= 60);
      run.kill();
      await run.ended;
      expect(run.summary).toBeUndefined();
      const events = await eventsIn(data);
      expect(events.length).toBeGreaterThanOrEqual(SETUP.length + 60);
      expect(await checkpointIn(data)).toBe(BigInt(SETUP.length));

      const assigned = events.filter(({ type }) => type === 'LinkWorkerAssigned').length;
      const caseload = wayledgerJson('caseload', '--link-worker', 'lw-a', '--data', data) as {
        items: { name: string }[];
      };
      expect(caseload.items).toHaveLength(assigned);
      for (const { name } of caseload.items) expect(name).toMatch(/^Person of r\d+$/u);
      expect(await checkpointIn(data)).toBe(events.at(-1)?.position);
      expect(wayledgerJson('verify', '--data', data)).toMatchObject({ ok: true });
    });
  });
});

/** How far the read models are that serve. */
async function checkpointIn(data: string): Promise<bigint | undefined> {
  const views = await openSqliteViews(join(data, 'views.db'));
  try {
    const generations = new Generations(views);
    const all = await generations.serving(projections);
    return all.map(({ position }) => position).sort((a, b) => (a < b ? -1 : 1))[0];
  } finally {
    await views.close();
  }
}
