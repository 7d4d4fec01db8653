import type { Scenario } from './simulated-line.js';

/**
 * Every number that the simulation draws from, each with its source. "Invented" means that no
 * source was found; such a number is no claim about any real service.
 *
 * How contacts are counted: each `RecordContact` is one, by whatever mode (a call as much as a
 * visit), and so is each `RecordFollowUp` that reached the person. An attempt that nobody answered
 * is none, nor is a session at a provider.
 */

/** Upper bounds of what may be asked for: beyond them the synthetic NHS numbers would run out. */
export const AREAS_MAX = 100;
export const YEARS_MAX = 10;
export const SEED_MAX = 2_147_483_647;

type Shares<T extends string> = Readonly<Record<T, number>>;
export type Route =
  | 'gp'
  | 'practice-staff'
  | 'hospital'
  | 'pharmacist'
  | 'social-care'
  | 'voluntary-sector'
  | 'family-or-friend'
  | 'self';
export type ContactMode = 'visit' | 'surgery' | 'community' | 'phone' | 'video' | 'text';
export type MissedClass = 'acceptable' | 'not-acceptable' | 'not-stated';

export interface Parameters {
  /** The scheme of that name, and whether it tells kinds of referral apart. */
  readonly scheme: string;
  readonly kind?: 'specific';
  readonly country: 'both' | 'scotland';
  /** Of an area in turn; an area with more practices has more referrals. */
  readonly practices: readonly number[];
  readonly practicesAtFirst: number;
  /** Once the ramp is over. */
  readonly referralsPerPracticeAndYear: number;
  readonly linkWorkers: number;
  /** One prescription at least for whoever is engaged; the number of them is geometric. */
  readonly prescriptionsPerEngaged: number;
  readonly contacts: Contacts;
  readonly underWay: UnderWay;
  /** Whole days between two contacts of one person, on average. */
  readonly contactEveryDays: number;
  /** What is asked at the first contact, and after. */
  readonly baselineInstruments: readonly Instrument[];
  readonly followUp: FollowUp;
  /** Places of the services that have only so many. */
  readonly places: Places;
  /** Pence a year in the pots; the first year is the year of the ramp. */
  readonly money: Money;
}

export type Instrument = 'swemwbs' | 'gad-7' | 'ons4';
/** By the prescription, or by the person; see where each is set. */
export type Contacts =
  | { readonly by: 'prescription'; readonly mean: number; readonly spread: number }
  | { readonly by: 'person'; readonly fewShare: number; readonly manyMean: number };
/**
 * Who is still supported at the end has some of it still to come, and the sources count what was
 * recorded: people are meant to have so many times what the source says. Derived by counting runs.
 */
export interface UnderWay {
  readonly prescriptions: number;
  readonly contacts: number;
}
/** At contacts from then on, again and again; or once, by a call of its own. */
export interface FollowUp {
  readonly window: string;
  readonly everyDays: number;
  readonly againAndAgain: boolean;
}
export interface Places {
  readonly gardening: readonly [firstYear: number, later: number];
  readonly swimming: readonly [firstYear: number, later: number];
}
export interface Money {
  readonly received: number;
  readonly prescribing: readonly [firstYear: number, later: number];
  readonly advice: readonly [firstYear: number, later: number];
  readonly capacity: number;
  readonly training: number;
}

/** "Around 12 months to build trust with GPs" (S1, M07). */
export const RAMP_DAYS = 365;
/** Of the full rate on the first day. Invented. */
export const RAMP_FROM = 0.1;

/** The share of referrals that come from GPs: each area draws its own (section 5, suggested). */
export const GP_SHARE = { from: 0.3, to: 0.8 } as const;
/** Of the others. Invented. */
export const OTHER_ROUTES: Shares<Exclude<Route, 'gp'>> = {
  'practice-staff': 0.22,
  hospital: 0.12,
  pharmacist: 0.06,
  'social-care': 0.14,
  'voluntary-sector': 0.16,
  'family-or-friend': 0.08,
  self: 0.22,
};
/** 12% in 2023 (Lancet Public Health 2025). */
export const DECLINED = 0.12;
/** Of those: by the anchor at once, the rest by the person. Invented. */
export const DECLINED_BY_ANCHOR = 0.15;
/** 75.6% and 75.7% (Ways to Wellness; S1 and waystowellness.org.uk). */
export const ENGAGED = 0.76;
/** 60% female (Lancet Public Health 2025): no field keeps it, it shows in the names. */
export const FEMALE = 0.6;
/** Scheme-specific in section 5: invented. The deprived fifth (42%) has no field: left out. */
export const AGE = { mean: 56, sd: 18, from: 18, to: 97 } as const;
/** Mental health is the top reason (BJPsych 2024); the shares are invented. */
export const NEEDS: Shares<string> = {
  'low mood': 0.28,
  anxiety: 0.22,
  loneliness: 0.2,
  'money worries': 0.12,
  bereavement: 0.08,
  'a long-term condition': 0.14,
  'caring for someone': 0.08,
  housing: 0.05,
};

/** Calendar days from referral to first contact, log-normal. Nothing is published; invented. */
export const FIRST_CONTACT_WAIT = { medianDays: 8, sigma: 0.55 } as const;
/** Working days until the anchor has looked at a referral. Invented. */
export const TRIAGE_DAYS = { from: 0, to: 3 } as const;
/** How often somebody who does not engage is tried, and how far apart. Invented. */
export const TRIES = { from: 2, to: 4, everyDays: 8 } as const;
/** Before any contact: nobody answers, and it is tried again. Invented. */
export const NO_ANSWER = 0.08;
/** 8 visits of 28 contacts in one intensive case (S1, Time to Shine); the rest is invented. */
export const CONTACT_MODES: Shares<ContactMode> = {
  visit: 0.29,
  phone: 0.47,
  community: 0.1,
  surgery: 0.08,
  video: 0.03,
  text: 0.03,
};
/** The first is in person or by phone. Invented. */
export const FIRST_CONTACT_MODES: Shares<ContactMode> = {
  visit: 0.45,
  surgery: 0.25,
  community: 0.15,
  phone: 0.15,
  video: 0,
  text: 0,
};
/** Minutes, from and to. Invented. */
export const MINUTES: Readonly<Record<ContactMode | 'first' | 'tried', readonly [number, number]>> =
  {
    first: [45, 120],
    visit: [40, 90],
    surgery: [20, 45],
    community: [30, 90],
    phone: [8, 35],
    video: [20, 45],
    text: [2, 8],
    tried: [1, 5],
  };
/** After a contact the next appointment is written down. Invented. */
export const NEXT_CONTACT_PLANNED = 0.15;

/** Shares of those who are asked. Invented. */
export const CONSENTS = 0.97;
export const LETS_REFERRER_KNOW = 0.9;
/** Nobody is forced to be scored: who would rather not at the first contact. Invented. */
export const DECLINES_BASELINE = 0.14;
/** Re-measured 60 to 75% of those with a first score (Ways to Wellness 59 to 75%). */
export const SCORED_AGAIN = 0.78;
/** SWEMWBS at the first contact: mean 19.28, SD 3.92 (HQLO 2018), clipped to the scale. */
export const SWEMWBS_BASELINE = { mean: 19.28, sd: 3.92, from: 7, to: 35 } as const;
/** Its change afterwards (section 5, suggested: mean +2, SD 3). */
export const SWEMWBS_CHANGE = { mean: 2, sd: 3 } as const;
/** GAD-7 and ONS4: mean answer of an item and its spread. Invented. */
export const ITEM_ANSWERS = {
  'gad-7': { mean: 1.5, sd: 0.9, from: 0, to: 3 },
  ons4: { mean: 5, sd: 2, from: 0, to: 10 },
} as const;
/** A follow-up that did not reach the person is tried again at the next contact. Invented. */
export const FOLLOW_UP_REACHED = 0.9;
/** By a call of its own; 8 in 10 are followed up at three to four months (Rotherham, S2). */
export const CALLED_REACHED = 0.8;
/** Once more, some time after the end. Invented. */
export const ASKED_AFTER_THE_END = 0.1;

/** 85% uptake when offered (green social prescribing, JECH 2024): the rest is refused. */
export const OFFER_REFUSED = 0.15;
/** Of offers that are refused. Invented. */
export const REFUSAL_REASON_GIVEN = 0.5;
/** The contact at which something is first prescribed, and how many until the next. Invented. */
export const PRESCRIBED_AT = { first: 2, every: 4 } as const;
/** Of prescriptions. Invented. */
export const PRESCRIPTION_DECLINED = 0.02;
export const MISTYPED = 0.008;
export const FREE_ONE_COMPLETED = 0.72;
/** Days until what keeps no register is over. Invented. */
export const FREE_ONE_DAYS = { from: 14, to: 70 } as const;
/** Days from a prescription to its first session. Invented. */
export const FIRST_SESSION_DAYS = { from: 5, to: 19 } as const;
export const SESSION_EVERY_DAYS = 7;
/** Of sessions that somebody was expected at; nothing is published. Invented. */
export const PROVIDER_CALLED_OFF = 0.02;
export const ATTENDED = 0.8;
export const CAME_LATE = 0.06;
export const MISSED: Shares<MissedClass> = {
  acceptable: 0.45,
  'not-acceptable': 0.2,
  'not-stated': 0.35,
};
/** After each session. Invented. */
export const STOPS_AFTER_SESSION = 0.05;
/** Of the referrals that come to their end. Invented. */
export const DROPS_OUT_ALTOGETHER = 0.1;
/** Nobody must give a reason: who gives none. Invented. */
export const NO_REASON = 0.35;
/** Codes after NHS Health Scotland 2016 (P4); the shares are invented. */
export const DROP_OUT_REASONS: Shares<string> = {
  'no-confidence': 0.2,
  'does-not-know-where': 0.05,
  'knows-no-one': 0.12,
  'cannot-get-there': 0.2,
  'mental-health': 0.15,
  frightened: 0.04,
  'moved-away': 0.04,
  'needs-met-another-way': 0.1,
  'no-longer-interested': 0.1,
};
export const BARRIERS: Shares<string> = {
  'no-confidence': 0.25,
  'does-not-know-where': 0.1,
  'knows-no-one': 0.2,
  'cannot-get-there': 0.25,
  'mental-health': 0.15,
  frightened: 0.05,
};
/** Of first contacts. Invented. */
export const BARRIER_SEEN = 0.2;
export const NEED_UNMET = 0.04;
export const SIGNPOSTED = 0.1;
export const CONCERN_RAISED = 0.008;
/** Of contacts once there is a plan. Invented. */
export const PLAN_AMENDED = 0.02;

/** When things are written down. Invented. */
export const WRITTEN_UP_SAME_DAY = 0.85;
export const REGISTER_SAME_DAY = 0.7;
export const REGISTER_A_WEEK_LATE = 0.08;
/** Of sessions, and of contacts. Invented. */
export const REGISTER_WRONG = 0.008;
export const CONTACT_MISTYPED = 0.004;
/** Working days after the end of a month on which its books are closed. Invented. */
export const MONTH_CLOSED_AFTER_DAYS = 6;

/** Days from the last contact to the closing of a referral. Invented. */
export const CLOSED_AFTER_DAYS = { from: 3, to: 20 } as const;
/** Of closed referrals. Invented. */
export const REOPENED = { share: 0.03, from: 30, to: 120, contactsMax: 3 } as const;
/** Of referrers who are told how it went. Invented. */
export const FEEDBACK_HALFWAY = 0.5;
export const FEEDBACK_ACKNOWLEDGED = 0.6;
/** Of people with two contacts or more: somebody else supports them from then on. Invented. */
export const REASSIGNED = 0.04;

/**
 * SPRING (S1): "plans to co-create 16,000 social prescriptions over 192,000 contacts across the 15
 * areas" in three years: 12 contacts a prescription. The Deep End's "45% saw the worker three times
 * or more" cannot hold beside that and is kept for Highland.
 */
const SPRING: Parameters = {
  scheme: 'spring',
  country: 'both',
  // Three at first (County Down Rural Community Network); how many later is invented.
  practices: [6],
  practicesAtFirst: 3,
  // Derived: with 1.85 prescriptions a referral, the ramp, and those under way at the end, fifteen
  // areas and three years come to 16,000 prescriptions.
  referralsPerPracticeAndYear: 37.5,
  // Invented: some 50 people at a time for each (51.5 on a platform, Elemental).
  linkWorkers: 3,
  // 1.85 a referral (section 5, suggested), of which 76% are engaged.
  prescriptionsPerEngaged: 1.85 / ENGAGED,
  contacts: { by: 'prescription', mean: 12, spread: 5 },
  underWay: { prescriptions: 1.06, contacts: 1.165 },
  contactEveryDays: 5,
  baselineInstruments: ['swemwbs', 'gad-7', 'ons4'],
  // "follow up monthly with patients, who retake the assessments" (S1, M01)
  followUp: { window: 'monthly', everyDays: 30, againAndAgain: true },
  // Invented.
  places: { gardening: [6, 12], swimming: [4, 9] },
  money: {
    // £3.1 million over three years and fifteen areas (S1); the pots are invented.
    received: 6_888_800,
    prescribing: [900_000, 1_600_000],
    advice: [120_000, 220_000],
    capacity: 400_000,
    training: 200_000,
  },
};

/**
 * NHS Highland's community link workers (July 2024): 2,663 referrals in the 24 months to May 2024,
 * 9,471 appointments (3.56 a referral) and 4,929 prescriptions (1.85 a referral).
 */
const HIGHLAND: Parameters = {
  scheme: 'highland',
  kind: 'specific',
  country: 'scotland',
  // Two providers under one board: 27 practices, and 12 in Argyll and Bute (S3).
  practices: [27, 12],
  practicesAtFirst: 8,
  // Derived: with the ramp, these two areas and two years come to 2,663.
  referralsPerPracticeAndYear: 43,
  linkWorkers: 8,
  prescriptionsPerEngaged: 1.85 / ENGAGED,
  // "45% of those referred saw the worker three times or more" (Deep End, Ann Fam Med 2019), so
  // 41% of the 76% who are engaged did not: once, and a call some months later that reaches 8 in
  // 10. With 3.56 a referral the others come to 5.9 beside that call.
  contacts: { by: 'person', fewShare: 1 - 0.45 / ENGAGED, manyMean: 5.9 },
  underWay: { prescriptions: 1.05, contacts: 1.13 },
  // Invented.
  contactEveryDays: 16,
  baselineInstruments: ['swemwbs'],
  // Three to four months (Rotherham, S2).
  followUp: { window: 'three-months', everyDays: 100, againAndAgain: false },
  // Invented.
  places: { gardening: [14, 24], swimming: [9, 18] },
  money: {
    // Invented: what a board pays beside its link workers.
    received: 4_000_000,
    prescribing: [2_600_000, 4_000_000],
    advice: [400_000, 700_000],
    capacity: 300_000,
    training: 150_000,
  },
};

export const PARAMETERS: Readonly<Record<Scenario, Parameters>> = {
  spring: SPRING,
  highland: HIGHLAND,
};
