/**
 * What Wayledger knows of instruments: how many items, which answers, how they are summed and
 * banded. No wording of any item is kept here: several of the scales are licensed.
 */
export interface Instrument {
  /** Of the rule below: a later table gets a new number and leaves what was recorded alone. */
  readonly scoring: number;
  /** How many items there are and what each can be answered with. */
  readonly items?: { readonly count: number; readonly min: number; readonly max: number };
  readonly score?: (raw: number) => number;
  readonly bands?: readonly (readonly [from: number, band: string])[];
  /** Which way a change is a change for the better, where a source says so. */
  readonly better?: 'higher' | 'lower';
  /** The item that asks about harm: any answer above 0 is a concern. */
  readonly concernItem?: number;
}

const whole = (raw: number) => raw * 100;

/**
 * SWEMWBS, raw 7 to 35 to metric, in hundredths. Rasch conversion after Stewart-Brown and others
 * 2009 (Health and Quality of Life Outcomes 7:15). One witness: the table was read from three
 * public analysis scripts of what looks like one project; check it against Warwick's own after
 * registering.
 */
const SWEMWBS_METRIC_HUNDREDTHS: readonly number[] = [
  700, 951, 1125, 1240, 1333, 1408, 1475, 1532, 1584, 1636, 1688, 1743, 1798, 1859, 1925, 1998,
  2073, 2154, 2235, 2321, 2411, 2503, 2602, 2703, 2813, 2931, 3070, 3255, 3500,
];
const SWEMWBS_RAW_MIN = 7;

/**
 * SWEMWBS and WEMWBS are licensed by the University of Warwick (for non-commercial use by public
 * bodies and charities that register); the wording may not be passed on. A change counts from 1 to
 * 3 points on SWEMWBS (HQLO 2018, s12955-018-1060-2) and about 3 on WEMWBS (Warwick).
 */
const SWEMWBS: Instrument = {
  scoring: 1,
  items: { count: 7, min: 1, max: 5 },
  score: (raw) => SWEMWBS_METRIC_HUNDREDTHS[raw - SWEMWBS_RAW_MIN] ?? Number.NaN,
  better: 'higher',
};
const WEMWBS: Instrument = {
  scoring: 1,
  items: { count: 14, min: 1, max: 5 },
  score: whole,
  better: 'higher',
};

/** GAD-7, 0 to 21. A drop of 4 is reliable (the IAPT manual, as quoted at cbtwatch.com). */
const GAD_7: Instrument = {
  scoring: 1,
  items: { count: 7, min: 0, max: 3 },
  score: whole,
  bands: [
    [0, 'minimal'],
    [5, 'mild'],
    [10, 'moderate'],
    [15, 'severe'],
  ],
  better: 'lower',
};

/** PHQ-9, 0 to 27. A drop of 6 is reliable (same source). Item 9 is about self-harm. */
const PHQ_9: Instrument = {
  scoring: 1,
  items: { count: 9, min: 0, max: 3 },
  score: whole,
  bands: [
    [0, 'minimal'],
    [5, 'mild'],
    [10, 'moderate'],
    [15, 'moderately-severe'],
    [20, 'severe'],
  ],
  better: 'lower',
  concernItem: 9,
};

/**
 * Well-being Star (Triangle; licence and training needed): eight areas, each 1 to 5 on its Journey
 * of Change. The total, 8 to 40, is derived: Ways to Wellness reports a change of 3.4 as 11%, which
 * is 3.4 of 32.
 */
const WELLBEING_STAR: Instrument = {
  scoring: 1,
  items: { count: 8, min: 1, max: 5 },
  score: whole,
  better: 'higher',
};

/** ONS4: four questions, 0 to 10 each, the last turned round; never summed, so it has no score. */
const ONS4: Instrument = { scoring: 1, items: { count: 4, min: 0, max: 10 } };

/**
 * PAM: its algorithm is not shared even with researchers (paid licence); 3 points more is the
 * endorsed measure (CBE 2483). Score and level are recorded as they were given.
 */
const PAM: Instrument = { scoring: 1, better: 'higher' };

const INSTRUMENTS: ReadonlyMap<string, Instrument> = new Map([
  ['swemwbs', SWEMWBS],
  ['wemwbs', WEMWBS],
  ['gad-7', GAD_7],
  ['phq-9', PHQ_9],
  ['wellbeing-star', WELLBEING_STAR],
  ['ons4', ONS4],
  ['pam', PAM],
]);
export const INSTRUMENTS_WITH_ITEMS: readonly string[] = [...INSTRUMENTS]
  .filter(([, { items }]) => items !== undefined)
  .map(([name]) => name);

/** Of an instrument that is not known here a score is kept as it was given. */
export function instrumentOf(name: string): Instrument {
  return INSTRUMENTS.get(name) ?? { scoring: 1 };
}

/** An item that was left out has no answer. */
export type Answers = readonly (number | null)[];

export interface Scored {
  readonly raw?: number;
  readonly scoreHundredths?: number;
  readonly band?: string;
}

/** No score unless every item is answered, and none where the answers are never summed. */
export function scoreOf({ items, score, bands }: Instrument, answers: Answers): Scored {
  const given = answers.filter((answer) => answer !== null);
  if (items === undefined || score === undefined || given.length < items.count) return {};
  const raw = given.reduce((sum, answer) => sum + answer, 0);
  const band = bands?.findLast(([from]) => raw >= from)?.[1];
  return { raw, scoreHundredths: score(raw), ...(band && { band }) };
}

/** The number of the first item whose answer cannot be. */
export function itemOutOfRange({ items }: Instrument, answers: Answers): number | null {
  if (items === undefined) return null;
  const { min, max } = items;
  const at = answers.findIndex((answer) => answer !== null && (answer < min || answer > max));
  return at === -1 ? null : at + 1;
}

export function raisesConcern({ concernItem }: Instrument, answers: Answers): boolean {
  return concernItem !== undefined && (answers[concernItem - 1] ?? 0) > 0;
}
