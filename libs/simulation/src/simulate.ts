import { epochMs, lastDayOf, type CivilDate, type Month } from '#kernel';
import { Agenda } from './agenda.js';
import { planOf } from './area-plan.js';
import { Area } from './area.js';
import { noteArrivals } from './arrivals.js';
import { FIRST_YEAR, MINUTES_PER_DAY, dayNumberOf } from './days.js';
import { noteCloses, noteDirectory, noteYears } from './finance.js';
import { AREAS_MAX, PARAMETERS, SEED_MAX, YEARS_MAX } from './parameters.js';
import { Draws } from './random.js';
import type { SimulatedArea, SimulatedLine, SimulationOptions } from './simulated-line.js';

/** Something that cannot be simulated; the message names the limit. */
export class SimulationRefused extends Error {
  override readonly name = 'SimulationRefused';
}

/** The last day of a simulation of so many years: nothing is recorded after it. */
export function endDayOf({ years }: Pick<SimulationOptions, 'years'>): CivilDate {
  return lastDayOf(`${FIRST_YEAR + years}-03` as Month);
}

/**
 * Areas of invented people under an invented anchor each, from 1 April 2025 on. The same seed
 * gives the same lines; one more area, or one more year, changes nothing in what was there before.
 * Lines are made when they are asked for.
 * @throws SimulationRefused where a number is beyond its limit
 */
export function simulateAreas(options: SimulationOptions): readonly SimulatedArea[] {
  needWhole('areas', options.areas, 1, AREAS_MAX);
  needWhole('years', options.years, 1, YEARS_MAX);
  needWhole('seed', options.seed, 0, SEED_MAX);
  const parameters = PARAMETERS[options.scenario];
  const until = (dayNumberOf(endDayOf(options)) + 1) * MINUTES_PER_DAY - 1;
  const draws = Draws.from(options.seed);
  return Array.from({ length: options.areas }, (_, index) => {
    const seed = draws.seed();
    const open = () => {
      const own = Draws.from(seed);
      return new Area(planOf(index, parameters, own), parameters, own, index);
    };
    return { anchor: open().anchor, lines: () => linesOf(open(), until) };
  });
}

function linesOf(area: Area, until: number): Iterable<SimulatedLine> {
  noteDirectory(area);
  noteYears(area);
  noteCloses(area);
  noteArrivals(area);
  return area.lines(until);
}

/** All areas in one: in the order in which the lines were recorded. */
export function* simulate(options: SimulationOptions): Generator<SimulatedLine> {
  const next = new Agenda<{ line: SimulatedLine; rest: Iterator<SimulatedLine> }>();
  const ask = (rest: Iterator<SimulatedLine>) => {
    const asked = rest.next();
    if (asked.done === true) return;
    next.add(epochMs(asked.value.recordedAt), { line: asked.value, rest });
  };
  for (const area of simulateAreas(options)) ask(area.lines()[Symbol.iterator]());
  for (;;) {
    const first = next.next(Infinity);
    if (first === undefined) return;
    yield first.line;
    ask(first.rest);
  }
}

function needWhole(what: string, given: number, from: number, to: number): void {
  if (Number.isInteger(given) && given >= from && given <= to) return;
  throw new SimulationRefused(`${what} must be a whole number from ${from} to ${to}.`);
}
