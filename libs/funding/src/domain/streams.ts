import {
  eventIdOf,
  slugStream,
  type CommandId,
  type EventId,
  type Slug,
  type StreamName,
} from '#kernel';

export const fundStream = (anchor: Slug, fund: Slug) => slugStream('fund', anchor, fund);
export const budgetStream = (anchor: Slug, fund: Slug, year: number) =>
  slugStream('budget', anchor, fund, String(year) as Slug);
export const agreementStream = (payer: Slug, agreement: Slug) =>
  slugStream('agreement', payer, agreement);
/** The closes of an anchor's books. */
export const booksStream = (anchor: Slug) => slugStream('books', anchor);

/**
 * The `FundsReserved` of a command, counted from 0 on each budget: a correction can need several. A
 * reservation belongs to its command and not to the prescription: two commands may race for one
 * prescription id, and only one of them gets it.
 */
export function reservationId(command: CommandId, budget: StreamName, index = 0): EventId {
  return eventIdOf(command, budget, index);
}
