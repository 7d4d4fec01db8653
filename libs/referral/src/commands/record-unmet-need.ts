import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, Optional, Summary, Text, type ReferralId } from '#kernel';
import { recordUnmetNeed } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary('What was needed and not to be had: intelligence for who pays, held against nobody.')
export class RecordUnmetNeed extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @Text("a code of the scheme's list, where it has one; or no-reason-given")
  @Optional()
  code?: string;
  @Text() @Optional() note?: string;
}

@CommandHandler(RecordUnmetNeed)
export class RecordUnmetNeedHandler implements ICommandHandler<RecordUnmetNeed> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: RecordUnmetNeed) {
    const { code, note } = command;
    return this.referrals.decide(command, (state, moment) =>
      recordUnmetNeed(state, { code, note }, this.referrals.schemeOf, moment),
    );
  }
}
