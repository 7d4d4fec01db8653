import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { present, type Slug } from '#kernel';
import { Wayledger } from '#engine';
import { BalancesQuery } from '#funding';
import { CaseloadQuery } from '#referral';
import { endDayOf, simulateAreas, type Scenario, type SimulatedLine } from '#simulation';
import { importFile, type ImportSummary, type LineResult } from '../../apps/cli/src/importer.js';
import { runChecks } from '../../apps/cli/src/commands/verify.js';
import { inFolder } from '../support/imported.js';

const YEAR = { areas: 2, years: 1, seed: 1 } as const;

/** The smaller of two areas of Highland, and one of SPRING: their names have nothing in common. */
const AREAS: readonly (readonly [Scenario, number])[] = [
  ['spring', 0],
  ['highland', 1],
];

interface Given {
  readonly lines: readonly SimulatedLine[];
  readonly summary: ImportSummary;
  readonly refused: readonly LineResult[];
  readonly waiting: readonly string[];
}

function giveYear(
  wayledger: Wayledger,
  folder: string,
  [scenario, index]: (typeof AREAS)[number],
): Promise<Given> {
  const area = present(simulateAreas({ ...YEAR, scenario })[index], 'the area is there');
  return give(wayledger, join(folder, `${scenario}.ndjson`), [...area.lines()]);
}

async function give(
  wayledger: Wayledger,
  file: string,
  lines: readonly SimulatedLine[],
): Promise<Given> {
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const refused: LineResult[] = [];
  const waiting: string[] = [];
  const summary = await importFile(wayledger, { file, asRecorded: true }, (result) => {
    if (result.status === 'refused') refused.push(result);
    else if (result.events.some(({ type }) => type === 'PlaceWaitlisted')) waiting.push(result.id);
  });
  return { lines, summary, refused, waiting };
}

describe('a simulated year through the engine', () => {
  test('nothing is refused, every check holds, and at the end there is work to do', async () => {
    await inFolder(async (folder) => {
      const wayledger = await Wayledger.open({ data: join(folder, 'data') });
      try {
        const years = await Promise.all(AREAS.map((area) => giveYear(wayledger, folder, area)));
        for (const { lines, summary, refused, waiting } of years) {
          expect(refused).toEqual([]);
          expect(summary).toMatchObject({ accepted: lines.length, unchanged: 0 });
          // Who was said to wait for a place does, and nobody else.
          const meant = lines.filter(({ data }) => data['waitlist'] === true);
          expect(waiting).toEqual(meant.map(({ id }) => id));
        }
        await wayledger.settle();
        await thereIsWork(wayledger, years);
        const checks = await runChecks(wayledger, () => Promise.resolve());
        expect(checks.filter(({ ok }) => !ok)).toEqual([]);
        expect(checks.length).toBeGreaterThan(15);
        // The control: a person who is referred twice is refused, and seen to be.
        const again = { ...present(firstReferral(years), 'somebody is referred'), id: 'again' };
        const twice = await give(wayledger, join(folder, 'spring.ndjson'), [again]);
        expect(twice.summary).toMatchObject({ refused: 1 });
      } finally {
        await wayledger.close();
      }
    });
  }, 300_000);
});

function firstReferral(years: readonly Given[]): SimulatedLine | undefined {
  return years[0]?.lines.find(({ command }) => command === 'Refer');
}

async function thereIsWork(wayledger: Wayledger, years: readonly Given[]): Promise<void> {
  const today = endDayOf(YEAR);
  for (const { lines } of years) {
    const anchor = present(lines[0], 'there are lines').actor.organisation;
    const { items } = await wayledger.query(new CaseloadQuery(`${anchor}-lw-1` as Slug, today));
    expect(items.length).toBeGreaterThan(3);
    const balances = await wayledger.query(new BalancesQuery(anchor));
    const of = (part: string) =>
      balances
        .filter(({ account }) => account.includes(part))
        .reduce((sum, { balance }) => sum + balance, 0n);
    // Debts are negative, and so is what is set aside.
    expect(of(':accrued:')).toBeLessThan(-100_00n);
    expect(of(':committed:')).toBeLessThan(-100_00n);
  }
}
