import {
  deriveId,
  momentOf,
  type CivilDate,
  type CommandAnswer,
  type CommandMeta,
  type EventId,
  type Month,
  type Refusal,
  type Slug,
} from '#kernel';
import type { CommandResult, Streams } from '#event-log';
import type { ViewsDatabase } from '#projection';
import type { fundingEvents } from '../domain/events.js';
import { cutOff, mayNotClose, sign, type Books, type TrialBalance } from '../domain/periods.js';
import { booksStream } from '../domain/streams.js';
import { firstMonth, trialBalance } from '../queries/trial-balance.js';

/**
 * Brings the books up to the log. What is signed is read from them, and only whoever runs the
 * projections can see to it that nothing is missing: the application wires it in.
 */
export type CatchUp = () => Promise<unknown>;
export const CATCH_UP = Symbol('CatchUp');

export type BooksStreams = Streams<typeof fundingEvents, Books>;
type Written = CommandResult<typeof fundingEvents, Books>;

/**
 * Closes months, in two steps on one stream so that nothing slips in between: first the month is
 * cut off (what is learned of it from there on in the log is posted forward), then the books are
 * brought up to that and signed. Killed in between, the next close of that month does the rest.
 */
export class Closing {
  constructor(
    private readonly streams: BooksStreams,
    private readonly views: ViewsDatabase,
    private readonly catchUp: CatchUp,
  ) {}

  /** @throws CommandRefused */
  async close(meta: CommandMeta, anchor: Slug, month: Month): Promise<CommandAnswer> {
    const stream = booksStream(anchor);
    await this.catchUp();
    const first = await firstMonth(this.views, anchor);
    const begun = await this.streams.execute({
      stream,
      meta,
      decide: (books) => cutOff(books, { anchor, month, first }, momentOf(meta)),
      anchor: () => anchor,
    });
    const { cutOff: pending } = begun.state;
    if (pending === undefined) return answerOf(begun);
    await this.catchUp();
    const signed = await this.sign(meta, anchor, pending);
    const added = [...begun.added, ...signed.added];
    const unchanged = begun.unchanged && signed.unchanged;
    return answerOf({ ...signed, added, unchanged });
  }

  /** What a close would sign, and what speaks against it. */
  async preview(
    meta: CommandMeta,
    anchor: Slug,
    month: Month,
  ): Promise<TrialBalance & { readonly refusal: Refusal | null }> {
    await this.catchUp();
    const { state } = await this.streams.load(booksStream(anchor));
    const closing = { anchor, month, first: await firstMonth(this.views, anchor) };
    const signed = await trialBalance(this.views, anchor, month);
    return { ...signed, refusal: mayNotClose(state, closing, momentOf(meta)) };
  }

  /** The day on which a month was closed; `null` where it was not. */
  async closedOn(anchor: Slug, month: Month): Promise<CivilDate | null> {
    const { state } = await this.streams.load(booksStream(anchor));
    return state.closed.find((each) => each.month === month)?.on ?? null;
  }

  private async sign(
    meta: CommandMeta,
    anchor: Slug,
    { month, event }: NonNullable<Books['cutOff']>,
  ): Promise<Written> {
    const signed = await trialBalance(this.views, anchor, month);
    return this.streams.execute({
      stream: booksStream(anchor),
      meta,
      decide: () => [sign(month, signed, meta.actor.id)],
      anchor: () => anchor,
      causation: event,
      // Whoever else may be finishing this close signs under the same id, and only once.
      idOf: () => closedId(event),
    });
  }
}

function closedId(cutOffEvent: EventId): EventId {
  return deriveId<'event'>('period-closed', cutOffEvent);
}

function answerOf({ stream, version, position, unchanged, added }: Written): CommandAnswer {
  const events = added.map(({ id, type }) => ({ id, type }));
  return { stream, version, position, unchanged, events };
}
