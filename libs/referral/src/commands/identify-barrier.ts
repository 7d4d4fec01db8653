import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, Optional, Summary, Text, type ReferralId } from '#kernel';
import { identifyBarrier } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary("What stands in the person's way, before it makes them stop.")
export class IdentifyBarrier extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @Text("a code of the scheme's list, where it has one; or no-reason-given")
  @Optional()
  code?: string;
  @Text() @Optional() note?: string;
}

@CommandHandler(IdentifyBarrier)
export class IdentifyBarrierHandler implements ICommandHandler<IdentifyBarrier> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: IdentifyBarrier) {
    const { code, note } = command;
    return this.referrals.decide(command, (state, moment) =>
      identifyBarrier(state, { code, note }, this.referrals.schemeOf, moment),
    );
  }
}
