import type { Options } from './options.ts';
import type { Databases } from './postgres-server.ts';

export type Unit = 'events/s' | 'commands/s' | 'entries/s' | 'ms' | 's' | 'MB' | 'µs/event';

/** One figure, the median of its samples where there are several. */
export interface Measured {
  /** What targets and charts find it by: `append/postgres/64`. */
  readonly id: string;
  /** For people. */
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  readonly samples?: readonly number[];
  readonly note?: string;
}

export interface Context {
  readonly options: Options;
  readonly postgres: Databases;
  /** A new folder on the disk that is measured; gone at the end. */
  readonly folder: () => string;
  /** What is being done now. */
  readonly say: (text: string) => void;
}

/** A group of figures that belong together, taken interleaved. */
export interface Row {
  readonly name: string;
  readonly title: string;
  run(context: Context): Promise<readonly Measured[]>;
}
