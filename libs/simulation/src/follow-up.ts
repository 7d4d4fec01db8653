import { askForScores, type Scores } from './assessments.js';
import type { Case } from './case.js';
import type { DayNumber, Minute } from './days.js';
import { CALLED_REACHED, MINUTES, type ContactMode } from './parameters.js';

interface Asked {
  readonly mode: ContactMode;
  readonly reached: boolean;
  readonly scores: Scores | undefined;
}

/** How things are by now, with the instruments that are asked for then. */
export function followUp(one: Case, at: Minute, { mode, reached, scores }: Asked): void {
  const { draws, area } = one;
  const { window } = area.parameters.followUp;
  const minutes = draws.whole(...MINUTES[reached ? mode : 'tried']);
  const contact = one.tell(at, 'RecordFollowUp', { window, reached, mode, minutes });
  if (reached && scores) askForScores(one, at, { mode, contact, scores });
}

/** By a call of its own, whether the referral is closed by then or not. */
export function askOnce(one: Case, day: DayNumber, scores: Scores | undefined): void {
  const at = one.onWorkingDay(day);
  one.area.later(at, () => {
    followUp(one, at, { mode: 'phone', reached: one.draws.chance(CALLED_REACHED), scores });
    return undefined;
  });
}
