import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  EventOrCommandId,
  Flag,
  GivenCommand,
  PointsField,
  IdOf,
  OneOf,
  Optional,
  SlugOf,
  Summary,
  Text,
  WholesOrNulls,
  deriveId,
  type AssessmentId,
  type CommandId,
  type EventId,
  type ReferralId,
  type Slug,
} from '#kernel';
import { recordAssessment } from '../domain/decide.js';
import { CONVERSATIONS, namedAmong } from '../domain/named.js';
import { ASSESSMENT_PURPOSES, CONTACT_MODES } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary(
  'What came of an instrument: the answers of one that is scored here, the score of any other. Asked for, never required.',
)
export class RecordAssessment extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('assessment') @Optional() assessment?: AssessmentId;
  @SlugOf('instrument: swemwbs, wemwbs, gad-7, phq-9, wellbeing-star, ons4, or any other')
  instrument!: Slug;
  @OneOf(ASSESSMENT_PURPOSES) purpose!: (typeof ASSESSMENT_PURPOSES)[number];
  @EventOrCommandId() @Optional() contact?: EventId | CommandId;
  @OneOf(CONTACT_MODES) mode!: (typeof CONTACT_MODES)[number];
  @Flag() @Optional() explainedToPerson?: boolean;
  @Text('your own licence of an instrument that needs one') @Optional() licence?: string;
  @WholesOrNulls('the answers by item number, in order; null for an item that was left out')
  @Optional()
  answers?: (number | null)[];
  @PointsField('of an instrument that is not scored here, as its own rule gives it')
  @Optional()
  score?: number;
  @Text('of an instrument that is not scored here: its band or level') @Optional() band?: string;
}

@CommandHandler(RecordAssessment)
export class RecordAssessmentHandler implements ICommandHandler<RecordAssessment> {
  constructor(private readonly referrals: Referrals) {}

  async execute(command: RecordAssessment) {
    const {
      referral,
      meta,
      instrument,
      purpose,
      mode,
      explainedToPerson = false,
      licence,
    } = command;
    const assessment = command.assessment ?? deriveId<'assessment'>('assessment', meta.commandId);
    const { facts } = await this.referrals.load(referral);
    const contact = command.contact && namedAmong(facts, CONVERSATIONS, command.contact);
    const data = { assessment, instrument, purpose, contact, mode, explainedToPerson, licence };
    const { answers, score: scoreHundredths, band } = command;
    const results = { answers, scoreHundredths, band };
    return this.referrals.decide(command, (state, moment) =>
      recordAssessment(state, data, results, this.referrals.schemeOf, moment),
    );
  }
}
