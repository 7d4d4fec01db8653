import { readFileSync } from 'node:fs';
import type { CivilDate, Instant, Slug } from '#kernel';
import type { SimulatedArea, SimulatedLine, SimulationOptions } from '#simulation';

const YEAR = new URL('../../../../../apps/cli/demo/north-year.ndjson', import.meta.url);

/** Stands in until there is a simulation. */
export function simulateAreas(_: SimulationOptions): readonly SimulatedArea[] {
  const lines = readFileSync(YEAR, 'utf8').trim().split('\n');
  const read = lines.map((line) => {
    const told = JSON.parse(line) as SimulatedLine;
    return { ...told, recordedAt: `${told.recordedAt.slice(0, 10)}T00:00:00Z` as Instant };
  });
  return [{ anchor: 'north' as Slug, lines: () => read }];
}

export const simulationEnd = (_: SimulationOptions) => '2026-03-31' as CivilDate;
