import {
  CommandRefused,
  deriveId,
  isRefusal,
  momentOf,
  refuse,
  type CommandAnswer,
  type CommandMeta,
  type Decision,
  type Moment,
  type ReferralId,
  type Refusal,
  type Slug,
  type StreamName,
} from '#kernel';

import type { Streams } from '#event-log';
import type { QuoteWanted, ReferralFact, Reservation, Reservations, Reserved } from '#referral';
import { quote, reserve } from '../domain/decide.js';
import type { FundingEvent, FundingEventOf, fundingEvents } from '../domain/events.js';
import {
  effectsAfter,
  guardEvent,
  guardEventId,
  reservationsOf,
  type Draw,
  type Move,
} from '../domain/guard.js';
import type { FundingState } from '../domain/state.js';
import { agreementStream, budgetStream } from '../domain/streams.js';

export type FundingStreams = Streams<typeof fundingEvents, FundingState>;

const REUSED = 'command-id-reused';

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

  async laterTerms(anchor: Slug, agreement: Slug, version: number) {
    const { state } = await this.streams.load(agreementStream(anchor, agreement));
    return state?.kind === 'agreement' ? state.versions.filter((v) => v.version > version) : [];
  }

  async reserve(
    meta: CommandMeta,
    referral: ReferralId,
    history: readonly ReferralFact[],
    toBeWritten: readonly ReferralFact[],
  ): Promise<readonly Reserved[]> {
    const wanted = effectsAfter(history, toBeWritten).flatMap(({ fact, effects }) =>
      reservationsOf(fact, effects.draws).map((reservation) => ({ ...reservation, fact })),
    );
    const budgets = [...new Set(wanted.map(({ stream }) => stream))].map((stream) => {
      const mine = wanted.filter((reservation) => reservation.stream === stream);
      return { stream, asked: mine.map((reservation) => askedFor(reservation, referral)) };
    });
    // All or nothing, as far as can be told before: what one budget lacks holds up no other.
    for (const { stream, asked } of budgets) {
      const { state, commands } = await this.load(stream);
      const answer = commands.has(meta.commandId) ? [] : reserve(state, asked);
      if (isRefusal(answer)) throw new CommandRefused([answer]);
    }
    for (const { stream, asked } of budgets) {
      await this.reserveOn(stream, meta, anchorOf(toBeWritten), asked);
    }
    return wanted.map(({ draw, because }) => {
      return { because, prescription: draw.prescription, reservation: reservationOf(draw) };
    });
  }

  private async reserveOn(
    stream: StreamName,
    meta: CommandMeta,
    anchor: Slug,
    wanted: readonly Asked[],
  ): Promise<void> {
    // The version that the command names is the referral's, not the budget's. What the command says
    // of a person has no place on a budget: only what is reserved counts as the same.
    const { ifVersion: _referrals, ...own } = meta;
    const canonical = JSON.stringify(wanted, (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    try {
      await this.decide({ ...own, canonical }, anchor, stream, (state) => reserve(state, wanted));
    } catch (error) {
      const isOther = error instanceof CommandRefused && error.refusals[0].code === REUSED;
      throw isOther ? new CommandRefused([otherAmountReserved()]) : error;
    }
  }

  async settle(history: readonly ReferralFact[], added: readonly ReferralFact[]): Promise<void> {
    for (const { fact, effects } of effectsAfter(history, added)) {
      for (const move of effects.moves) await this.tellBudget(move, fact.metadata);
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

type Asked = FundingEventOf<'FundsReserved'>['data'];

function askedFor(
  { draw, fact }: { readonly draw: Draw; readonly fact: ReferralFact },
  referral: ReferralId,
): Asked {
  const { prescription } = draw;
  const correction = fact.type === 'EntryCorrected' && { correction: fact.id };
  return { ...reservationOf(draw), prescription, referral, ...correction };
}

function anchorOf([fact]: readonly ReferralFact[]): Slug {
  return fact?.metadata.anchor as Slug; // A referral's facts all name the anchor it is with.
}

function reservationOf({ fund, year, pot, amount }: Draw): Reservation {
  return { fund, year, pot, amount };
}

/** The first attempt of this command was cut off, and what it would cost has changed since. */
function otherAmountReserved(): Refusal {
  return refuse(
    'changed-meanwhile',
    'This command was cut off once, and what it costs has changed since. What it had reserved is ' +
      'given back by itself: give the command again under a new id.',
    { field: 'id' },
  );
}
