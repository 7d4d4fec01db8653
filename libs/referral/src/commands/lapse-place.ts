import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, Summary, type PrescriptionId, type ReferralId } from '#kernel';
import { lapsePlace } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary(
  'An offered place that nobody took up, once its last day is over: the prescription ends, the ' +
    'place is free for the next. `wayledger clocks` does the same by itself.',
)
export class LapsePlace extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('prescription') prescription!: PrescriptionId;
}

@CommandHandler(LapsePlace)
export class LapsePlaceHandler implements ICommandHandler<LapsePlace> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: LapsePlace) {
    const { prescription } = command;
    return this.referrals.decide(command, (state, moment) =>
      lapsePlace(state, { prescription }, moment),
    );
  }
}
