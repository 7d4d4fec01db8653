import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartOf } from './chart.ts';
import type { Machine } from './machine.ts';
import type { Options } from './options.ts';
import type { Measured } from './row.ts';
import type { Verdict } from './targets.ts';

export interface RowResult {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  readonly figures: readonly Measured[];
  /** Why there are none. */
  readonly failed?: string;
}

/** One run, with all that its figures depend on. */
export interface Results {
  /** When it began. */
  readonly at: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly postgresSettings: Readonly<Record<string, string>>;
  readonly options: Options;
  readonly rows: readonly RowResult[];
  readonly verdicts: readonly Verdict[];
}

/** Leaves a run in a folder, as JSON and as a chart. Answers the two files. */
export async function keep(results: Results, folder: string): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  const { at, versions, options } = results;
  const name = [
    at.slice(0, 'YYYY-MM-DD'.length),
    versions['wayledger'],
    ...(options.quick ? ['quick'] : []),
    ...options.only,
  ].join('-');
  const [json, svg] = [join(folder, `${name}.json`), join(folder, `${name}.svg`)];
  writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(svg, await chartOf(results));
  return [json, svg];
}
