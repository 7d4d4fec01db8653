import fc from 'fast-check';
import { addDays, isRefusal, type Actor, type CivilDate, type Decision } from '#kernel';
import * as deciders from '../decide.js';
import { amendableFields, isVoidable } from '../decide-correction.js';
import { type ReferralEvent, type ReferralFact } from '../events.js';
import { DECIDERS, EVIDENCE_KINDS } from '../words.js';
import type { Amended } from '../entries.js';
import { evolve } from '../evolve.js';
import { initialState, type ReferralState } from '../state.js';
import { MISSED_CLASSES, type MissedClass, type Terms } from '../terms.js';
import {
  ALLOTMENTS,
  BY_COURSE,
  BY_OUTCOME,
  BY_SESSION,
  GARDENING,
  JO,
  LINK_WORKER,
  OTHER_PROVIDER,
  PLOT,
  PROVIDER,
  SAM,
  STRANGER,
  WALK,
  WALKERS,
  WALKING,
  offerId,
} from './cast.js';
import { commandsOver, type Deciders } from './commands.js';
import { date, factsOf, frozen, type Decide } from './given.js';
import { scoreSaid, scoresOver, type ScoreSaid } from './score-steps.js';
import { supportOver, supportSaid, type SupportSaid } from './support-steps.js';
import { waitingLong, waitingOver, waitingSaid, type WaitingSaid } from './waiting-steps.js';
import { wholeSchemeOf } from './whole-scheme.js';

/** One thing that somebody says happened. */
type Said =
  | WaitingSaid
  | SupportSaid
  | ScoreSaid
  | { readonly verb: 'refer' | 'contact' | 'attempt' | 'close' | 'reopen' }
  | { readonly verb: 'accept' | 'decline'; readonly by: (typeof DECIDERS)[number] }
  | { readonly verb: 'assign'; readonly again: boolean }
  | { readonly verb: 'consent'; readonly scope: string }
  | { readonly verb: 'plan'; readonly inDays: number }
  | { readonly verb: 'follow-up'; readonly reached: boolean }
  | { readonly verb: 'offer' | 'refuse-offer'; readonly offer: string }
  | {
      readonly verb: 'prescribe';
      readonly walk: boolean;
      readonly offer: string | undefined;
      readonly sessions: number | undefined;
      readonly continues: boolean;
      readonly pays: Pays;
    }
  | {
      readonly verb: 'abandon' | 'complete' | 'cancel' | 'decline-prescription';
      readonly walk: boolean;
    }
  | { readonly verb: 'drop-out'; readonly from: 'plot' | 'walk' | 'all' }
  | {
      readonly verb: 'session';
      readonly walk: boolean;
      readonly session: string;
      readonly outcome: 'attended' | MissedClass;
      readonly number: number | undefined;
      readonly insteadOf: string | undefined;
    }
  | {
      readonly verb: 'evidence';
      readonly walk: boolean;
      readonly session: string;
      readonly says: 'attended' | 'missed';
      readonly kind: (typeof EVIDENCE_KINDS)[number];
    }
  | { readonly verb: 'reprice'; readonly walk: boolean; readonly version: number }
  | {
      readonly verb: 'correct';
      /** Which of the facts so far that can be corrected, from the newest. */
      readonly back: number;
      readonly amend: AmendSaid | undefined;
    };
type Pays = 'nothing' | keyof typeof TERMS;
/** A day as days before the correction; the rest as it is said. */
type AmendSaid = Omit<Amended, 'on'> & { readonly daysAgo?: number };

const TERMS = {
  'by-session': BY_SESSION,
  'by-course': BY_COURSE,
  'by-outcome': BY_OUTCOME,
  'at-delivery': { ...BY_SESSION, priceBasis: 'at-delivery' },
} as const satisfies Readonly<Record<string, Terms>>;

/** Said some days after the last thing, about a day that may lie back, or still lie ahead. */
export interface Step {
  readonly daysLater: number;
  readonly daysAgo: number;
  readonly by: 'link-worker' | 'provider' | 'other-provider' | 'stranger';
  readonly said: Said;
}

export interface Turn {
  readonly step: Step;
  readonly before: ReferralState;
  readonly decision: Decision<ReferralEvent>;
  readonly facts: readonly ReferralFact[];
  readonly after: ReferralState;
}

const ACTORS: Readonly<Record<Step['by'], Actor>> = {
  'link-worker': LINK_WORKER,
  provider: PROVIDER,
  'other-provider': OTHER_PROVIDER,
  stranger: STRANGER,
};
const START = date('2026-04-01');

/** Plays the steps through the deciders, each decision made on what the ones before it left. */
export function play(steps: readonly Step[], use: Deciders = deciders): readonly Turn[] {
  const decideOf = decider(use);
  let today: CivilDate = START;
  let state: ReferralState = initialState;
  const history: ReferralFact[] = [];
  return steps.map((step, index) => {
    const { daysLater, daysAgo, by, said } = step;
    today = addDays(today, daysLater);
    const moment = { on: addDays(today, -daysAgo), today, actor: ACTORS[by] };
    const before = state;
    const decision = decideOf(said, moment.on, history)(before, moment);
    const facts = isRefusal(decision) ? [] : factsOf(decision, moment, String(index));
    for (const fact of facts) state = frozen(evolve(state, fact));
    history.push(...facts);
    return { step, before, decision, facts, after: state };
  });
}

export const factsIn = (turns: readonly Turn[]): ReferralFact[] =>
  turns.flatMap(({ facts }) => facts);

/** What is said on a day, of a referral with these facts. */
type DeciderOf = (said: Said, on: CivilDate, history: readonly ReferralFact[]) => Decide;

export function decider(use: Deciders): DeciderOf {
  const say = commandsOver(use, wholeSchemeOf);
  const waiting = waitingOver(use, wholeSchemeOf);
  const support = supportOver(use, wholeSchemeOf);
  const scores = scoresOver(use, wholeSchemeOf);
  return (said, on, history) => {
    switch (said.verb) {
      case 'waiting':
        return waiting(said);
      case 'support':
        return support(said, history);
      case 'assess':
      case 'decline-assessment':
      case 'determine':
        return scores(said);
      case 'refer':
        return say.refer();
      case 'accept':
        return say.accept(said.by);
      case 'decline':
        return say.decline(said.by);
      case 'assign':
        return say.assign(said.again ? SAM : JO);
      case 'consent':
        return say.consent(said.scope);
      case 'plan':
        return say.plan(addDays(on, said.inDays));
      case 'attempt':
        return say.attemptContact();
      case 'contact':
        return say.contact();
      case 'follow-up':
        return say.followUp(said.reached);
      case 'offer':
        return say.offer(offerId(said.offer));
      case 'refuse-offer':
        return say.refuseOffer(offerId(said.offer));
      case 'close':
        return say.close();
      case 'reopen':
        return say.reopen();
      case 'correct':
        return correction(say, said, on, history);
      default:
        return ofPrescription(say, said);
    }
  };
}

type Say = ReturnType<typeof commandsOver>;
type SaidOf<V extends Said['verb']> = Extract<Said, { verb: V }>;
const prescription = ({ walk }: { walk: boolean }) => (walk ? WALK : PLOT);

type OfPrescription =
  Exclude<Extract<Said, { walk: boolean }>, WaitingSaid | ScoreSaid> | SaidOf<'drop-out'>;

function ofPrescription(say: Say, said: OfPrescription): Decide {
  switch (said.verb) {
    case 'prescribe':
      return prescribing(say, said);
    case 'abandon':
      return say.abandon(prescription(said));
    case 'complete':
      return say.complete(prescription(said));
    case 'cancel':
      return say.cancel(prescription(said));
    case 'decline-prescription':
      return say.declinePrescription(prescription(said));
    case 'drop-out':
      return said.from === 'all' ? say.dropOut() : say.dropOut(said.from === 'walk' ? WALK : PLOT);
    case 'session': {
      const { session, outcome, number, insteadOf } = said;
      const place = {
        prescription: prescription(said),
        ...(number && { number }),
        ...(insteadOf && { insteadOf }),
      };
      return outcome === 'attended'
        ? say.attend(session, place)
        : say.miss(session, outcome, place);
    }
    case 'evidence':
      return say.addEvidence(said.session, said.says, said.kind, prescription(said));
    case 'reprice':
      return say.reprice(said.version, TERMS['at-delivery'], prescription(said));
    default:
      return ((_: never) => say.close())(said);
  }
}

function prescribing(say: Say, said: SaidOf<'prescribe'>): Decide {
  return say.prescribe({
    prescription: prescription(said),
    service: said.walk ? WALKING : GARDENING,
    provider: said.walk ? WALKERS : ALLOTMENTS,
    ...(said.offer && { offer: offerId(said.offer) }),
    ...(said.continues && { continues: prescription({ walk: !said.walk }) }),
    ...(said.sessions && { sessions: said.sessions }),
    ...(said.pays !== 'nothing' && { terms: TERMS[said.pays] }),
  });
}

function correction(
  say: Say,
  { back, amend }: SaidOf<'correct'>,
  on: CivilDate,
  history: readonly ReferralFact[],
): Decide {
  const { daysAgo, ...rest } = amend ?? {};
  const amended = { ...rest, ...(daysAgo !== undefined && { on: addDays(on, -daysAgo) }) };
  const fields = Object.keys(amended);
  const correctable = history.filter(({ type }) =>
    amend === undefined
      ? isVoidable(type)
      : fields.every((field) => amendableFields(type).includes(field)),
  );
  const fact = correctable.at(-1 - (back % Math.max(1, correctable.length)));
  if (fact === undefined) return () => [];
  return amend === undefined ? say.correct(fact) : say.correct(fact, { kind: 'amend', amended });
}

const offers = fc.constantFrom('first', 'second', 'third');
const sessions = fc.constantFrom('s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8');
const verb = <const V extends Said['verb']>(...verbs: V[]) => fc.constantFrom(...verbs);
const walk = fc.boolean();
const by = fc.constantFrom(...DECIDERS);
const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const rarely = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(weighted(5, fc.constant(undefined)), weighted(1, value));

const amend: fc.Arbitrary<AmendSaid> = fc.oneof(
  fc.record({ daysAgo: fc.integer({ min: -1, max: 12 }) }),
  fc.record({ number: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ class: fc.constantFrom(...MISSED_CLASSES) }),
  fc.record({ mode: fc.constantFrom('video', 'phone'), minutes: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ reached: fc.boolean(), daysAgo: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ met: fc.boolean() }),
);

const correcting: fc.Arbitrary<Said> = fc.record({
  verb: verb('correct'),
  back: fc.oneof(weighted(3, fc.constant(0)), weighted(2, fc.nat(12))),
  amend: fc.option(amend, { nil: undefined, freq: 2 }),
});

const said: fc.Arbitrary<Said> = fc.oneof(
  weighted(40, fc.record({ verb: verb('contact', 'attempt') })),
  weighted(8, fc.record({ verb: verb('refer', 'close', 'close', 'close') })),
  weighted(15, fc.record({ verb: verb('reopen') })),
  weighted(8, fc.record({ verb: verb('accept'), by })),
  weighted(6, fc.record({ verb: verb('decline'), by })),
  weighted(10, fc.record({ verb: verb('assign'), again: fc.boolean() })),
  weighted(10, fc.record({ verb: verb('consent'), scope: fc.constantFrom('share', 'research') })),
  weighted(15, fc.record({ verb: verb('plan'), inDays: fc.integer({ min: -1, max: 14 }) })),
  weighted(15, fc.record({ verb: verb('follow-up'), reached: fc.boolean() })),
  weighted(40, fc.record({ verb: verb('offer', 'refuse-offer'), offer: offers })),
  weighted(
    40,
    fc.record({
      verb: verb('prescribe'),
      walk,
      offer: rarely(offers),
      sessions: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      continues: fc.boolean(),
      pays: fc.constantFrom<Pays[]>(
        'nothing',
        'by-session',
        'by-course',
        'by-outcome',
        'at-delivery',
      ),
    }),
  ),
  weighted(2, fc.record({ verb: verb('abandon'), walk })),
  weighted(6, fc.record({ verb: verb('reprice'), walk, version: fc.integer({ min: 1, max: 3 }) })),
  weighted(25, waitingSaid),
  weighted(9, fc.record({ verb: verb('complete', 'cancel', 'decline-prescription'), walk })),
  weighted(6, fc.record({ verb: verb('drop-out'), from: fc.constantFrom('plot', 'walk', 'all') })),
  weighted(
    150,
    fc.record({
      verb: verb('session'),
      walk,
      session: sessions,
      outcome: fc.constantFrom('attended', 'attended', ...MISSED_CLASSES),
      number: rarely(fc.integer({ min: 1, max: 8 })),
      insteadOf: rarely(sessions),
    }),
  ),
  weighted(
    15,
    fc.record({
      verb: verb('evidence'),
      walk,
      session: sessions,
      says: fc.constantFrom('attended', 'missed'),
      kind: fc.constantFrom(...EVIDENCE_KINDS),
    }),
  ),
  weighted(45, scoreSaid),
  weighted(30, supportSaid),
  weighted(60, correcting),
);

const step: fc.Arbitrary<Step> = fc.record({
  daysLater: fc.integer({ min: 0, max: 6 }),
  daysAgo: fc.oneof(
    weighted(12, fc.constant(0)),
    weighted(4, fc.integer({ min: 1, max: 12 })),
    weighted(1, fc.constant(-1)),
  ),
  by: fc.oneof(
    weighted(14, fc.constant('link-worker' as const)),
    weighted(2, fc.constant('provider' as const)),
    weighted(1, fc.constant('other-provider' as const)),
    weighted(1, fc.constant('stranger' as const)),
  ),
  said,
});

/** Of one prescription, by people who mistake one session for another and think again. */
const muddled: fc.Arbitrary<Step> = fc.record({
  daysLater: fc.integer({ min: 0, max: 2 }),
  daysAgo: fc.oneof(weighted(4, fc.constant(0)), weighted(1, fc.integer({ min: 1, max: 4 }))),
  by: fc.constant('link-worker' as const),
  said: fc.oneof(
    weighted(
      6,
      fc.record({
        verb: verb('session'),
        walk: fc.constant(false),
        session: fc.constantFrom('s1', 's2', 's3'),
        outcome: fc.constantFrom('attended', 'not-acceptable', 'provider-logistics'),
        number: rarely(fc.integer({ min: 1, max: 3 })),
        insteadOf: rarely(fc.constantFrom('s1', 's2')),
      }),
    ),
    weighted(10, correcting),
    weighted(1, fc.record({ verb: verb('complete', 'cancel'), walk: fc.constant(false) })),
    weighted(1, fc.record({ verb: verb('drop-out'), from: fc.constantFrom('plot', 'all') })),
    weighted(2, fc.record({ verb: verb('contact') })),
    weighted(
      2,
      fc.constant({ verb: 'determine', walk: false, baseline: 'low', followUp: 'high' } as const),
    ),
  ),
});

const atOnce = (what: Said): Step => ({ daysLater: 0, daysAgo: 0, by: 'link-worker', said: what });
const REFER = atOnce({ verb: 'refer' });
const READY = [
  REFER,
  atOnce({ verb: 'support', what: 'eligibility', other: false }),
  atOnce({ verb: 'accept', by: 'person' }),
  atOnce({ verb: 'assign', again: false }),
];
const atFirst = (what: { walk: boolean; pays: Pays }) =>
  atOnce({ verb: 'prescribe', offer: undefined, continues: false, sessions: 4, ...what });
const SUPPORTED = [
  ...READY,
  atFirst({ walk: false, pays: 'by-course' }),
  atFirst({ walk: true, pays: 'nothing' }),
];
const DELIVERED = [...READY, atFirst({ walk: false, pays: 'at-delivery' })];
const IN_CONTACT = [
  ...READY,
  atOnce({ verb: 'consent', scope: 'share' }),
  atOnce({ verb: 'contact' }),
];
const CLOSED = [...IN_CONTACT, atOnce({ verb: 'close' })];
const MEASURED = [
  ...READY,
  atOnce({ verb: 'assess', score: 'low' }),
  atFirst({ walk: false, pays: 'by-outcome' }),
  { ...atOnce({ verb: 'assess', score: 'high' }), daysLater: 30 },
];

const LISTED = [
  ...READY,
  atOnce({ verb: 'waiting', what: 'list', walk: true }),
  atOnce({ verb: 'waiting', what: 'list-priced', walk: false }),
];

/** Of one person who thinks about it: offers put, refused, put again. */
const choosing: fc.Arbitrary<Step> = fc.record({
  daysLater: fc.integer({ min: 0, max: 2 }),
  daysAgo: fc.constant(0),
  by: fc.constant('link-worker' as const),
  said: fc.oneof(
    weighted(6, fc.record({ verb: verb('offer', 'refuse-offer'), offer: offers })),
    weighted(1, said),
  ),
});

/** Of one who waits while days go by, and of what is learned meanwhile. */
const patient: fc.Arbitrary<Step> = fc.record({
  daysLater: fc.integer({ min: 0, max: 9 }),
  daysAgo: fc.constant(0),
  by: fc.constant('link-worker' as const),
  said: fc.oneof(
    weighted(4, waitingLong),
    weighted(6, supportSaid),
    weighted(1, scoreSaid),
    weighted(2, said),
  ),
});

/** Anything that people may say of one referral, most of it after a beginning that makes sense. */
export const stepsArbitrary: fc.Arbitrary<readonly Step[]> = fc.oneof(
  weighted(6, anything()),
  weighted(2, following(fc.constantFrom<Step[]>(SUPPORTED, MEASURED), muddled)),
  weighted(1, following(fc.constant<Step[]>(READY), choosing)),
  weighted(2, following(fc.constantFrom<Step[]>(READY, LISTED), patient)),
);

function anything(): fc.Arbitrary<readonly Step[]> {
  const beginning = fc.oneof(
    weighted(1, fc.constantFrom<Step[]>([], [REFER])),
    weighted(4, fc.constantFrom<Step[]>(READY, IN_CONTACT, CLOSED)),
    weighted(4, fc.constantFrom<Step[]>(SUPPORTED, DELIVERED)),
    weighted(3, fc.constant<Step[]>(MEASURED)),
  );
  return following(beginning, step);
}

function following(beginning: fc.Arbitrary<readonly Step[]>, next: fc.Arbitrary<Step>) {
  const rest = fc.array(next, { maxLength: 40, size: 'max' });
  return fc.tuple(beginning, rest).map(([first, then]) => [...first, ...then]);
}

/** The same, of people who are never asked for a score. */
export const unscoredStepsArbitrary = stepsArbitrary.map((steps) =>
  steps.filter(({ said }) => said.verb !== 'assess'),
);
