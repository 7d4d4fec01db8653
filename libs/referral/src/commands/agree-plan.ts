import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  GivenCommand,
  IdOf,
  Optional,
  Summary,
  Texts,
  type AssessmentId,
  type ReferralId,
} from '#kernel';
import { agreePlan } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary(
  'The plan that link worker and person agree on; it may name the assessment it follows from.',
)
export class AgreePlan extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @Texts('what the person wants to get to') @Optional() goals?: string[];
  @Texts('small steps on the way') @Optional() steps?: string[];
  @IdOf('assessment') @Optional() assessment?: AssessmentId;
}

@CommandHandler(AgreePlan)
export class AgreePlanHandler implements ICommandHandler<AgreePlan> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: AgreePlan) {
    const { goals, steps, assessment } = command;
    return this.referrals.decide(command, (state, moment) =>
      agreePlan(state, assessment, { goals, steps }, moment),
    );
  }
}
