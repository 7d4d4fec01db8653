import {
  CommandRefused,
  momentOf,
  type Moment,
  refuse,
  streamOf,
  type CommandAnswer,
  type CommandMeta,
  type Decision,
  type PersonId,
  type ReferralId,
  type Slug,
} from '#kernel';
import type { CommandResult, Streams } from '#event-log';
import type { ReferralEvent, ReferralFact, referralEvents } from '../domain/events.js';
import type { SchemeOf, Schemes } from '../domain/scheme.js';
import type { ReferralState } from '../domain/state.js';
import type { Reservations } from './reservations.js';

export type ReferralStreams = Streams<typeof referralEvents, ReferralState>;
export type ReferralResult = CommandResult<typeof referralEvents, ReferralState>;

interface ReferralCommand {
  readonly meta: CommandMeta;
  readonly referral: ReferralId;
}

export const referralStream = (referral: ReferralId) => streamOf('referral', referral);

/** The way of every command on a referral: decide on its stream, then settle with the budgets. */
export class Referrals {
  constructor(
    private readonly streams: ReferralStreams,
    private readonly reservations: Reservations,
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
    return answerOf(result);
  }

  /** The scheme a referral is pinned to. @throws CommandRefused when its file is gone */
  readonly schemeOf: SchemeOf = ({ name, version }) =>
    this.schemes.version(name, version) ?? this.noScheme(name, ` version ${version}`);

  noScheme(name: Slug, version = ''): never {
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
}

export function answerOf(result: ReferralResult): ReferralAnswer {
  const { stream, version, position, added, unchanged } = result;
  return {
    stream,
    version,
    position,
    unchanged,
    events: added.map(({ id, type }) => ({ id, type })),
    facts: added,
  };
}
