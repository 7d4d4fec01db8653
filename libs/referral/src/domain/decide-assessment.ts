import {
  isRefusal,
  refuse,
  type CommandId,
  type EventId,
  type Moment,
  type Refusal,
} from '#kernel';
import type { ReferralEvent, ReferralFactOf } from './events.js';
import {
  INSTRUMENTS_WITH_ITEMS,
  instrumentOf,
  itemOutOfRange,
  raisesConcern,
  scoreOf,
  type Answers,
  type Instrument,
  type Scored,
} from './instruments.js';
import { anyTime, type Data, type Decided, type Protected } from './rules.js';
import type { Scheme, SchemeOf } from './scheme.js';
import { standingContacts } from './evolve-contacts.js';
import type { Referral, ReferralState } from './state.js';

/** What came of it: the answers of an instrument scored here, the score of any other. */
export interface Results {
  readonly answers?: Answers;
  readonly scoreHundredths?: number;
  readonly band?: string;
}

export interface AssessmentTold extends Omit<Data<'AssessmentRecorded'>, 'scoring' | 'contact'> {
  /** The conversation it was taken in. */
  readonly contact?: EventId | CommandId | undefined;
}

/** Appended, never overwritten; an answer about harm is a concern in the same breath. */
export function recordAssessment(
  state: ReferralState,
  { contact, ...data }: AssessmentTold,
  results: Results,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = anyTime(state, moment);
  if (isRefusal(referral)) return referral;
  const unused = notUsed(schemeOf(referral.scheme));
  if (unused !== null) return unused;
  if (referral.assessmentEntries.some(({ assessment }) => assessment === data.assessment)) {
    return refuse('already-recorded', 'This assessment exists already: give a new one a new id.', {
      field: 'assessment',
    });
  }
  const takenIn = conversation(referral, contact);
  if (isRefusal(takenIn)) return takenIn;
  const instrument = instrumentOf(data.instrument);
  const scored = resultsOf(data.instrument, instrument, results);
  if (isRefusal(scored)) return scored;
  const recorded: ReferralEvent = {
    type: 'AssessmentRecorded',
    data: { ...data, ...takenIn, scoring: instrument.scoring },
    protectedData: scored,
  };
  return [recorded, ...concernsIn(data.instrument, instrument, results)];
}

function conversation(
  referral: Referral,
  named: EventId | CommandId | undefined,
): { contact?: EventId } | Refusal {
  if (named === undefined) return {};
  const found = standingContacts(referral).find(({ event, reached }) => event === named && reached);
  if (found !== undefined) return { contact: found.event };
  return refuse(
    'no-such-contact',
    'This referral has no such conversation: check its id, or record the contact first.',
    { field: 'contact' },
  );
}

/** What came of it really, by the rule that it was scored by; an answer about harm as ever. */
export function scoredAnew(
  { id, data }: ReferralFactOf<'AssessmentRecorded'>,
  results: Results,
): Rescored | Refusal {
  const instrument = instrumentOf(data.instrument);
  if (instrument.scoring !== data.scoring) {
    return refuse(
      'scored-by-another-rule',
      `It was scored by rule ${data.scoring} of ${data.instrument}, and here is rule ` +
        `${instrument.scoring}: void it, and record it anew.`,
      { field: 'corrects' },
    );
  }
  const scored = resultsOf(data.instrument, instrument, results);
  if (isRefusal(scored)) return scored;
  return { scored, concerns: concernsIn(data.instrument, instrument, results, id) };
}

export interface Rescored {
  readonly scored: Protected<'AssessmentRecorded'>;
  readonly concerns: readonly ReferralEvent[];
}

function concernsIn(
  name: string,
  instrument: Instrument,
  { answers = [] }: Results,
  because?: EventId,
): readonly ReferralEvent[] {
  if (!raisesConcern(instrument, answers)) return [];
  const code = `${name}-item-${instrument.concernItem}`;
  const data = { source: 'assessment', ...(because && { because }) } as const;
  return [{ type: 'ConcernRaised', data, protectedData: { code } }];
}

/** To decline to be scored is an answer, not a gap. */
export function declineAssessment(
  state: ReferralState,
  data: Data<'AssessmentDeclined'>,
  protectedData: Protected<'AssessmentDeclined'>,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = anyTime(state, moment);
  if (isRefusal(referral)) return referral;
  const unused = notUsed(schemeOf(referral.scheme));
  return unused ?? [{ type: 'AssessmentDeclined', data, protectedData }];
}

function notUsed({ name, assessments }: Scheme): Refusal | null {
  if (assessments !== 'not-used') return null;
  return refuse(
    'assessments-not-used',
    `Scheme ${name} scores nobody: no assessment is asked for, recorded or declined.`,
    { field: 'instrument' },
  );
}

function resultsOf(
  name: string,
  instrument: Instrument,
  { answers, scoreHundredths, band }: Results,
): Protected<'AssessmentRecorded'> | Refusal {
  const { items } = instrument;
  if (items === undefined) {
    if (answers !== undefined) {
      return refuse(
        'items-not-known',
        `The items of ${name} are not known here: give its score. ` +
          `Answers are taken of: ${INSTRUMENTS_WITH_ITEMS.join(', ')}.`,
        { field: 'answers' },
      );
    }
    if (scoreHundredths === undefined && band === undefined) {
      return refuse('score-needed', `What came of ${name} is missing: give its score or band.`, {
        field: 'score',
      });
    }
    return {
      ...(scoreHundredths !== undefined && { scoreHundredths }),
      ...(band !== undefined && { band }),
    };
  }
  if (scoreHundredths !== undefined || band !== undefined) {
    return refuse('scored-here', `${name} is scored here: give the answers, not the score.`, {
      field: scoreHundredths === undefined ? 'band' : 'score',
    });
  }
  return answersOf(name, instrument, items, answers ?? []);
}

function answersOf(
  name: string,
  instrument: Instrument,
  { count, min, max }: NonNullable<Instrument['items']>,
  answers: Answers,
): (Scored & { answers: (number | null)[] }) | Refusal {
  if (answers.every((answer) => answer === null)) {
    return refuse(
      'no-answers',
      `No item of ${name} is answered: give answers 1 to ${count} in order, null for one left out, ` +
        'or record that the assessment was declined.',
      { field: 'answers' },
    );
  }
  if (answers.length > count) {
    return refuse('too-many-answers', `${name} has ${count} items, not ${answers.length}.`, {
      field: 'answers',
    });
  }
  const wrong = itemOutOfRange(instrument, answers);
  if (wrong !== null) {
    return refuse(
      'answer-out-of-range',
      `Item ${wrong} of ${name} is answered from ${min} to ${max}.`,
      { field: `answers.${wrong - 1}`, data: { item: wrong, min, max } },
    );
  }
  const missing = Array.from({ length: count - answers.length }, () => null);
  return { answers: [...answers, ...missing], ...scoreOf(instrument, answers) };
}
