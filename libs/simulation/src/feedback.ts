import type { Case } from './case.js';
import { addWorkingDays, dayAt, type Minute } from './days.js';
import { FEEDBACK_ACKNOWLEDGED } from './parameters.js';

/** To an organisation that referred, where the person agreed; sometimes it answers. */
export function sendFeedback(one: Case, at: Minute): void {
  const { referrer, draws } = one;
  if (referrer === undefined || !one.letsReferrerKnow) return;
  const feedback = one.tell(at, 'SendFeedback', {});
  if (!draws.chance(FEEDBACK_ACKNOWLEDGED)) return;
  const heard = one.onWorkingDay(addWorkingDays(dayAt(at), draws.whole(1, 6)));
  one.area.later(heard, () => {
    one.tell(heard, 'AcknowledgeFeedback', { feedback });
    return undefined;
  });
}
