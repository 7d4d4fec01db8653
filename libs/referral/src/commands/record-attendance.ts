import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Flag,
  GivenCommand,
  IdOf,
  OneOf,
  Optional,
  Part,
  Sha256,
  SlugOf,
  Whole,
  deriveId,
  type PrescriptionId,
  type ReferralId,
  type SessionId,
  type Slug,
  Summary,
} from '#kernel';
import { attend } from '../domain/decide.js';
import { EVIDENCE_KINDS, SESSION_MODES } from '../domain/words.js';
import { Referrals } from './referrals.js';

export class Evidence {
  @OneOf(EVIDENCE_KINDS) kind!: (typeof EVIDENCE_KINDS)[number];
  @SlugOf('organisation') @Optional() by?: Slug;
  @Sha256() @Optional() document?: string;
}

@Summary('The person was there: one fact a session.')
export class RecordAttendance extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('prescription') prescription!: PrescriptionId;
  @IdOf('session') @Optional() session?: SessionId;
  @Whole(1, 'its place among the planned sessions; left out: the lowest that is open')
  @Optional()
  number?: number;
  @Flag() @Optional() late?: boolean;
  @OneOf(SESSION_MODES) @Optional() mode?: (typeof SESSION_MODES)[number];
  @SlugOf('link worker') @Optional() accompaniedBy?: Slug;
  @IdOf('session') @Optional() insteadOf?: SessionId;
  @Part(() => Evidence) @Optional() evidence?: Evidence;
}

@CommandHandler(RecordAttendance)
export class RecordAttendanceHandler implements ICommandHandler<RecordAttendance> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: RecordAttendance) {
    const { meta, prescription, number, insteadOf, late, mode, accompaniedBy } = command;
    const session = command.session ?? deriveId<'session'>('session', meta.commandId);
    const { kind = 'register', by = meta.actor.organisation, document } = command.evidence ?? {};
    return this.referrals.decide(command, (state, moment) =>
      attend(
        state,
        { prescription, session, number, insteadOf },
        { late, mode, accompaniedBy, evidence: { kind, by, document } },
        moment,
      ),
    );
  }
}
