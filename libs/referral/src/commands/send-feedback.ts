import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, Optional, SlugOf, Summary, type ReferralId, type Slug } from '#kernel';
import { sendFeedback, untold } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary(
  'The referrer was told what became of the person: everything since the last feedback but refusals and concerns.',
)
export class SendFeedback extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @SlugOf('organisation; left out: the referrer') @Optional() to?: Slug;
}

@CommandHandler(SendFeedback)
export class SendFeedbackHandler implements ICommandHandler<SendFeedback> {
  constructor(private readonly referrals: Referrals) {}

  async execute(command: SendFeedback) {
    const { referral, to } = command;
    // What is recorded in between is left for the next feedback, not lost.
    const { facts } = await this.referrals.load(referral);
    const covers = untold(facts);
    return this.referrals.decide(command, (state, moment) =>
      sendFeedback(state, { to, covers }, moment),
    );
  }
}
