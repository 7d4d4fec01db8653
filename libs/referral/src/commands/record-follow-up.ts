import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Flag,
  GivenCommand,
  IdOf,
  OneOf,
  Optional,
  SlugOf,
  Text,
  Whole,
  type ReferralId,
  type Slug,
  Summary,
} from '#kernel';
import { followUp } from '../domain/decide.js';
import { CONTACT_MODES } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('A later contact that asks how things are; allowed after closure.')
export class RecordFollowUp extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @SlugOf('follow-up window') window!: Slug;
  @Flag() reached!: boolean;
  @OneOf(CONTACT_MODES) mode!: (typeof CONTACT_MODES)[number];
  @Whole(0, 'minutes') minutes!: number;
  @Text() @Optional() note?: string;
}

@CommandHandler(RecordFollowUp)
export class RecordFollowUpHandler implements ICommandHandler<RecordFollowUp> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: RecordFollowUp) {
    const { window, reached, mode, minutes, note } = command;
    const data = { window, reached, mode, minutes };
    return this.referrals.decide(command, (state, moment) =>
      followUp(state, data, { note }, this.referrals.schemeOf, moment),
    );
  }
}
