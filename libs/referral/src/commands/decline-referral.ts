import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, OneOf, Optional, Text, type ReferralId, Summary } from '#kernel';
import { decline } from '../domain/decide.js';
import { DECIDERS } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('The person, the anchor or the provider says no, with or without a reason.')
export class DeclineReferral extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @OneOf(DECIDERS) by!: (typeof DECIDERS)[number];
  @Text() @Optional() reason?: string;
}

@CommandHandler(DeclineReferral)
export class DeclineReferralHandler implements ICommandHandler<DeclineReferral> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: DeclineReferral) {
    const { by, reason } = command;
    return this.referrals.decide(command, (state, moment) =>
      decline(state, { by }, { reason }, moment),
    );
  }
}
