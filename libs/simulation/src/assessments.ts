import { instrumentOf, scoreOf } from '#referral';
import type { Case } from './case.js';
import type { Minute } from './days.js';
import {
  DECLINES_BASELINE,
  ITEM_ANSWERS,
  SCORED_AGAIN,
  SWEMWBS_BASELINE,
  SWEMWBS_CHANGE,
  type Instrument,
} from './parameters.js';
import { clipped, type Draws } from './random.js';

/** How a person stands, of somebody who lets it be scored. */
export interface Scores {
  readonly swemwbs: number;
  /** How it changes in the course of the support. */
  readonly change: number;
  readonly again: boolean;
}

interface Asked {
  readonly mode: string;
  /** The conversation it was taken in. */
  readonly contact: string;
}

/** At the first contact; declining is an answer, and nobody is asked again then. */
export function baselineOf(one: Case, at: Minute, asked: Asked): Scores | undefined {
  const { draws, area } = one;
  const { baselineInstruments } = area.parameters;
  if (draws.chance(DECLINES_BASELINE)) {
    for (const instrument of baselineInstruments) {
      one.tell(at, 'DeclineAssessment', { instrument, purpose: 'baseline' });
    }
    return undefined;
  }
  const scores = {
    swemwbs: clipped(draws.normal(SWEMWBS_BASELINE.mean, SWEMWBS_BASELINE.sd), SWEMWBS_BASELINE),
    change: draws.normal(SWEMWBS_CHANGE.mean, SWEMWBS_CHANGE.sd),
    again: draws.chance(SCORED_AGAIN),
  };
  for (const instrument of baselineInstruments) {
    record(one, at, { ...asked, instrument, purpose: 'baseline' }, scores.swemwbs);
  }
  return scores;
}

/** At a follow-up, where the person lets it be scored once more. */
export function askForScores(
  one: Case,
  at: Minute,
  { scores, ...asked }: Asked & { readonly scores: Scores },
): void {
  const purpose = 'follow-up';
  if (!scores.again) {
    one.tell(at, 'DeclineAssessment', { instrument: 'swemwbs', purpose });
    return;
  }
  const now = clipped(scores.swemwbs + scores.change, SWEMWBS_BASELINE);
  record(one, at, { ...asked, instrument: 'swemwbs', purpose }, now);
}

function record(
  one: Case,
  at: Minute,
  asked: Asked & { readonly instrument: Instrument; readonly purpose: string },
  swemwbs: number,
): void {
  one.assessments += 1;
  const assessment = `${one.referral}-a${one.assessments}`;
  const { instrument } = asked;
  const answers =
    instrument === 'swemwbs'
      ? swemwbsAnswers(swemwbs, one.draws)
      : anyAnswers(instrument, one.draws);
  one.tell(at, 'RecordAssessment', { assessment, ...asked, explainedToPerson: true, answers });
}

function anyAnswers(instrument: Exclude<Instrument, 'swemwbs'>, draws: Draws): number[] {
  const { items } = instrumentOf(instrument);
  const answer = ITEM_ANSWERS[instrument];
  return Array.from({ length: items?.count ?? 0 }, () =>
    Math.round(clipped(draws.normal(answer.mean, answer.sd), answer)),
  );
}

/** Answers that come as near to a score as answers can, none far from the others. */
function swemwbsAnswers(wanted: number, draws: Draws): number[] {
  const answers = Array.from({ length: SWEMWBS_ITEMS }, () => Math.floor(nearestRaw(wanted) / 7));
  const left = nearestRaw(wanted) % SWEMWBS_ITEMS;
  const first = draws.whole(0, SWEMWBS_ITEMS - 1);
  for (let more = 0; more < left; more += 1) {
    const item = (first + more) % SWEMWBS_ITEMS;
    answers[item] = (answers[item] ?? 0) + 1;
  }
  return answers;
}

const SWEMWBS_ITEMS = 7;
const RAW_MIN = 7;

/** Scores by their raw sum, from 7 on. */
const SWEMWBS_SCORES = Array.from({ length: 29 }, (_, above) => {
  const sum = RAW_MIN + above;
  const answers = Array.from({ length: SWEMWBS_ITEMS }, (_item, item) =>
    Math.floor((sum + item) / SWEMWBS_ITEMS),
  );
  return (scoreOf(instrumentOf('swemwbs'), answers).scoreHundredths ?? 0) / 100;
});

function nearestRaw(wanted: number): number {
  const away = SWEMWBS_SCORES.map((score) => Math.abs(score - wanted));
  return RAW_MIN + away.indexOf(Math.min(...away));
}
