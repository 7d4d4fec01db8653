import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  GivenCommand,
  IdOf,
  Optional,
  Text,
  type OfferId,
  type ReferralId,
  Summary,
} from '#kernel';
import { refuseOffer } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary('The person does not want what was offered: allowed any number of times.')
export class RefuseOffer extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('offer') offer!: OfferId;
  @Text() @Optional() reason?: string;
}

@CommandHandler(RefuseOffer)
export class RefuseOfferHandler implements ICommandHandler<RefuseOffer> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: RefuseOffer) {
    const { offer, reason } = command;
    return this.referrals.decide(command, (state, moment) =>
      refuseOffer(state, { offer }, { reason }, moment),
    );
  }
}
