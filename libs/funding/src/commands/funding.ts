import {
  momentOf,
  type Moment,
  deriveId,
  type CommandAnswer,
  type CommandMeta,
  type Decision,
  type EventId,
  type PrescriptionId,
  type ReferralId,
  type Slug,
  type StreamName,
} from '#kernel';

import type { Streams } from '#event-log';
import type { QuoteWanted, ReferralFact, Reservation, Reservations } from '#referral';
import { quote, reserve } from '../domain/decide.js';
import type { FundingEvent, fundingEvents } from '../domain/events.js';
import { guardEvent, guardEventId, movesAfter, type Move } from '../domain/guard.js';
import { noMoney } from '../domain/prescription-money.js';
import type { FundingState } from '../domain/state.js';
import { agreementStream, budgetStream, reservationId } from '../domain/streams.js';

export type FundingStreams = Streams<typeof fundingEvents, FundingState>;

/** The way of every command on money, and what the referral slice needs of it. */
export class Funding implements Reservations {
  constructor(private readonly streams: FundingStreams) {}

  load(stream: StreamName) {
    return this.streams.load(stream);
  }

  async decide(
    meta: CommandMeta,
    anchor: Slug,
    stream: StreamName,
    decide: (state: FundingState, moment: Moment) => Decision<FundingEvent>,
  ): Promise<CommandAnswer> {
    const { version, position, added, unchanged } = await this.streams.execute({
      stream,
      meta,
      decide: (state) => decide(state, momentOf(meta)),
      anchor: () => anchor,
    });
    const events = added.map(({ id, type }) => ({ id, type }));
    return { stream, version, position, unchanged, events };
  }

  async quote(wanted: QuoteWanted) {
    const { anchor, agreement, fund, year, pot, provider, service, on } = wanted;
    const signed = await this.streams.load(agreementStream(anchor, agreement));
    const budget = await this.streams.load(budgetStream(anchor, fund, year));
    const names = { agreement, budget: `${fund} ${year}` };
    return quote(signed.state, budget.state, { provider, service, pot, on, names });
  }

  async reserve(
    meta: CommandMeta,
    anchor: Slug,
    prescription: PrescriptionId,
    referral: ReferralId,
    reservation: Reservation,
  ): Promise<EventId> {
    const stream = budgetStream(anchor, reservation.fund, reservation.year);
    // The version that the command names is the referral's, not the budget's.
    const { ifVersion: _referrals, ...own } = meta;
    await this.decide(own, anchor, stream, (state) =>
      reserve(state, prescription, referral, reservation),
    );
    return reservationId(meta.commandId, stream);
  }

  async settle(history: readonly ReferralFact[], added: readonly ReferralFact[]): Promise<void> {
    const last = added.at(-1);
    if (last === undefined) return;
    for (const move of movesAfter(history, added, noMoney)) {
      await this.tellBudget(move, last.metadata);
    }
  }

  /** Does nothing where the budget heard of the move before; answers whether it is news. */
  async tellBudget(
    move: Move,
    {
      correlationId,
      actor,
      occurredOn,
      recordedAt,
    }: Pick<CommandMeta, 'correlationId' | 'actor' | 'occurredOn' | 'recordedAt'>,
  ): Promise<boolean> {
    const { because, prescription, anchor } = move;
    const commandId = deriveId<'command'>('settle', because, prescription);
    const canonical = JSON.stringify({ settle: because, prescription });
    const { unchanged } = await this.streams.execute({
      stream: budgetStream(anchor, move.fund, move.year),
      meta: { commandId, correlationId, actor, occurredOn, recordedAt, canonical },
      decide: () => [guardEvent(move)],
      anchor: () => anchor,
      causation: because,
      idOf: () => guardEventId(because, prescription),
    });
    return !unchanged;
  }
}
