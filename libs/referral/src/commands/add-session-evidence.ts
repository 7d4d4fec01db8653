import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  GivenCommand,
  IdOf,
  OneOf,
  Part,
  type PrescriptionId,
  type ReferralId,
  type SessionId,
  Summary,
} from '#kernel';
import { addEvidence } from '../domain/decide.js';
import { Evidence } from './record-attendance.js';
import { Referrals } from './referrals.js';

const SAYS = ['attended', 'missed'] as const;

@Summary(
  'A further register of a recorded session: it overwrites nothing. One that agrees strengthens the record, one that does not opens a query about it.',
)
export class AddSessionEvidence extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('prescription') prescription!: PrescriptionId;
  @IdOf('session') session!: SessionId;
  @OneOf(SAYS) says!: (typeof SAYS)[number];
  @Part(() => Evidence) evidence!: Evidence;
}

@CommandHandler(AddSessionEvidence)
export class AddSessionEvidenceHandler implements ICommandHandler<AddSessionEvidence> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: AddSessionEvidence) {
    const { meta, prescription, session, says } = command;
    const { kind, by = meta.actor.organisation, document } = command.evidence;
    const evidence = { kind, by, ...(document && { document }) };
    return this.referrals.decide(command, (state, moment) =>
      addEvidence(state, { prescription, session, says, evidence }, moment),
    );
  }
}
