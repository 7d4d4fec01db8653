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
import { declinePrescription } from '../domain/decide.js';
import { DECIDERS } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('The person, the anchor or the provider says no to what was prescribed; it ends that day.')
export class DeclinePrescription extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('prescription') prescription!: PrescriptionId;
  @OneOf(DECIDERS) by!: (typeof DECIDERS)[number];
  @Text() @Optional() reason?: string;
}

@CommandHandler(DeclinePrescription)
export class DeclinePrescriptionHandler implements ICommandHandler<DeclinePrescription> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: DeclinePrescription) {
    const { prescription, by, reason } = command;
    return this.referrals.decide(command, (state, moment) =>
      declinePrescription(state, { prescription, by }, { reason }, moment),
    );
  }
}
