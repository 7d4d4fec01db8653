import fc from 'fast-check';
import type { Slug } from '#kernel';
import { instrumentOf, scoreOf, type Answers } from '../instruments.js';
import type { SchemeOf } from '../scheme.js';
import { PLOT, WALK, assessmentId } from './cast.js';
import type { Deciders } from './commands.js';
import type { Decide } from './given.js';

/** What is asked and answered of scores, for the random histories. */
export type ScoreSaid =
  | { readonly verb: 'assess' | 'decline-assessment'; readonly score: string }
  | {
      readonly verb: 'determine';
      readonly walk: boolean;
      readonly baseline: string;
      readonly followUp: string;
    };

const SEVEN = (first: number, rest: number): Answers => [first, ...Array<number>(6).fill(rest)];
const ANSWERED: Readonly<Record<string, { readonly instrument: string; answers: Answers }>> = {
  low: { instrument: 'swemwbs', answers: SEVEN(3, 3) },
  middle: { instrument: 'swemwbs', answers: SEVEN(5, 3) },
  high: { instrument: 'swemwbs', answers: SEVEN(4, 4) },
  higher: { instrument: 'swemwbs', answers: SEVEN(5, 4) },
  incomplete: { instrument: 'swemwbs', answers: [3, null, 3] },
  anxiety: { instrument: 'gad-7', answers: SEVEN(2, 1) },
  'less-anxiety': { instrument: 'gad-7', answers: SEVEN(3, 0) },
  harm: { instrument: 'phq-9', answers: [...SEVEN(1, 1), 1, 1] },
};
const NAMES = Object.keys(ANSWERED);
const answered = (name: string) => ANSWERED[name] ?? { instrument: 'ons4', answers: [] };

export function scoresOver(use: Deciders, schemeOf: SchemeOf): (said: ScoreSaid) => Decide {
  return (said) => {
    if (said.verb === 'determine') return determining(use, said);
    const { instrument, answers } = answered(said.score);
    const asked = { instrument: instrument as Slug, purpose: 'review' } as const;
    if (said.verb === 'decline-assessment') {
      return (state, moment) => use.declineAssessment(state, asked, {}, schemeOf, moment);
    }
    const assessment = assessmentId(said.score);
    const data = { ...asked, assessment, mode: 'visit', explainedToPerson: true } as const;
    return (state, moment) => use.recordAssessment(state, data, { answers }, schemeOf, moment);
  };
}

function determining(
  use: Deciders,
  { walk, baseline, followUp }: Extract<ScoreSaid, { verb: 'determine' }>,
): Decide {
  return (state, moment) => {
    const scores = new Map(
      NAMES.flatMap((name) => {
        const { instrument, answers } = answered(name);
        const { scoreHundredths } = scoreOf(instrumentOf(instrument), answers);
        const is = state?.assessments.find((given) => given.assessment === assessmentId(name));
        return is === undefined || scoreHundredths === undefined
          ? []
          : [[is.event, scoreHundredths] as const];
      }),
    );
    const pair = { baseline: assessmentId(baseline), followUp: assessmentId(followUp) };
    const prescription = walk ? WALK : PLOT;
    return use.determineOutcome(state, { prescription, ...pair, scores }, moment);
  };
}

const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const laterScores = fc.oneof(
  weighted(2, fc.constantFrom('middle', 'high', 'higher')),
  weighted(1, fc.constantFrom(...NAMES)),
);

export const scoreSaid: fc.Arbitrary<ScoreSaid> = fc.oneof(
  weighted(4, fc.record({ verb: fc.constant('assess'), score: laterScores })),
  weighted(1, fc.record({ verb: fc.constant('decline-assessment'), score: laterScores })),
  weighted(
    4,
    fc.record({
      verb: fc.constant('determine'),
      walk: fc.nat(11).map((dice) => dice === 0),
      baseline: fc.oneof(weighted(3, fc.constant('low')), weighted(1, laterScores)),
      followUp: laterScores,
    }),
  ),
);
