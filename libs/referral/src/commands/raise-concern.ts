import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, OneOf, Optional, Summary, Text, type ReferralId } from '#kernel';
import { raiseConcern } from '../domain/decide.js';
import { CONCERN_SOURCES } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('A safeguarding concern; at any time, after the end of the referral too.')
export class RaiseConcern extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @OneOf(CONCERN_SOURCES, 'who or what it came from; left out: the link worker')
  @Optional()
  source?: (typeof CONCERN_SOURCES)[number];
  @Text("a code of the scheme's list, where it has one; or no-reason-given")
  @Optional()
  code?: string;
  @Text() @Optional() note?: string;
}

@CommandHandler(RaiseConcern)
export class RaiseConcernHandler implements ICommandHandler<RaiseConcern> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: RaiseConcern) {
    const { source = 'link-worker', code, note } = command;
    return this.referrals.decide(command, (state, moment) =>
      raiseConcern(state, { source }, { code, note }, this.referrals.schemeOf, moment),
    );
  }
}
