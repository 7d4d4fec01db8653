import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  CommandRefused,
  Flag,
  GivenCommand,
  IdOf,
  OneOf,
  Optional,
  Part,
  SlugOf,
  Whole,
  Year,
  deriveId,
  isRefusal,
  refuse,
  type Moment,
  type OfferId,
  type PrescriptionId,
  type ReferralId,
  type Slug,
  Summary,
} from '#kernel';
import { Directory, Places } from '#directory';
import { prescribe, type Placing, type PrescriptionWanted } from '../domain/decide.js';
import { SUPPORT_LEVELS } from '../domain/words.js';
import type { ReferralState } from '../domain/state.js';
import type { Priced } from '../domain/terms.js';
import { Override } from './override.js';
import { Referrals } from './referrals.js';
import { RESERVATIONS, type Reservations } from './reservations.js';
import { decideWithPlace } from './taking-place.js';

@Summary(
  'The person takes up a service, in the place of another prescription where it continues one. A priced one names the agreement that prices it and the pot (of a fund and its year) that pays; a free one names none of the four. Where all declared places are taken it is refused, unless the person waits (`waitlist`) or the anchor says why it goes past them (`override`).',
)
export class Prescribe extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('prescription') @Optional() prescription?: PrescriptionId;
  @IdOf('offer') @Optional() offer?: OfferId;
  @IdOf('prescription') @Optional() continues?: PrescriptionId;
  @SlugOf('service') service!: Slug;
  @SlugOf('provider') provider!: Slug;
  @Whole(1) @Optional() plannedSessions?: number;
  @OneOf(SUPPORT_LEVELS) @Optional() levelOfSupport?: (typeof SUPPORT_LEVELS)[number];
  @SlugOf('agreement') @Optional() agreement?: Slug;
  @SlugOf('fund') @Optional() fund?: Slug;
  @Year() @Optional() year?: number;
  @SlugOf('pot') @Optional() pot?: Slug;
  @Flag() @Optional() waitlist?: boolean;
  @Part(() => Override) @Optional() override?: Override;
}

@CommandHandler(Prescribe)
export class PrescribeHandler implements ICommandHandler<Prescribe> {
  constructor(
    private readonly referrals: Referrals,
    private readonly directory: Directory,
    private readonly places: Places,
    @Inject(RESERVATIONS) private readonly reservations: Reservations,
  ) {}

  async execute(command: Prescribe) {
    const { meta, referral, service, provider } = command;
    const prescription = command.prescription ?? deriveId('prescription', meta.commandId);
    const directoryVersion = await this.directory.needService(provider, service);
    const { state } = await this.referrals.load(referral);
    const wanted: PrescriptionWanted = {
      prescription,
      offer: command.offer,
      continues: command.continues,
      plannedSessions: command.plannedSessions,
      levelOfSupport: command.levelOfSupport ?? 'supported-intervention',
      listed: { service, provider, directoryVersion },
      quote: await this.quote(command, state),
    };
    const { waitlist, override, continues } = command;
    const place = { provider, service, prescription, referral, waitlist, override, continues };
    const decide = (now: ReferralState, moment: Moment, placing?: Placing) =>
      prescribe(now, { ...wanted, placing }, this.referrals.schemeOf, moment);
    const answer = await decideWithPlace(this.referrals, this.places, meta, place, decide);
    // What is prescribed for a day before terms that are known already comes under those too.
    if (wanted.quote?.terms.priceBasis === 'at-delivery') {
      await this.referrals.followTerms(referral, prescription);
    }
    return answer;
  }

  private async quote(
    command: Prescribe,
    state: ReferralState,
  ): Promise<Omit<Priced, 'commitment'> | undefined> {
    const { agreement, fund, year, pot, service, provider, meta } = command;
    const money = { agreement, fund, year, pot };
    const missing = Object.entries(money).filter(([, value]) => value === undefined);
    if (missing.length === 4 || state === null) return undefined;
    if (agreement === undefined || fund === undefined || year === undefined || pot === undefined) {
      throw new CommandRefused([
        refuse(
          'money-incomplete',
          'A priced service needs agreement, fund, year and pot together (a free one none); ' +
            `missing: ${missing.map(([field]) => field).join(', ')}.`,
          { field: missing[0]?.[0] ?? 'agreement' },
        ),
      ]);
    }
    const { anchor } = state;
    const on = meta.occurredOn;
    const wanted = { anchor, provider, service, agreement, fund, year, pot, on };
    const quote = await this.reservations.quote(wanted);
    if (isRefusal(quote)) throw new CommandRefused([quote]);
    return quote;
  }
}
