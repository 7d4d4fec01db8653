import {
  ACTOR_ROLES,
  refuse,
  shape,
  type CivilDate,
  type Refusal,
  type Slug,
  type Static,
} from '#kernel';
import { CONTACT_MODES, REFERRAL_KINDS, ROUTES, WORKER_KINDS, type ReferralKind } from './words.js';

const need = () => shape.word(['needed', 'not-needed']);
/** Longer than anybody waits, and short enough that every day it leads to can be written. */
export const DAYS_MAX = 36_500;
export const MONTHS_MAX = 1_200;
export const VISIT_MINUTES_MAX = 1_440;

const count = (maximum?: number) =>
  shape.integer({ minimum: 1, ...(maximum !== undefined && { maximum }) });
const days = () => count(DAYS_MAX);
const months = () => count(MONTHS_MAX);
const filled = <const I extends Parameters<typeof shape.array>[0]>(items: I) =>
  shape.array(items, { minItems: 1 });
const closed = <const P extends Parameters<typeof shape.object>[0]>(properties: P) =>
  shape.object(properties, { additionalProperties: false });

const needs = {
  /** Whether a referral must bring a name and a way to reach the person. */
  identity: need(),
  /** Whether the caseload asks for consent until it is recorded; it stops no fact. */
  consent: need(),
  /** Whether somebody must be assigned before anything is prescribed. */
  linkWorker: need(),
  /** Whether a plan must be agreed with the person before anything is prescribed. */
  plan: shape.optional(need()),
};
const needsShape = closed(needs);
export type Needs = Static<typeof needsShape>;

/** A rule of eligibility: an age (both ends belong to it) or one condition of several. */
const ruleShape = closed({
  rule: shape.slug('rule'),
  age: shape.optional(
    closed({
      from: shape.optional(shape.integer({ minimum: 0 })),
      to: shape.optional(shape.integer({ minimum: 0 })),
    }),
  ),
  anyOf: shape.optional(filled(shape.slug('condition'))),
});
export type EligibilityRule = Static<typeof ruleShape>;

const tierShape = closed({
  tier: shape.slug('tier'),
  /** How many conversations it is meant for; follow-ups are the scheme's own and never count. */
  cap: closed({
    /** `soft` prompts and blocks nothing; `hard` needs an override with a reason. */
    kind: shape.word(['none', 'soft', 'hard']),
    contacts: shape.optional(count()),
    /** From this conversation on the caseload asks to look at it again. */
    promptAt: shape.optional(count()),
    /** Only conversations of these modes count; left out: all. */
    modes: shape.optional(filled(shape.word(CONTACT_MODES))),
  }),
  /** Who may go past a hard cap; left out: nobody. */
  overrideBy: shape.optional(shape.array(shape.word(ACTOR_ROLES))),
  barredWorkers: shape.optional(shape.array(shape.word(WORKER_KINDS))),
  /** Minutes of the first contact where its command says none. */
  firstVisitMinutes: shape.optional(count(VISIT_MINUTES_MAX)),
});
export type Tier = Static<typeof tierShape>;
export type Cap = Tier['cap'];

const clocksShape = closed({
  /** Days from the referral until the first contact is due. */
  firstContactDays: shape.optional(days()),
  /** Months from one contact of the follow-up clock to the next. */
  followUpMonths: shape.optional(months()),
  /** Instead: windows in days from the first contact, each asked for once. */
  followUps: shape.optional(
    filled(
      closed({
        window: shape.slug('follow-up window'),
        fromDays: shape.integer({ minimum: 0, maximum: DAYS_MAX }),
        toDays: days(),
      }),
    ),
  ),
  /** Months from a plan, or its last amendment, until it is looked at again. */
  reviewMonths: shape.optional(months()),
  /** Days from the referral, or the last feedback, until the referrer is to hear. */
  feedbackDays: shape.optional(days()),
  /** Days after which a place that was offered and not taken up lapses. */
  placeDays: shape.optional(days()),
  /** Days without any fact, and without a live prescription, after which a referral closes. */
  quietDays: shape.optional(days()),
});
export type FollowUpWindow = NonNullable<Static<typeof clocksShape>['followUps']>[number];

/** Asked for, never required. */
const instrumentsShape = closed({
  firstContact: shape.optional(shape.array(shape.slug('instrument'))),
  /** At the first contact any one of these. */
  oneOf: shape.optional(shape.array(shape.slug('instrument'))),
  /** Asked for again whenever a follow-up is due. */
  followUp: shape.optional(shape.array(shape.slug('instrument'))),
});

const codes = () => shape.optional(shape.array(shape.slug('reason')));
const reasonsShape = closed({
  barrier: codes(),
  unmetNeed: codes(),
  concern: codes(),
  dropOut: codes(),
});
export type ReasonList = keyof Static<typeof reasonsShape>;

/** Policy as data, one file a version; a referral keeps the version it was received under. */
export const schemeShape = closed({
  name: shape.slug('scheme'),
  version: count(),
  /** The first day on which referrals are received under this version. */
  from: shape.date(),
  label: shape.text('what people read instead of "social prescribing"'),
  /** Who may refer; any other route is refused with a reason. */
  routes: filled(shape.word(ROUTES)),
  identity: shape.optional(need()),
  consent: shape.optional(need()),
  linkWorker: shape.optional(need()),
  plan: shape.optional(need()),
  /** Instead of the four above: the same four for each kind of referral that the scheme takes. */
  kinds: shape.optional(
    closed({
      broad: shape.optional(needsShape),
      medium: shape.optional(needsShape),
      specific: shape.optional(needsShape),
    }),
  ),
  eligibility: shape.optional(shape.array(ruleShape)),
  tiers: shape.optional(shape.array(tierShape)),
  /** Caps of the version the referral was received under (if left out), or of the contact's day. */
  capsFollow: shape.optional(shape.word(['referral', 'day'])),
  clocks: clocksShape,
  /** `not-used`: nobody is scored here, and an assessment is refused. */
  assessments: shape.optional(shape.word(['used', 'not-used'])),
  instruments: shape.optional(instrumentsShape),
  /** Lists of codes; what has no list takes any code. */
  reasons: shape.optional(reasonsShape),
  /** Whether a missed session may be held another day: it leaves its number open, at no cost. */
  makeUpSessions: shape.optional(shape.word(['allowed'])),
});
export type Scheme = Static<typeof schemeShape>;
/** The scheme a referral is pinned to, or with a day the version in force on it. */
export type SchemeOf = (
  pinned: { readonly name: Slug; readonly version: number },
  on?: CivilDate,
) => Scheme;

export function kindsOf({ kinds = {} }: Scheme): readonly ReferralKind[] {
  return REFERRAL_KINDS.filter((kind) => kinds[kind] !== undefined);
}

/** What a referral must bring, and what must be there before anything is prescribed. */
export function needsOf(scheme: Scheme, kind: ReferralKind | undefined): Needs {
  const { identity = 'needed', consent = 'needed', linkWorker = 'needed', plan } = scheme;
  const ofKind = kind && scheme.kinds?.[kind];
  return ofKind ?? { identity, consent, linkWorker, ...(plan && { plan }) };
}

/** Nobody must give a reason, whatever a list says. */
export const NO_REASON_GIVEN = 'no-reason-given';

/** Whether the scheme's list knows a code; without a list every code is as good as another. */
export function unknownReason(
  { name, reasons }: Scheme,
  list: ReasonList,
  code: string | undefined,
  field = 'code',
): Refusal | null {
  const known = reasons?.[list];
  if (code === undefined || code === NO_REASON_GIVEN || known === undefined) return null;
  if (known.some((one) => one === code)) return null;
  return refuse(
    'no-such-reason',
    `Scheme ${name} does not know this reason; its list has: ` +
      `${[...known, NO_REASON_GIVEN].join(', ')}.`,
    { field },
  );
}

/** A scheme file that cannot be used; the message names file, line and key. */
export class SchemeRefused extends Error {
  override readonly name = 'SchemeRefused';
}

/** The versions of all schemes, by name. */
export class Schemes {
  /** @throws SchemeRefused when two files give the same version of a scheme */
  constructor(readonly all: readonly Scheme[]) {
    for (const scheme of all) {
      if (all.some((o) => o !== scheme && o.name === scheme.name && o.version === scheme.version)) {
        throw new SchemeRefused(`Scheme ${scheme.name} has version ${scheme.version} twice`);
      }
    }
  }

  names(): string[] {
    return [...new Set(this.all.map((scheme) => scheme.name))].sort();
  }

  /** The version in force on a day. */
  inForce(name: Slug, on: CivilDate): Scheme | undefined {
    return this.all
      .filter((scheme) => scheme.name === name && scheme.from <= on)
      .sort((a, b) => b.version - a.version)[0];
  }

  /** The day its first version begins; none where there is no such scheme. */
  beginsOn(name: Slug): CivilDate | undefined {
    return this.all
      .filter((scheme) => scheme.name === name)
      .map(({ from }) => from)
      .sort()[0];
  }

  /** The very version a referral was received under. */
  version(name: Slug, version: number): Scheme | undefined {
    return this.all.find((scheme) => scheme.name === name && scheme.version === version);
  }
}
