import {
  isRefusal,
  inTheFuture,
  refuse,
  type CivilDate,
  type EventId,
  type Moment,
  type PrescriptionId,
  type Refusal,
} from '#kernel';
import { contradiction } from './contradictions.js';
import { scoredAnew, type Rescored, type Results } from './decide-assessment.js';
import { standing, type Amended, type Correction } from './entries.js';
import { referralEvents, type ReferralEvent, type ReferralFact } from './events.js';
import { withCorrection } from './evolve.js';
import {
  known,
  ownAnchor,
  prescriptionOf,
  type Data,
  type Decided,
  type Protected,
} from './rules.js';
import { isLive, type Referral, type ReferralState } from './state.js';
import { CONTACT_MODES, SESSION_MODES } from './words.js';

export interface CorrectionWanted extends Omit<Data<'EntryCorrected'>, 'corrects'> {
  readonly protectedData?: Omit<Protected<'EntryCorrected'>, Score>;
  /** Of an assessment: what came of it really. */
  readonly results?: Results;
}
/** Follows from the results, by the rule that the assessment was scored by. */
type Score = 'answers' | 'raw' | 'scoreHundredths' | 'band';

type ReferralType = ReferralEvent['type'];
const CONTACT = ['on', 'mode', 'minutes'] as const;

/** What of a fact may be said to have been otherwise, beside what it keeps protected. */
const AMENDABLE: Partial<Record<ReferralType, readonly (keyof Amended)[]>> = {
  Attended: ['on', 'number', 'late', 'mode'],
  Missed: ['on', 'number', 'class'],
  FirstContactMade: CONTACT,
  ContactMade: CONTACT,
  ContactAttempted: CONTACT,
  FollowedUp: [...CONTACT, 'reached'],
  AssessmentRecorded: ['on', 'mode'],
  AssessmentDeclined: ['on'],
  OutcomeDetermined: ['met'],
};
/** These either were or were not: another end, or another correction, is a fact of its own. */
const VOID_ONLY: readonly ReferralType[] = [
  'DroppedOut',
  'PrescriptionCompleted',
  'PrescriptionCancelled',
  'PrescriptionDeclined',
  'EntryCorrected',
];

/** The clear fields of a fact that can be said to have been otherwise. */
export function amendableFields(type: ReferralType): readonly string[] {
  return AMENDABLE[type] ?? [];
}

/** Facts that can be said never to have been. */
export function isVoidable(type: ReferralType): boolean {
  return type in AMENDABLE || VOID_ONLY.includes(type);
}

/**
 * From now on the referral is as if the fact had not been (`void`) or had been otherwise
 * (`amend`). In every state, also after the end; what contradicts a later record is refused.
 */
export function correctEntry(
  state: ReferralState,
  fact: ReferralFact,
  wanted: CorrectionWanted,
  moment: Moment,
): Decided {
  const referral = known(state, moment);
  if (isRefusal(referral)) return referral;
  const stranger = mayCorrect(referral, fact, moment);
  if (stranger !== null) return stranger;
  const foreign = wanted.kind === 'void' ? voidable(fact, wanted) : amendable(fact, wanted);
  if (foreign !== null) return foreign;
  const before = standing(referral.corrections, fact.id);
  if (before !== undefined) return again(before, wanted);
  const not = wanted.kind === 'amend' ? cannotAmend(referral, fact, wanted, moment) : null;
  if (not !== null) return not;
  const rescored = rescoredBy(fact, wanted);
  if (isRefusal(rescored)) return rescored;
  const { protectedData, results: _results, amended, ...rest } = wanted;
  const correction = { corrects: fact.id, kind: wanted.kind, ...(amended && { amended }) };
  // The id it will have is not known yet, and nothing can name it yet.
  const after = withCorrection(referral, { ...correction, event: 'to-be' as EventId });
  const clash = contradiction(referral, after);
  if (clash !== null) return clash;
  const data = { ...rest, ...correction };
  const sealed = (protectedData || rescored) && { ...protectedData, ...rescored?.scored };
  return [
    { type: 'EntryCorrected', data, ...(sealed && { protectedData: sealed }) },
    ...(rescored?.concerns ?? []),
  ];
}

function rescoredBy(
  fact: ReferralFact,
  { results }: CorrectionWanted,
): Rescored | Refusal | undefined {
  if (results === undefined || fact.type !== 'AssessmentRecorded') return undefined;
  return scoredAnew(fact, results);
}

/** The prescriptions that had ended before and go on after: their money is needed again. */
export function revives(before: ReferralState, after: ReferralState): PrescriptionId[] {
  const ended = (before?.prescriptions ?? []).filter((one) => !isLive(one));
  const live = (after?.prescriptions ?? []).filter(isLive);
  return ended
    .map(({ prescription }) => prescription)
    .filter((id) => live.some(({ prescription }) => prescription === id));
}

/** The anchor; and a provider what it recorded itself, of sessions that it held. */
function mayCorrect(referral: Referral, fact: ReferralFact, { actor }: Moment): Refusal | null {
  const stranger = ownAnchor(referral, actor);
  if (stranger === null || (fact.type !== 'Attended' && fact.type !== 'Missed')) return stranger;
  const prescription = prescriptionOf(referral, fact.data.prescription);
  const { organisation } = actor;
  const own =
    !isRefusal(prescription) &&
    prescription.provider === organisation &&
    fact.metadata.actor.organisation === organisation;
  return own ? null : stranger;
}

function voidable({ type }: ReferralFact, wanted: CorrectionWanted): Refusal | null {
  if (!isVoidable(type)) {
    return refuse(
      'not-correctable',
      `${type} cannot be voided: sessions, contacts, follow-ups, assessments, outcomes, ends of ` +
        'prescriptions and corrections can.',
      { field: 'corrects' },
    );
  }
  const [field] = fieldsOf(wanted);
  if (field === undefined) return null;
  return refuse(
    'void-amends-nothing',
    `A void says that it never was; it takes no ${field}. Amend it, or leave ${field} out.`,
    { field },
  );
}

function amendable({ type }: ReferralFact, wanted: CorrectionWanted): Refusal | null {
  const clear = amendableFields(type);
  const sealed = type === 'EntryCorrected' ? [] : protectedFieldsOf(type);
  const allowed = [...clear, ...sealed];
  if (allowed.length === 0) {
    return refuse(
      'not-correctable',
      VOID_ONLY.includes(type)
        ? `${type} can be voided and recorded anew, not amended.`
        : `Nothing in ${type} can be amended: what changed since is recorded as a new fact.`,
      { field: 'corrects' },
    );
  }
  const given = fieldsOf(wanted);
  if (given.length === 0) {
    return refuse(
      'nothing-amended',
      `Say what was otherwise; ${type} can have amended: ${allowed.join(', ')}.`,
      { field: 'kind' },
    );
  }
  const foreign = given.find((field) => !allowed.includes(field));
  if (foreign === undefined) return null;
  return refuse(
    'no-such-value',
    `${type} has no ${foreign} that could be amended; it has: ${allowed.join(', ')}.`,
    { field: foreign },
  );
}

const SCORE: readonly string[] = ['answers', 'raw', 'scoreHundredths', 'band'] satisfies Score[];
const SEALABLE = Object.keys(referralEvents.EntryCorrected.protectedData.properties).filter(
  (field) => !SCORE.includes(field),
);
/** What is said of a score, and as what it is amended. */
const RESULTS = ['answers', 'score', 'band'];

function protectedFieldsOf(type: ReferralType): string[] {
  const definition = referralEvents[type];
  if (!('protectedData' in definition)) return [];
  const fields = SEALABLE.filter((field) => field in definition.protectedData.properties);
  return type === 'AssessmentRecorded' ? [...fields, ...RESULTS] : fields;
}

function fieldsOf({ amended, protectedData, results = {} }: CorrectionWanted): string[] {
  const { scoreHundredths: score, ...others } = results;
  return Object.keys({
    ...amended,
    ...protectedData,
    ...others,
    ...(score !== undefined && { score }),
  });
}

/** What is sealed cannot be compared: such an amendment is never taken for the same again. */
function again(before: Correction, wanted: CorrectionWanted): Decided {
  const { kind, amended } = wanted;
  const same = before.kind === kind && !isSealed(wanted) && text(before.amended) === text(amended);
  if (same) return [];
  const how = before.kind === 'void' ? 'voided' : 'amended';
  return refuse(
    'corrected-already',
    `This was ${how} already, by the correction ${before.event}: void that one first.`,
    { field: 'corrects', data: { correction: before.event } },
  );
}

function isSealed({ protectedData, results }: CorrectionWanted): boolean {
  return protectedData !== undefined || results !== undefined;
}

function text(amended: Amended | undefined): string {
  return JSON.stringify(Object.entries(amended ?? {}).sort(([a], [b]) => a.localeCompare(b)));
}

function cannotAmend(
  referral: Referral,
  fact: ReferralFact,
  wanted: CorrectionWanted,
  moment: Moment,
): Refusal | null {
  const { amended = {} } = wanted;
  const recorded: Readonly<Record<string, unknown>> = {
    ...fact.data,
    on: fact.metadata.occurredOn,
  };
  if (
    !isSealed(wanted) &&
    Object.entries(amended).every(([field, value]) => recorded[field] === value)
  ) {
    return refuse('nothing-amended', 'It was recorded just so: there is nothing to amend.', {
      field: 'kind',
    });
  }
  return (
    wrongDay(referral, fact, amended.on, moment) ??
    wrongMode(fact, amended.mode) ??
    measured(referral, fact, amended.met) ??
    restedOn(referral, fact, wanted)
  );
}

/** What two scores say is changed by correcting a score, not by saying otherwise. */
function measured(
  { prescriptions }: Referral,
  fact: ReferralFact,
  met: boolean | undefined,
): Refusal | null {
  if (met === undefined || fact.type !== 'OutcomeDetermined') return null;
  const { prescription, component: name } = fact.data;
  const of = prescriptions.find((given) => given.prescription === prescription);
  const component = of?.priced?.terms.components.find(({ component }) => component === name);
  if (component?.trigger !== 'outcome-met' || component.outcome === undefined) return null;
  return refuse(
    'met-is-measured',
    `Whether ${name} was met follows from two scores: void this, correct the assessment that was ` +
      'wrong, and determine the outcome again.',
    { field: 'met' },
  );
}

function wrongDay(
  referral: Referral,
  { type }: ReferralFact,
  on: CivilDate | undefined,
  moment: Moment,
): Refusal | null {
  if (on === undefined) return null;
  const future = inTheFuture({ ...moment, on });
  if (future !== null) return { ...future, field: 'on' };
  const { receivedOn, endedOn } = referral;
  if (on < receivedOn) {
    return refuse(
      'before-the-referral',
      `${on} is before the referral was received, ${receivedOn}.`,
      { field: 'on', data: { on, receivedOn } },
    );
  }
  // A follow-up comes after the end as well; sessions have their prescription's own days.
  if (endedOn === undefined || on <= endedOn || type === 'FollowedUp') return null;
  return refuse('after-the-end', `${on} is after the referral ended, ${endedOn}.`, {
    field: 'on',
    data: { on, endedOn },
  });
}

function wrongMode({ type }: ReferralFact, mode: Amended['mode']): Refusal | null {
  const modes: readonly string[] = type === 'Attended' ? SESSION_MODES : CONTACT_MODES;
  if (mode === undefined || modes.includes(mode)) return null;
  return refuse('wrong-field', `mode must be one of: ${modes.join(', ')}.`, { field: 'mode' });
}

/** Another day or other answers would change what an outcome was determined from. */
function restedOn(
  { prescriptions }: Referral,
  { id }: ReferralFact,
  { amended, results }: CorrectionWanted,
): Refusal | null {
  if (amended?.on === undefined && results === undefined) return null;
  const outcome = prescriptions
    .flatMap(({ outcomes }) => outcomes)
    .find(({ baseline, followUp }) => baseline === id || followUp === id);
  if (outcome === undefined) return null;
  return refuse(
    'outcome-rests-on-it',
    `The outcome ${outcome.component}, determined on ${outcome.on}, rests on this assessment: ` +
      'void the outcome first, and determine it again after.',
    { field: 'corrects' },
  );
}
