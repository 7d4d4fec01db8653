import {
  CommandRefused,
  deriveId,
  isRefusal,
  momentOf,
  type Moment,
  refuse,
  streamOf,
  type CommandAnswer,
  type CivilDate,
  type CommandMeta,
  type Decision,
  type EventId,
  type PersonId,
  type PrescriptionId,
  type ReferralId,
  type Slug,
} from '#kernel';
import type { Places } from '#directory';
import type { CommandResult, Streams } from '#event-log';
import { followedBy, reprice } from '../domain/decide.js';
import type { ReferralEvent, ReferralFact, referralEvents } from '../domain/events.js';
import { placesMovedBy } from '../domain/places.js';
import type { Scheme, SchemeOf, Schemes } from '../domain/scheme.js';
import type { ReferralState } from '../domain/state.js';
import {
  changedMeanwhile,
  correctionAmong,
  dependsOnHistory,
  factsToBe,
  unlessGivenUp,
} from './reserved-decision.js';
import type { Reservations, Reserved } from './reservations.js';
import { abandonPrescription } from '../domain/decide-prescription.js';
import { repricingMeta } from './following-terms.js';

export type ReferralStreams = Streams<typeof referralEvents, ReferralState>;
export type ReferralResult = CommandResult<typeof referralEvents, ReferralState>;

interface ReferralCommand {
  readonly meta: CommandMeta;
  readonly referral: ReferralId;
}

export const referralStream = (referral: ReferralId) => streamOf('referral', referral);

/** The way of every command on a referral: decide on its stream, then tell budgets and places. */
export class Referrals {
  constructor(
    private readonly streams: ReferralStreams,
    private readonly reservations: Reservations,
    private readonly places: Places,
    readonly schemes: Schemes,
  ) {}

  load(referral: ReferralId) {
    return this.streams.load(referralStream(referral));
  }

  async decide(
    { meta, referral }: ReferralCommand,
    decide: (state: ReferralState, moment: Moment) => Decision<ReferralEvent>,
    newPerson?: PersonId,
  ): Promise<ReferralAnswer> {
    const result = await this.streams.execute({
      stream: referralStream(referral),
      meta,
      decide: (state) => decide(state, momentOf(meta)),
      anchor: (state) => state?.anchor,
      person: (state) => newPerson ?? state?.person,
      decidedUnder: (state) => (state === null ? undefined : { scheme: state.scheme }),
    });
    await this.reservations.settle(result.history, result.added);
    await this.tellPlaces(referral, result);
    return answerOf(result);
  }

  /** A fact is not refused for capacity: what it takes it takes, what it ends is free. */
  private async tellPlaces(referral: ReferralId, result: ReferralResult): Promise<void> {
    const last = result.added.at(-1);
    const anchor = result.state?.anchor;
    if (last === undefined || anchor === undefined) return;
    for (const move of await this.movesToTell(referral, result)) {
      await this.places.tell({ ...move, referral }, anchor, last.metadata);
    }
  }

  /**
   * Of a command that was given before, only what is still the last word about a prescription: a
   * place that it took and that somebody has left since is not taken again.
   */
  private async movesToTell(referral: ReferralId, result: ReferralResult) {
    const moves = placesMovedBy(result.history, result.added);
    if (!result.unchanged || moves.length === 0) return moves;
    const { facts } = await this.load(referral);
    const lastWords = placesMovedBy([], facts);
    return moves.filter(({ prescription, because }) =>
      lastWords.some((last) => last.prescription === prescription && last.because === because),
    );
  }

  /**
   * As `decide`, for what may need money: that is reserved before anything is written. Two streams
   * are never written at once, so whatever comes in between, the referral says first that nothing
   * will follow a reservation, and only then is it given back.
   */
  async decideReserved(
    { meta, referral }: ReferralCommand,
    decide: (state: ReferralState, moment: Moment) => Decision<ReferralEvent>,
  ): Promise<ReferralAnswer> {
    const loaded = await this.load(referral);
    const { state, facts } = loaded;
    // Nothing is reserved for what was answered before, or was decided on another version.
    const isStale = meta.ifVersion !== undefined && meta.ifVersion !== loaded.version;
    if (state === null || isStale || loaded.commands.has(meta.commandId)) {
      return this.decide({ meta, referral }, decide);
    }
    const decision = decide(state, momentOf(meta));
    if (isRefusal(decision)) throw new CommandRefused([decision]);
    const toBeWritten = factsToBe(meta, referralStream(referral), state.anchor, decision);
    const reserved = await this.reservations.reserve(meta, referral, facts, toBeWritten);
    if (reserved.length === 0) return this.decide({ meta, referral }, decide);
    // What a correction draws depends on all that was recorded before it.
    const ifVersion =
      decision.some(dependsOnHistory) && loaded.version !== 'none'
        ? loaded.version
        : meta.ifVersion;
    try {
      return await this.decide(
        { meta: { ...meta, ...(ifVersion !== undefined && { ifVersion }) }, referral },
        (now, moment) => unlessGivenUp(decide(now, moment), now, reserved),
      );
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      await this.giveBack({ meta, referral }, reserved, correctionAmong(toBeWritten));
      const changed = meta.ifVersion === undefined && error.refusals[0].code === 'version-changed';
      throw changed ? new CommandRefused([changedMeanwhile()]) : error;
    }
  }

  private async giveBack(
    { meta, referral }: ReferralCommand,
    reserved: readonly Reserved[],
    correction: EventId | undefined,
  ): Promise<void> {
    for (const { prescription, reservation, because } of reserved) {
      const commandId = deriveId<'command'>('abandon', because);
      const { ifVersion: _, ...own } = meta;
      await this.decide({ meta: { ...own, commandId }, referral }, (state) =>
        abandonPrescription(state, { prescription, reservation, because }, correction),
      );
    }
  }

  /**
   * Every later version of an agreement that prices at delivery reaches a live prescription, once,
   * whoever sees to it and how often. Answers how many had not been given yet.
   */
  async followTerms(referral: ReferralId, prescription: PrescriptionId): Promise<number> {
    const { state, facts } = await this.load(referral);
    const known = followedBy(state, prescription);
    if (state === null || known === null) return 0;
    const { anchor } = state;
    const later = await this.reservations.laterTerms(anchor, known.agreement, known.version);
    let given = 0;
    for (const terms of later) {
      const { version, because } = terms;
      const meta = repricingMeta(terms, prescription, anchor, known, facts.at(-1));
      const data = { prescription, agreement: known.agreement, version, from: meta.occurredOn };
      const { unchanged } = await this.decide({ meta, referral }, (now) =>
        reprice(now, { ...data, terms: terms.terms, because }),
      );
      if (!unchanged) given += 1;
    }
    return given;
  }

  /** The scheme a referral is pinned to, or that of a day. @throws CommandRefused if it is gone */
  readonly schemeOf: SchemeOf = ({ name, version }, on) =>
    on === undefined
      ? (this.schemes.version(name, version) ?? this.noScheme(name, ` version ${version}`))
      : this.schemeInForce(name, on);

  /** @throws CommandRefused where there is no such scheme, or it begins later */
  schemeInForce(name: Slug, on: CivilDate): Scheme {
    const found = this.schemes.inForce(name, on);
    if (found !== undefined) return found;
    const from = this.schemes.beginsOn(name);
    if (from === undefined) return this.noScheme(name);
    throw new CommandRefused([
      refuse('before-the-scheme', `Scheme ${name} begins on ${from}; ${on} is before that.`, {
        field: 'scheme',
        data: { on, from },
      }),
    ]);
  }

  private noScheme(name: Slug, version = ''): never {
    throw new CommandRefused([
      refuse(
        'no-such-scheme',
        `There is no scheme ${name}${version}; there are: ${this.schemes.names().join(', ')}.`,
        { field: 'scheme' },
      ),
    ]);
  }
}

export interface ReferralAnswer extends CommandAnswer {
  readonly facts: readonly ReferralFact[];
  readonly state: ReferralState;
}

export function answerOf(result: ReferralResult): ReferralAnswer {
  const { stream, version, position, added, unchanged, state } = result;
  return {
    state,
    stream,
    version,
    position,
    unchanged,
    events: added.map(({ id, type }) => ({ id, type })),
    facts: added,
  };
}
