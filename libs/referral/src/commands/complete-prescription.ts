import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, type PrescriptionId, type ReferralId, Summary } from '#kernel';
import { completePrescription } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary('The person saw it through.')
export class CompletePrescription extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('prescription') prescription!: PrescriptionId;
}

@CommandHandler(CompletePrescription)
export class CompletePrescriptionHandler implements ICommandHandler<CompletePrescription> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: CompletePrescription) {
    const { prescription } = command;
    return this.referrals.decide(command, (state, moment) =>
      completePrescription(state, { prescription }, moment),
    );
  }
}
