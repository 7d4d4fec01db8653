import {
  accepted,
  assigned,
  attended,
  closed,
  completed,
  declined,
  firstContact,
  prescribed,
  pricedOf,
  received,
  BY_OUTCOME,
  BY_SESSION,
} from './cast.js';
import { on } from './given.js';

/** Where the stories begin, each a day or two after the one before. */
export const RECEIVED = on('2026-04-01', received());
export const ACCEPTED = [...RECEIVED, ...on('2026-04-02', accepted(), assigned())];
export const IN_CONTACT = [...ACCEPTED, ...on('2026-04-08', firstContact('2026-05-08'))];
/** A free service: gardening. */
export const PRESCRIBED = [...IN_CONTACT, ...on('2026-04-10', prescribed())];
/** The same over four sessions at 28.50 each. */
export const PRICED = [
  ...IN_CONTACT,
  ...on('2026-04-10', prescribed({ plannedSessions: 4, priced: pricedOf(BY_SESSION, 4) })),
];
/** One session held, and seen through. */
export const COMPLETED = [
  ...PRESCRIBED,
  ...on('2026-04-17', attended('s1', 1)),
  ...on('2026-05-20', completed()),
];
export const CLOSED = [...COMPLETED, ...on('2026-05-25', closed())];
export const PAID_BY_OUTCOME = [
  ...IN_CONTACT,
  ...on('2026-04-10', prescribed({ plannedSessions: 4, priced: pricedOf(BY_OUTCOME, 4) })),
];
export const DECLINED = [...RECEIVED, ...on('2026-04-03', declined('person'))];
