import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, Optional, Text, type ReferralId, Summary } from '#kernel';
import { reopen } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary('A closed or declined referral goes on where it ended: the person comes back.')
export class ReopenReferral extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @Text() @Optional() reason?: string;
  @Text() @Optional() note?: string;
}

@CommandHandler(ReopenReferral)
export class ReopenReferralHandler implements ICommandHandler<ReopenReferral> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: ReopenReferral) {
    const { reason, note } = command;
    return this.referrals.decide(command, (state, moment) =>
      reopen(state, { reason, note }, moment),
    );
  }
}
