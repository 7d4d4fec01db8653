import type { Scores } from './assessments.js';
import type { Case } from './case.js';
import { dayAt, type Minute } from './days.js';
import { sendFeedback } from './feedback.js';
import { askOnce } from './follow-up.js';
import {
  ASKED_AFTER_THE_END,
  CLOSED_AFTER_DAYS,
  CONTACT_MODES,
  MINUTES,
  REOPENED,
} from './parameters.js';

/** Closed some days later; who referred hears of it, and the person may come back. */
export function closeLater(one: Case, from: Minute, scores?: Scores): void {
  const { draws, area } = one;
  const { from: soonest, to: latest } = CLOSED_AFTER_DAYS;
  const at = one.onWorkingDay(dayAt(from) + draws.whole(soonest, latest));
  area.later(at, () => {
    one.tell(at, 'CloseReferral', {});
    sendFeedback(one, at);
    if (one.contacts === 0) return undefined;
    if (draws.chance(REOPENED.share)) reopen(one, at);
    else if (draws.chance(ASKED_AFTER_THE_END)) {
      askOnce(one, dayAt(at) + area.parameters.followUp.everyDays, scores);
    }
    return undefined;
  });
}

/** The person comes back for a little more. */
function reopen(one: Case, closed: Minute): void {
  const { draws, area } = one;
  const at = one.onWorkingDay(dayAt(closed) + draws.whole(REOPENED.from, REOPENED.to));
  area.later(at, () => {
    one.tell(at, 'ReopenReferral', { reason: 'the person asked for more help' });
    talkAgain(one, at, draws.whole(1, REOPENED.contactsMax));
    return undefined;
  });
}

function talkAgain(one: Case, from: Minute, left: number): void {
  const { draws, area } = one;
  const days = draws.count(area.parameters.contactEveryDays, 3);
  const at = one.onWorkingDay(dayAt(from) + days);
  area.later(at, () => {
    const mode = draws.weighted(CONTACT_MODES);
    one.tell(at, 'RecordContact', { mode, minutes: draws.whole(...MINUTES[mode]) });
    if (left > 1) talkAgain(one, at, left - 1);
    else closeForGood(one, at);
    return undefined;
  });
}

function closeForGood(one: Case, from: Minute): void {
  const at = one.onWorkingDay(dayAt(from) + one.draws.whole(5, 15));
  one.area.later(at, () => {
    one.tell(at, 'CloseReferral', {});
    return undefined;
  });
}
