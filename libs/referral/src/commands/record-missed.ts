import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  GivenCommand,
  IdOf,
  OneOf,
  Optional,
  Text,
  Whole,
  deriveId,
  type PrescriptionId,
  type ReferralId,
  type SessionId,
  Summary,
} from '#kernel';
import { miss } from '../domain/decide.js';
import { MISSED_CLASSES } from '../domain/terms.js';
import { Referrals } from './referrals.js';

@Summary('A session did not take place for this person; no class given means that nobody said why.')
export class RecordMissed extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('prescription') prescription!: PrescriptionId;
  @IdOf('session') @Optional() session?: SessionId;
  @Whole(1, 'its place among the planned sessions; left out: the lowest that is open')
  @Optional()
  number?: number;
  @OneOf(MISSED_CLASSES) @Optional() class?: (typeof MISSED_CLASSES)[number];
  @IdOf('session') @Optional() insteadOf?: SessionId;
  @Text() @Optional() reason?: string;
}

@CommandHandler(RecordMissed)
export class RecordMissedHandler implements ICommandHandler<RecordMissed> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: RecordMissed) {
    const { meta, prescription, number, insteadOf, reason } = command;
    const session = command.session ?? deriveId<'session'>('session', meta.commandId);
    return this.referrals.decide(command, (state, moment) =>
      miss(
        state,
        { prescription, session, number, insteadOf },
        { class: command.class ?? 'not-stated' },
        { reason },
        this.referrals.schemeOf,
        moment,
      ),
    );
  }
}
