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
import { amendPlan } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary('The plan as it is from now on; it may name the assessment that changed it.')
export class AmendPlan extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @Texts('what the person wants to get to') @Optional() goals?: string[];
  @Texts('small steps on the way') @Optional() steps?: string[];
  @IdOf('assessment') @Optional() assessment?: AssessmentId;
}

@CommandHandler(AmendPlan)
export class AmendPlanHandler implements ICommandHandler<AmendPlan> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: AmendPlan) {
    const { goals, steps, assessment } = command;
    return this.referrals.decide(command, (state, moment) =>
      amendPlan(state, assessment, { goals, steps }, moment),
    );
  }
}
