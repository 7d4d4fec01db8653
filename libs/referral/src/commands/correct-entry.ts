import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Day,
  EventOrCommandId,
  Flag,
  GivenCommand,
  PointsField,
  IdOf,
  OneOf,
  Optional,
  Sha256,
  SlugOf,
  Text,
  Texts,
  Whole,
  WholesOrNulls,
  isRefusal,
  type CivilDate,
  type CommandId,
  type EventId,
  type PrescriptionId,
  type ReferralId,
  type SessionId,
  type Slug,
  Summary,
} from '#kernel';
import { ChiNumber, NhsNumber } from '#people';
import { correctEntry, revives, type CorrectionWanted } from '../domain/decide.js';
import { known, ownAnchor } from '../domain/rules.js';
import type { ReferralState } from '../domain/state.js';
import { MISSED_CLASSES, type MissedClass } from '../domain/terms.js';
import {
  CONTACT_MODES,
  CORRECTION_KINDS,
  CORRECTION_REASONS,
  SESSION_MODES,
  type ContactMode,
} from '../domain/words.js';
import { entryWanted } from './entry-wanted.js';
import { Referrals } from './referrals.js';

type SessionMode = (typeof SESSION_MODES)[number];
const MODES = [...new Set([...CONTACT_MODES, ...SESSION_MODES])];

@Summary(
  'What was recorded was not so (void), or was otherwise (amend: give the values as they were). Both stay visible. Name the fact by corrects, or a session by prescription and session. A correction is undone by a void of it; an ended prescription goes on once its end is voided.',
)
export class CorrectEntry extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @EventOrCommandId() @Optional() corrects?: EventId | CommandId;
  @IdOf('prescription') @Optional() prescription?: PrescriptionId;
  @IdOf('session') @Optional() session?: SessionId;
  @OneOf(CORRECTION_KINDS) kind!: (typeof CORRECTION_KINDS)[number];
  @Day('the day it really was') @Optional() on?: CivilDate;
  @Whole(1, 'its place among the planned sessions') @Optional() number?: number;
  @OneOf(MISSED_CLASSES) @Optional() class?: MissedClass;
  @Flag() @Optional() late?: boolean;
  @OneOf(MODES) @Optional() mode?: ContactMode | SessionMode;
  @Whole(0, 'minutes') @Optional() minutes?: number;
  @Flag() @Optional() reached?: boolean;
  @Flag() @Optional() met?: boolean;
  @Text() @Optional() name?: string;
  @Text('telephone, e-mail or address') @Optional() contact?: string;
  @Day() @Optional() dateOfBirth?: CivilDate;
  @NhsNumber() @Optional() nhsNumber?: string;
  @ChiNumber() @Optional() chiNumber?: string;
  @Texts() @Optional() needs?: string[];
  @Text() @Optional() reason?: string;
  @Text() @Optional() note?: string;
  @WholesOrNulls('of an assessment scored here: all its answers in order, null for one left out')
  @Optional()
  answers?: (number | null)[];
  @PointsField('of an assessment that is not scored here') @Optional() score?: number;
  @Text('of an assessment that is not scored here: its band or level') @Optional() band?: string;
  @OneOf(CORRECTION_REASONS) reasonCode!: (typeof CORRECTION_REASONS)[number];
  @SlugOf('one who asked for it (left out: the organisation that corrects)')
  @Optional()
  requestedBy?: Slug;
  @SlugOf('one who approved it') @Optional() approvedBy?: Slug;
  @Sha256() @Optional() document?: string;
}

@CommandHandler(CorrectEntry)
export class CorrectEntryHandler implements ICommandHandler<CorrectEntry> {
  constructor(private readonly referrals: Referrals) {}

  async execute(command: CorrectEntry) {
    const { facts, state } = await this.referrals.load(command.referral);
    const entry = entryWanted(facts, state, command);
    const wanted = correctionOf(command);
    const answer = await this.referrals.decideReserved(command, (now, moment) => {
      const referral = known(now, moment);
      if (isRefusal(referral)) return referral;
      if (isRefusal(entry)) return ownAnchor(referral, moment.actor) ?? entry;
      return correctEntry(now, entry, wanted, moment);
    });
    await this.catchUpOnTerms(command.referral, state);
    return answer;
  }

  /** What lives again has missed the terms that came while it was taken for over. */
  private async catchUpOnTerms(referral: ReferralId, before: ReferralState): Promise<void> {
    const { state: after } = await this.referrals.load(referral);
    for (const prescription of revives(before, after)) {
      await this.referrals.followTerms(referral, prescription);
    }
  }
}

function correctionOf(command: CorrectEntry): CorrectionWanted {
  const { on, number, class: missedClass, late, mode, minutes, reached, met } = command;
  const { name, contact, dateOfBirth, nhsNumber, chiNumber, needs, reason, note } = command;
  const { answers, score: scoreHundredths, band } = command;
  const { meta, kind, reasonCode, approvedBy, document } = command;
  const amended = given({ on, number, class: missedClass, late, mode, minutes, reached, met });
  const protectedData = given({
    ...{ name, contact, dateOfBirth, nhsNumber, chiNumber, needs, reason, note },
  });
  const results = given({ answers, scoreHundredths, band });
  return {
    kind,
    reasonCode,
    requestedBy: command.requestedBy ?? meta.actor.organisation,
    ...given({ approvedBy, document }),
    ...(amended && { amended }),
    ...(protectedData && { protectedData }),
    ...(results && { results }),
  };
}

/** What was said of it, if anything was. */
function given<T extends object>(fields: T): T | undefined {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  // The same fields, without those that hold nothing.
  return said.length === 0 ? undefined : (Object.fromEntries(said) as T);
}
