import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Day,
  GivenCommand,
  IdOf,
  InstantField,
  OneOf,
  Optional,
  Part,
  SlugOf,
  Text,
  Texts,
  Whole,
  deriveId,
  parseInstant,
  present,
  type CivilDate,
  type Instant,
  type PersonId,
  type ReferralId,
  type Slug,
  Summary,
} from '#kernel';
import { Directory } from '#directory';
import { ChiNumber, NhsNumber } from '#people';
import { refer } from '../domain/decide.js';
import { AGE_MAX, REFERRAL_KINDS, ROUTES } from '../domain/words.js';
import { Referrals } from './referrals.js';

export class PrefilledFrom {
  @SlugOf('system') system!: Slug;
  @InstantField() at!: Instant;
}

@Summary(
  'A person is referred: the least is the route, and who it is where the scheme needs to know.',
)
export class Refer extends GivenCommand {
  @IdOf('referral') @Optional() referral?: ReferralId;
  @IdOf('person') @Optional() person?: PersonId;
  @SlugOf('anchor') anchor!: Slug;
  @SlugOf('area') @Optional() area?: Slug;
  @SlugOf('scheme') scheme!: Slug;
  @OneOf(REFERRAL_KINDS, 'where the scheme tells kinds apart; the only one goes without saying')
  @Optional()
  kind?: (typeof REFERRAL_KINDS)[number];
  @OneOf(ROUTES) route!: (typeof ROUTES)[number];
  @SlugOf('organisation') @Optional() referrer?: Slug;
  @Part(() => PrefilledFrom) @Optional() prefilledFrom?: PrefilledFrom;
  @Whole(0, 'years', AGE_MAX) @Optional() ageAtReferral?: number;
  @Text() @Optional() name?: string;
  @Text('telephone, e-mail or address') @Optional() contact?: string;
  @Day() @Optional() dateOfBirth?: CivilDate;
  @NhsNumber() @Optional() nhsNumber?: string;
  @ChiNumber() @Optional() chiNumber?: string;
  @Texts() @Optional() needs?: string[];
  @Text() @Optional() reason?: string;
}

@CommandHandler(Refer)
export class ReferHandler implements ICommandHandler<Refer> {
  constructor(
    private readonly referrals: Referrals,
    private readonly directory: Directory,
  ) {}

  async execute(command: Refer) {
    const { meta, anchor, area = anchor, kind, route, referrer } = command;
    const { ageAtReferral, prefilledFrom } = command;
    // A retry derives the same ids, so that it meets the first attempt.
    const referral = command.referral ?? deriveId<'referral'>('referral', meta.commandId);
    const person = command.person ?? deriveId<'person'>('person', meta.commandId);
    await this.directory.needAnchor(anchor);
    const scheme = this.referrals.schemeInForce(command.scheme, meta.occurredOn);
    const prefilled = prefilledFrom && {
      system: prefilledFrom.system,
      at: present(parseInstant(prefilledFrom.at), 'the instant was checked'),
    };
    const data = {
      ...{ person, anchor, area, kind, route, referrer, ageAtReferral },
      prefilledFrom: prefilled,
    };
    const { name, contact, dateOfBirth, nhsNumber, chiNumber, needs, reason } = command;
    const protectedData = { name, contact, dateOfBirth, nhsNumber, chiNumber, needs, reason };
    return this.referrals.decide(
      { meta, referral },
      (state, moment) => refer(state, data, protectedData, scheme, moment),
      person,
    );
  }
}
