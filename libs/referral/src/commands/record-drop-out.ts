import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  GivenCommand,
  IdOf,
  Optional,
  Text,
  type PrescriptionId,
  type ReferralId,
  Summary,
} from '#kernel';
import { dropOut } from '../domain/decide.js';
import { unknownReason } from '../domain/scheme.js';
import { Referrals } from './referrals.js';

@Summary('The person stops: one prescription where it is named, else all that are live.')
export class RecordDropOut extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('prescription') @Optional() prescription?: PrescriptionId;
  @Text("in words, or a code of the scheme's list where it has one; nobody must give one")
  @Optional()
  reason?: string;
}

@CommandHandler(RecordDropOut)
export class RecordDropOutHandler implements ICommandHandler<RecordDropOut> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: RecordDropOut) {
    const { prescription, reason } = command;
    const data =
      prescription === undefined
        ? { scope: 'referral' as const }
        : { scope: 'prescription' as const, prescription };
    return this.referrals.decide(command, (state, moment) => {
      const scheme = state && this.referrals.schemeOf(state.scheme);
      const unknown = scheme && unknownReason(scheme, 'dropOut', reason, 'reason');
      return unknown ?? dropOut(state, data, { reason }, moment);
    });
  }
}
