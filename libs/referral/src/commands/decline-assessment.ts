import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  GivenCommand,
  IdOf,
  OneOf,
  Optional,
  SlugOf,
  Summary,
  Text,
  type ReferralId,
  type Slug,
} from '#kernel';
import { declineAssessment } from '../domain/decide.js';
import { ASSESSMENT_PURPOSES } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('The person would rather not be scored: an answer, and never asked for twice.')
export class DeclineAssessment extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @SlugOf('instrument') instrument!: Slug;
  @OneOf(ASSESSMENT_PURPOSES) purpose!: (typeof ASSESSMENT_PURPOSES)[number];
  @Text() @Optional() reason?: string;
}

@CommandHandler(DeclineAssessment)
export class DeclineAssessmentHandler implements ICommandHandler<DeclineAssessment> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: DeclineAssessment) {
    const { instrument, purpose, reason } = command;
    return this.referrals.decide(command, (state, moment) =>
      declineAssessment(
        state,
        { instrument, purpose },
        { reason },
        this.referrals.schemeOf,
        moment,
      ),
    );
  }
}
