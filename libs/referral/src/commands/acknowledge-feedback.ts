import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, Summary, type ReferralId } from '#kernel';
import { acknowledgeFeedback } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary('The referrer heard: of the newest feedback that nobody acknowledged yet.')
export class AcknowledgeFeedback extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
}

@CommandHandler(AcknowledgeFeedback)
export class AcknowledgeFeedbackHandler implements ICommandHandler<AcknowledgeFeedback> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: AcknowledgeFeedback) {
    return this.referrals.decide(command, (state, moment) => acknowledgeFeedback(state, moment));
  }
}
