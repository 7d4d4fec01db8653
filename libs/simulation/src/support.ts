import { baselineOf, type Scores } from './assessments.js';
import type { Case } from './case.js';
import { dropOutAltogether } from './course-ends.js';
import { offerAndPrescribe } from './courses.js';
import { dateOf, dayAt, type Minute } from './days.js';
import { closeLater } from './ending.js';
import { askOnce, followUp } from './follow-up.js';
import { GOALS, STEPS } from './names.js';
import {
  BARRIERS,
  BARRIER_SEEN,
  CONCERN_RAISED,
  CONSENTS,
  CONTACT_MISTYPED,
  CONTACT_MODES,
  DROPS_OUT_ALTOGETHER,
  FEEDBACK_HALFWAY,
  FIRST_CONTACT_MODES,
  FOLLOW_UP_REACHED,
  LETS_REFERRER_KNOW,
  MINUTES,
  NEED_UNMET,
  NEXT_CONTACT_PLANNED,
  NO_ANSWER,
  PLAN_AMENDED,
  REASSIGNED,
  SIGNPOSTED,
  type ContactMode,
} from './parameters.js';
import { sendFeedback } from './feedback.js';
import type { Support } from './support-meant.js';

interface Going {
  readonly one: Case;
  readonly support: Support;
  scores?: Scores;
  followUpDue: number;
  hasPlan: boolean;
}

/** The first contact and all that follows from it. */
export function beginSupport(one: Case, support: Support, at: Minute): void {
  const going: Going = { one, support, followUpDue: Infinity, hasPlan: false };
  one.courseEnded = (now) => {
    if (one.contacts >= support.contacts && !one.hasEnded) endIfNothingIsLive(going, now);
  };
  contactAt(going, at);
}

function contactAt(going: Going, at: Minute): void {
  const { one } = going;
  one.area.later(at, () => {
    if (one.draws.chance(NO_ANSWER)) {
      tryInVain(one, at);
      contactAt(going, one.onWorkingDay(dayAt(at) + one.draws.whole(1, 3)));
    } else meet(going, at);
    return undefined;
  });
}

export function tryInVain(one: Case, at: Minute): void {
  const outcome = one.draws.pick(['no-answer', 'message-left', 'not-at-home']);
  const mode = outcome === 'not-at-home' ? 'visit' : 'phone';
  one.tell(at, 'RecordContactAttempt', { mode, outcome, minutes: minutesOf(one, 'tried') });
}

const minutesOf = (one: Case, kind: keyof typeof MINUTES) => one.draws.whole(...MINUTES[kind]);

function meet(going: Going, at: Minute): void {
  const { one, support } = going;
  const isFirst = one.contacts === 0;
  const reached = isFirst || followUpOrContact(going, at);
  if (isFirst) firstContact(going, at);
  if (reached) {
    one.contacts += 1;
    aroundContact(going, at);
    const made = support.prescriptions.get(one.contacts) ?? 0;
    for (let each = 0; each < made; each += 1) offerAndPrescribe(one, at);
  }
  if (one.contacts >= support.contacts) lastContact(going, at);
  else contactAt(going, nextContact(one, at));
}

function nextContact(one: Case, at: Minute): Minute {
  const { draws, area } = one;
  const days = draws.count(area.parameters.contactEveryDays, area.parameters.contactEveryDays / 2);
  const next = one.onWorkingDay(dayAt(at) + days);
  if (draws.chance(NEXT_CONTACT_PLANNED)) {
    const mode = draws.weighted(CONTACT_MODES);
    one.tell(at, 'PlanContact', { on: dateOf(dayAt(next)), mode, with: one.linkWorker });
  }
  return next;
}

function firstContact(going: Going, at: Minute): void {
  const { one } = going;
  const { draws, area } = one;
  const mode = draws.weighted(FIRST_CONTACT_MODES);
  one.tell(at, 'AcceptReferral', { by: 'person' });
  const contact = one.tell(at, 'RecordContact', { mode, minutes: minutesOf(one, 'first') });
  one.letsReferrerKnow = draws.chance(LETS_REFERRER_KNOW);
  if (draws.chance(CONSENTS)) {
    const scopes = [
      'share-with-provider',
      ...(one.letsReferrerKnow ? ['feedback-to-referrer'] : []),
    ];
    one.tell(at, 'RecordConsent', { scopes });
  }
  going.scores = baselineOf(one, at, { mode, contact });
  const { everyDays, againAndAgain } = area.parameters.followUp;
  if (againAndAgain) going.followUpDue = dayAt(at) + everyDays;
  else askOnce(one, dayAt(at) + everyDays, going.scores);
  if (draws.chance(BARRIER_SEEN)) {
    one.tell(at, 'IdentifyBarrier', { code: draws.weighted(BARRIERS) });
  }
  one.tell(at, 'AgreePlan', { goals: [draws.pick(GOALS)], steps: [draws.pick(STEPS)] });
  going.hasPlan = true;
}

/** Whether the person was reached: a contact was agreed on, a follow-up may miss them. */
function followUpOrContact(going: Going, at: Minute): boolean {
  const { one } = going;
  const { draws, area } = one;
  const mode = draws.weighted(CONTACT_MODES);
  if (dayAt(at) < going.followUpDue) {
    const minutes = minutesOf(one, mode);
    if (draws.chance(CONTACT_MISTYPED)) mistype(one, at, mode, minutes);
    else one.tell(at, 'RecordContact', { mode, minutes });
    return true;
  }
  const reached = draws.chance(FOLLOW_UP_REACHED);
  followUp(one, at, { mode, reached, scores: going.scores });
  if (reached) going.followUpDue = dayAt(at) + area.parameters.followUp.everyDays;
  return reached;
}

/** A nought too many, which is found some days later. */
function mistype(one: Case, at: Minute, mode: ContactMode, minutes: number): void {
  const corrects = one.tell(at, 'RecordContact', { mode, minutes: minutes * 10 });
  const found = one.onWorkingDay(dayAt(at) + 3);
  one.area.later(found, () => {
    const was = { corrects, kind: 'amend', minutes, reasonCode: 'entered-in-error' };
    one.tell(found, 'CorrectEntry', was);
    return undefined;
  });
}

/** What a conversation brings up, now and then. */
function aroundContact(going: Going, at: Minute): void {
  const { one, support } = going;
  const { draws } = one;
  if (one.contacts === 1) {
    if (draws.chance(NEED_UNMET)) one.tell(at, 'RecordUnmetNeed', { code: 'transport' });
    if (draws.chance(SIGNPOSTED)) one.tell(at, 'Signpost', { code: 'leaflet' });
    if (draws.chance(CONCERN_RAISED)) one.tell(at, 'RaiseConcern', { code: 'self-neglect' });
    return;
  }
  if (draws.chance(PLAN_AMENDED)) one.tell(at, 'AmendPlan', { steps: [draws.pick(STEPS)] });
  if (one.contacts === 2 && draws.chance(REASSIGNED)) one.reassign(at);
  const halfway = Math.ceil(support.contacts / 2);
  if (one.contacts === halfway && draws.chance(FEEDBACK_HALFWAY)) sendFeedback(one, at);
}

function lastContact(going: Going, at: Minute): void {
  const { one } = going;
  if (!one.draws.chance(DROPS_OUT_ALTOGETHER)) {
    endIfNothingIsLive(going, at);
    return;
  }
  one.hasEnded = true;
  const stopped = one.onWorkingDay(dayAt(at) + one.draws.whole(5, 15));
  one.area.later(stopped, () => {
    dropOutAltogether(one, stopped);
    closeLater(one, stopped, going.scores);
    return undefined;
  });
}

/** What is live is seen through first. */
function endIfNothingIsLive({ one, scores }: Going, at: Minute): void {
  if (one.live.length > 0) return;
  one.hasEnded = true;
  closeLater(one, at, scores);
}
