import type { Actor } from '#kernel';
import type { DayNumber } from './days.js';

/** What is to be written down, when it is known who says it and of which day. */
export interface Told {
  readonly id: string;
  readonly command: string;
  readonly on: DayNumber;
  readonly actor: Actor;
  readonly data: Readonly<Record<string, unknown>>;
}
