import { dayOf, type CivilDate } from './dates.js';
import type { Actor, CommandMeta } from './decider.js';
import { refuse, type Refusal } from './errors.js';

/** When and by whom a command was given: everything a decision knows of the world around it. */
export interface Moment {
  /** The day it happened. */
  readonly on: CivilDate;
  /** The day on which the log learns of it. */
  readonly today: CivilDate;
  readonly actor: Actor;
}

export function momentOf(meta: CommandMeta): Moment {
  return { on: meta.occurredOn, today: dayOf(meta.recordedAt), actor: meta.actor };
}

/** Nothing happens after the day on which the log learns of it. */
export function inTheFuture({ on, today }: Moment): Refusal | null {
  if (on <= today) return null;
  return refuse('in-the-future', `${on} is after the day it was recorded, ${today}.`, {
    field: 'at',
    data: { at: on, today },
  });
}
