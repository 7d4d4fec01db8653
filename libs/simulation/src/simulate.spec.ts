import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayOf, isSlug, present } from '#kernel';
import { isNhsNumber } from '#people';
import { AREAS_MAX, SEED_MAX, YEARS_MAX } from './parameters.js';
import { PEOPLE_PER_AREA_MAX, syntheticNhsNumber } from './people.js';
import { endDayOf, simulate, simulateAreas, SimulationRefused } from './simulate.js';
import { SCENARIOS, type SimulatedLine, type SimulationOptions } from './simulated-line.js';

const YEAR: SimulationOptions = { scenario: 'spring', areas: 3, years: 1, seed: 1 };
const text = (lines: Iterable<SimulatedLine>) => [...lines].map((line) => JSON.stringify(line));
const area = (options: SimulationOptions, index: number) =>
  text(present(simulateAreas(options)[index], 'the area is there').lines());

describe('the same seed', () => {
  test.each(SCENARIOS)('gives the same lines, byte for byte: %s', (scenario) => {
    const options = { ...YEAR, scenario };
    const once = text(simulate(options));
    expect(once.length).toBeGreaterThan(5_000);
    expect(text(simulate(options))).toEqual(once);
  });

  test('another one gives others', () => {
    expect(area({ ...YEAR, seed: 2 }, 0)).not.toEqual(area(YEAR, 0));
  });

  test('an area can be gone through twice, and beside another', () => {
    const [first, second] = simulateAreas(YEAR);
    const [one, other] = [present(first, 'one'), present(second, 'other')];
    const alone = text(one.lines());
    const [ours, theirs] = [one.lines()[Symbol.iterator](), other.lines()[Symbol.iterator]()];
    const mixed: string[] = [];
    for (let next = ours.next(); next.done !== true; next = ours.next()) {
      mixed.push(JSON.stringify(next.value));
      theirs.next();
    }
    expect(mixed).toEqual(alone);
  });

  test('more areas change nothing in those before', () => {
    expect(area({ ...YEAR, areas: 5 }, 0)).toEqual(area(YEAR, 0));
    expect(area({ ...YEAR, areas: 5 }, 2)).toEqual(area(YEAR, 2));
  });

  test('one more year begins with the same first one', () => {
    const first = area(YEAR, 1);
    const longer = area({ ...YEAR, years: 2 }, 1);
    expect(longer.length).toBeGreaterThan(first.length);
    expect(longer.slice(0, first.length)).toEqual(first);
  });
});

describe('whatever the seed', () => {
  const anyOptions = fc.record({
    scenario: fc.constantFrom(...SCENARIOS),
    areas: fc.integer({ min: 1, max: 2 }),
    years: fc.constant(1),
    seed: fc.integer({ min: 0, max: SEED_MAX }),
  });

  test('time runs forwards, ids are there once, and what has ended has ended', () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const end = endDayOf(options);
        const seen = new Set<string>();
        const cases = new Map<unknown, Told>();
        let last = '';
        for (const line of simulate(options)) {
          const { at, recordedAt } = line;
          const day = dayOf(recordedAt);
          const again = namesIn(line).filter((name) => seen.has(name));
          for (const name of namesIn(line)) seen.add(name);
          const outOfTime = recordedAt < last || at > day || day > end;
          const wrong = outOfTime || again.length > 0 || isTooLate(cases, line);
          // An expectation for each of so many lines would take a minute.
          if (wrong) expect({ line, last, again }).toBeNull();
          last = recordedAt;
        }
        expect(seen.size).toBeGreaterThan(1_000);
      }),
      { numRuns: 8 },
    );
  });
});

/** What must be there once in all areas. */
function namesIn({ id, command, data }: SimulatedLine): string[] {
  const named: Readonly<Record<string, readonly string[]>> = {
    RegisterOrganisation: ['organisation'],
    Refer: ['person', 'nhsNumber'],
    Prescribe: ['prescription'],
  };
  const fields = (named[command] ?? []).filter((field) => data[field] !== undefined);
  return [`line ${id}`, ...fields.map((field) => `${field} ${String(data[field])}`)];
}

interface Told {
  live: Set<unknown>;
  ended: boolean;
}
const ENDS = ['CompletePrescription', 'CancelPrescription', 'DeclinePrescription'];
const NEEDS_OPEN = ['Prescribe', 'PlanContact', 'AssignLinkWorker', 'OfferPlace', 'Offer'];

/** Whether something is told of a referral or prescription that had ended before. */
function isTooLate(cases: Map<unknown, Told>, { command, data }: SimulatedLine): boolean {
  const { referral, prescription } = data;
  const told = cases.get(referral) ?? { live: new Set(), ended: false };
  cases.set(referral, told);
  const isEnd = ENDS.includes(command) || (command === 'RecordDropOut' && prescription);
  if (command === 'Prescribe') told.live.add(prescription);
  if (command === 'ReopenReferral') told.ended = false;
  if (isEnd) return !told.live.delete(prescription);
  if (command === 'RecordDropOut') told.live.clear();
  if (NEEDS_OPEN.includes(command)) return told.ended;
  if (command !== 'CloseReferral' && command !== 'DeclineReferral') return false;
  const wasEnded = told.ended;
  told.ended = true;
  return wasEnded || told.live.size > 0;
}

describe('at the end', () => {
  const lines = [...simulate(YEAR)];
  const ofReferrals = (command: string) =>
    new Set(lines.filter((line) => line.command === command).map(({ data }) => data['referral']));

  test('it is the last day of March of the last year', () => {
    expect(endDayOf({ years: 1 })).toBe('2026-03-31');
    expect(endDayOf({ years: 3 })).toBe('2028-03-31');
    expect(lines.at(-1)?.at).toBe('2026-03-31');
  });

  test('people wait, are supported, and are done', () => {
    const closed = ofReferrals('CloseReferral');
    const declined = ofReferrals('DeclineReferral');
    const met = ofReferrals('RecordContact');
    const open = [...ofReferrals('Refer')].filter((one) => !closed.has(one) && !declined.has(one));
    expect(open.filter((one) => !met.has(one)).length).toBeGreaterThan(5);
    expect(open.filter((one) => met.has(one)).length).toBeGreaterThan(50);
    expect(closed.size).toBeGreaterThan(50);
  });

  test('every month that was over long enough is closed', () => {
    const closes = lines.filter(({ command }) => command === 'ClosePeriod');
    const [anchor] = closes.map(({ data }) => data['anchor']);
    const months = closes.filter(({ data }) => data['anchor'] === anchor);
    expect(months).toHaveLength(11);
    expect(months.at(-1)?.data['month']).toBe('2026-02');
  });
});

describe('the people', () => {
  const referred = [...simulate(YEAR)].filter(({ command }) => command === 'Refer');

  test('carry numbers that were never issued, or none', () => {
    const numbers = referred.flatMap(({ data }) => data['nhsNumber'] ?? []).map(String);
    expect(numbers.length).toBeGreaterThan(referred.length * 0.8);
    for (const number of numbers) {
      expect(number.startsWith('999')).toBe(true);
      expect(isNhsNumber(number)).toBe(true);
    }
  });

  test('of all areas that there may be have numbers of their own', () => {
    const numbers = new Set<string>();
    let given = 0;
    // A step that is no divisor of the range goes through people of every area.
    for (let index = 0; index < AREAS_MAX * PEOPLE_PER_AREA_MAX; index += 7) {
      const number = syntheticNhsNumber(index);
      if (number === null) continue;
      given += 1;
      numbers.add(number);
    }
    expect(numbers.size).toBe(given);
  });

  test('are as old as they say', () => {
    for (const { at, data } of referred) {
      const [born, age] = [String(data['dateOfBirth']), Number(data['ageAtReferral'])];
      const birthday = born.slice(5) <= at.slice(5) ? 0 : 1;
      expect(Number(at.slice(0, 4)) - Number(born.slice(0, 4)) - birthday).toBe(age);
    }
  });
});

describe('what cannot be', () => {
  test.each([
    [{ areas: 0 }, 'areas must be a whole number from 1 to 100.'],
    [{ areas: AREAS_MAX + 1 }, 'areas must be a whole number from 1 to 100.'],
    [{ years: 1.5 }, 'years must be a whole number from 1 to 10.'],
    [{ years: YEARS_MAX + 1 }, 'years must be a whole number from 1 to 10.'],
    [{ seed: -1 }, 'seed must be a whole number from 0 to 2147483647.'],
  ])('%j is refused with its limit', (wrong, message) => {
    const asked = () => simulateAreas({ ...YEAR, ...wrong });
    expect(asked).toThrow(SimulationRefused);
    expect(asked).toThrow(message);
  });

  test('a hundred anchors have a hundred names, each a slug', () => {
    for (const scenario of SCENARIOS) {
      const anchors = simulateAreas({ ...YEAR, scenario, areas: AREAS_MAX }).map((a) => a.anchor);
      expect(new Set(anchors).size).toBe(AREAS_MAX);
      expect(anchors.every(isSlug)).toBe(true);
    }
  });
});
