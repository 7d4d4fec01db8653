import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadAreas } from '#dist/apps/cli/src/loader.js';
import { Wayledger } from '#engine';
import { openSqliteEventLog } from '#event-log/sqlite';
import type { StoredEvent } from '#event-log';
import { simulateAreas } from '#simulation';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const CACHE = join(ROOT, 'bench', '.cache');
/** What decides which facts the handlers make of the simulated lines. */
const INPUTS = [
  'dist/libs/{kernel,people,directory,referral,funding,simulation}/src/**/*.js',
  'schemes/*.yaml',
];
const SAY_EVERY_LINES = 5_000;

/**
 * The folder of a log as `npm run scale` makes it: so many areas of SPRING, so many years, given
 * to the real handlers. Made once and kept until something changes that it follows from.
 */
export async function springLog(
  areas: number,
  years: number,
  say: (text: string) => void,
): Promise<string> {
  const of = `spring-${areas}x${years}-`;
  const folder = join(CACHE, `${of}${inputsHash()}`);
  if (existsSync(folder)) return folder;
  // Out of date, or never finished.
  for (const other of globSync(join(CACHE, `${of}*`))) rmSync(other, { recursive: true });
  mkdirSync(CACHE, { recursive: true });
  const making = `${folder}.${process.pid}`;
  const wayledger = await Wayledger.open({ data: making });
  try {
    const simulated = simulateAreas({ scenario: 'spring', areas, years, seed: 1 });
    const { refused, lines } = await loadAreas(wayledger, simulated, {
      namespace: 'bench',
      onProgress: ({ lines: done }) => {
        if (done % SAY_EVERY_LINES === 0) say(`building the log, once: ${done} commands`);
      },
    });
    say(`settling ${lines} commands, ${refused} refused`);
    await wayledger.settle();
  } catch (error) {
    await wayledger.close();
    rmSync(making, { recursive: true, force: true });
    throw error;
  }
  await wayledger.close();
  // Only what was finished is ever found under its name.
  for (const views of globSync(join(making, 'views.db*'))) rmSync(views);
  renameSync(making, folder);
  return folder;
}

function inputsHash(): string {
  const hash = createHash('sha256');
  for (const file of globSync(INPUTS, { cwd: ROOT }).sort()) {
    if (file.endsWith('.spec.js') || file.includes('/testing/')) continue;
    hash.update(file).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex').slice(0, 12);
}

/** The events of a folder's log in their order, or so many of the first. */
export async function* eventsOf(
  folder: string,
  first = Infinity,
): AsyncGenerator<StoredEvent, void, undefined> {
  const log = await openSqliteEventLog({ path: join(folder, 'log.db') });
  let left = first;
  try {
    for await (const page of log.readLog({ after: 0n, max: 1_000 })) {
      yield* page.slice(0, left);
      left -= page.length;
      if (left <= 0) break;
    }
  } finally {
    await log.close();
  }
}

/** All of them at once: for what is small. */
export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
