import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Flag,
  GivenCommand,
  IdOf,
  Optional,
  SlugOf,
  type AssessmentId,
  type PrescriptionId,
  type ReferralId,
  type Slug,
  Summary,
} from '#kernel';
import { determineOutcome } from '../domain/decide.js';
import { Referrals } from './referrals.js';
import { Scores } from './scores.js';

@Summary(
  'Two scores of one person by one instrument are held against what the terms of a prescription ask for: the outcome is met or it is not. Only where the terms say no measure does the command say whether it is met.',
)
export class DetermineOutcome extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('prescription') prescription!: PrescriptionId;
  @SlugOf('component of the terms (left out: the only one that pays for an outcome)')
  @Optional()
  component?: Slug;
  @IdOf('assessment') baseline!: AssessmentId;
  @IdOf('assessment') followUp!: AssessmentId;
  @Flag() @Optional() met?: boolean;
}

@CommandHandler(DetermineOutcome)
export class DetermineOutcomeHandler implements ICommandHandler<DetermineOutcome> {
  constructor(
    private readonly referrals: Referrals,
    private readonly scores: Scores,
  ) {}

  async execute(command: DetermineOutcome) {
    const { prescription, component, baseline, followUp, met } = command;
    const history = await this.referrals.load(command.referral);
    const events = (history.state?.assessments ?? [])
      .filter(({ assessment }) => assessment === baseline || assessment === followUp)
      .map(({ event }) => event);
    const known = history.commands.has(command.meta.commandId);
    const scores = known ? new Map<never, never>() : await this.scores.of(history, events);
    const wanted = {
      ...{ prescription, baseline, followUp, scores },
      ...(component !== undefined && { component }),
      ...(met !== undefined && { met }),
    };
    return this.referrals.decide(command, (state, moment) =>
      determineOutcome(state, wanted, moment),
    );
  }
}
