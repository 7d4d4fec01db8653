import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Slug } from '#kernel';
import { verify, type Check } from '#audit';
import { Wayledger } from '#engine';
import { BalancesQuery, PostedEntriesQuery } from '#funding';
import { journal } from '#interop';
import { simulateAreas, type SimulationOptions } from '#simulation';
import { loadAreas, type LoadProgress, type LoadSummary } from '../../../apps/cli/src/loader.js';
import { hasHledger, hledgerBalances, hledgerCheck } from '../../support/hledger.js';

/** A step that is over, and how long it took. */
export type OnStep = (step: string, seconds: number) => void;

export interface WholeRun {
  readonly loaded: LoadSummary;
  /** In the log, with what budgets, places and books added. */
  readonly events: number;
  readonly checks: readonly Check[];
  /** Where hledger gives another balance than the books, or no verdict; none without hledger. */
  readonly journalFindings: readonly string[];
}

/** Everything in one go, in one process: invented areas loaded, settled, verified and exported. */
export async function wholeRun(
  folder: string,
  options: SimulationOptions,
  onStep: OnStep = () => undefined,
  onProgress: (progress: LoadProgress) => void = () => undefined,
): Promise<WholeRun> {
  const timed = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work();
    onStep(step, (performance.now() - started) / 1_000);
    return result;
  };
  const wayledger = await Wayledger.open({ data: join(folder, 'data') });
  try {
    const areas = simulateAreas(options);
    const loaded = await timed('load', () =>
      loadAreas(wayledger, areas, { namespace: 'scale', onProgress }),
    );
    await timed('settle', () => wayledger.settle());
    const checks = await timed('verify', () => allOf(verify(wayledger)));
    let events = 0;
    for await (const page of wayledger.log.readLog({ after: 0n, max: 500 })) events += page.length;
    const journalFindings: string[] = [];
    await timed('export', async () => {
      for (const { anchor } of areas) {
        const file = join(folder, `${anchor}.journal`);
        await exportTo(file, wayledger, anchor);
        if (hasHledger()) journalFindings.push(...(await againstHledger(file, wayledger, anchor)));
      }
    });
    return { loaded, events, checks, journalFindings };
  } finally {
    await wayledger.close();
  }
}

async function exportTo(file: string, wayledger: Wayledger, anchor: Slug): Promise<void> {
  const entries = await wayledger.query(new PostedEntriesQuery(anchor));
  const accounts = await wayledger.query(new BalancesQuery(anchor));
  await pipeline(Readable.from(journal(anchor, accounts, entries)), createWriteStream(file));
}

async function againstHledger(
  file: string,
  wayledger: Wayledger,
  anchor: Slug,
): Promise<readonly string[]> {
  hledgerCheck(file);
  const theirs = hledgerBalances(file);
  const ours = await wayledger.query(new BalancesQuery(anchor));
  const differ = ours.filter(({ account, balance }) => theirs.get(account) !== balance);
  const findings = differ.map(({ account }) => `${account} is another for hledger`);
  if (theirs.size !== ours.length)
    findings.push(`hledger has ${theirs.size} accounts of ${anchor}`);
  return findings;
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
