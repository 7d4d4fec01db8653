import type { Actor, CivilDate, Instant, Slug } from '#kernel';

/** A line of a command file, as people would have written it. */
export interface SimulatedLine {
  readonly id: string;
  readonly command: string;
  readonly at: CivilDate;
  readonly recordedAt: Instant;
  readonly actor: Actor;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * One anchor's area: its lines in the order in which they were recorded. Areas have nothing in
 * common, so they can be given side by side; names are unique across all of them.
 */
export interface SimulatedArea {
  readonly anchor: Slug;
  lines(): Iterable<SimulatedLine>;
}

export const SCENARIOS = ['spring', 'highland'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export interface SimulationOptions {
  readonly scenario: Scenario;
  readonly areas: number;
  readonly years: number;
  /** The same seed gives the same lines. */
  readonly seed: number;
}
