import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, Optional, Text, type ReferralId, Summary } from '#kernel';
import { close } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary('The end of the episode, once nothing in it is live.')
export class CloseReferral extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @Text() @Optional() reason?: string;
  @Text() @Optional() note?: string;
}

@CommandHandler(CloseReferral)
export class CloseReferralHandler implements ICommandHandler<CloseReferral> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: CloseReferral) {
    const { reason, note } = command;
    return this.referrals.decide(command, (state, moment) =>
      close(state, { reason, note }, moment),
    );
  }
}
