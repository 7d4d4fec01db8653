import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pence, Slug } from '#kernel';
import { BalancesQuery, EntriesQuery } from '#funding';
import { journal } from '#interop';
import { importFile, type ImportSummary, type LineResult } from '../../apps/cli/src/importer.js';
import { type LogAddress, Wayledger } from '#engine';

/** A data folder of its own, gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'wayledger-test-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Imported {
  readonly summary: ImportSummary;
  readonly results: readonly LineResult[];
  readonly wayledger: Wayledger;
}

/** The engine on a new folder, after a file of commands with its own recorded times. */
export function afterImport<T>(
  file: string,
  work: (imported: Imported) => Promise<T>,
  log?: LogAddress,
): Promise<T> {
  return inFolder(async (folder) => {
    const wayledger = await Wayledger.open({ data: join(folder, 'data'), ...(log && { log }) });
    try {
      const results: LineResult[] = [];
      const options = { file, asRecorded: true, names: true };
      const summary = await importFile(wayledger, options, (result) => {
        results.push(result);
      });
      await wayledger.settle();
      return await work({ summary, results, wayledger });
    } finally {
      await wayledger.close();
    }
  });
}

export async function booksOf(wayledger: Wayledger, anchor: Slug): Promise<Map<string, Pence>> {
  const balances = await wayledger.query(new BalancesQuery(anchor));
  return new Map(balances.map(({ account, balance }) => [account, balance]));
}

export async function journalOf(wayledger: Wayledger, anchor: Slug): Promise<string> {
  const accounts = await wayledger.query(new BalancesQuery(anchor));
  const entries = await wayledger.query(new EntriesQuery(anchor));
  return [...journal(anchor, accounts, entries)].join('');
}
