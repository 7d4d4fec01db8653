import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  GivenCommand,
  IdOf,
  Optional,
  SlugOf,
  Summary,
  type PrescriptionId,
  type ReferralId,
  type Slug,
} from '#kernel';
import { lapseOutcome } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary(
  'The window in which an outcome could be met is over and it was not: the money set aside for ' +
    'it is free again. `wayledger clocks` does the same by itself.',
)
export class LapseOutcome extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('prescription') prescription!: PrescriptionId;
  /** May be left out where the terms have one outcome only. */
  @SlugOf('component') @Optional() component?: Slug;
}

@CommandHandler(LapseOutcome)
export class LapseOutcomeHandler implements ICommandHandler<LapseOutcome> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: LapseOutcome) {
    const { prescription, component } = command;
    return this.referrals.decide(command, (state, moment) =>
      lapseOutcome(state, { prescription, ...(component && { component }) }, moment),
    );
  }
}
