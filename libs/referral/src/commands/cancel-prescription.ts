import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  GivenCommand,
  IdOf,
  OneOf,
  Optional,
  Text,
  type PrescriptionId,
  type ReferralId,
  Summary,
} from '#kernel';
import { cancelPrescription } from '../domain/decide.js';
import { DECIDERS } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('A prescription that ends without the person having dropped out of it.')
export class CancelPrescription extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('prescription') prescription!: PrescriptionId;
  @OneOf(DECIDERS) by!: (typeof DECIDERS)[number];
  @Text() @Optional() reason?: string;
}

@CommandHandler(CancelPrescription)
export class CancelPrescriptionHandler implements ICommandHandler<CancelPrescription> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: CancelPrescription) {
    const { prescription, by, reason } = command;
    return this.referrals.decide(command, (state, moment) =>
      cancelPrescription(state, { prescription, by }, { reason }, moment),
    );
  }
}
