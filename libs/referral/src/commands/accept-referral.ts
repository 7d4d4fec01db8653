import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, OneOf, Optional, Text, type ReferralId, Summary } from '#kernel';
import { accept } from '../domain/decide.js';
import { DECIDERS } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('The person, the anchor or the provider says yes: three different facts.')
export class AcceptReferral extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @OneOf(DECIDERS) by!: (typeof DECIDERS)[number];
  @Text() @Optional() reason?: string;
}

@CommandHandler(AcceptReferral)
export class AcceptReferralHandler implements ICommandHandler<AcceptReferral> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: AcceptReferral) {
    const { by, reason } = command;
    return this.referrals.decide(command, (state, moment) =>
      accept(state, { by }, { reason }, this.referrals.schemeOf, moment),
    );
  }
}
