import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  CommandRefused,
  GivenCommand,
  IdOf,
  OneOf,
  Optional,
  SlugOf,
  Whole,
  Year,
  deriveId,
  isRefusal,
  refuse,
  type OfferId,
  type PrescriptionId,
  type ReferralId,
  type Slug,
  Summary,
} from '#kernel';
import { Directory } from '#directory';
import { prescribe, type PrescriptionWanted } from '../domain/decide.js';
import { SUPPORT_LEVELS } from '../domain/words.js';
import type { ReferralState } from '../domain/state.js';
import type { Priced } from '../domain/terms.js';
import { Referrals } from './referrals.js';
import { RESERVATIONS, type Reservations } from './reservations.js';

@Summary(
  'The person takes up a service, in the place of another prescription where it continues one. A priced one names the agreement that prices it and the pot (of a fund and its year) that pays; a free one names none of the four.',
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
}

@CommandHandler(Prescribe)
export class PrescribeHandler implements ICommandHandler<Prescribe> {
  constructor(
    private readonly referrals: Referrals,
    private readonly directory: Directory,
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
    const answer = await this.referrals.decideReserved(command, (now, moment) =>
      prescribe(now, wanted, this.referrals.schemeOf, moment),
    );
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
