import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { daysBetween } from '#kernel';
import type { ReferralFact, ReferralFactOf } from './events.js';
import { evolve } from './evolve.js';
import { FUNNEL_STEPS, WAIT_BANDS_DAYS, funnelOf, wayOf, type Funnel } from './funnel.js';
import { initialState, type Referral, type ReferralState } from './state.js';
import { asCorrected } from './testing/as-corrected.js';
import { factsIn, play, stepsArbitrary } from './testing/histories.js';

type Facts = readonly ReferralFact[];

/** Some referrals, whatever was said of them. */
const referralsArbitrary = fc
  .array(stepsArbitrary, { maxLength: 6 })
  .map((all) => all.map((steps) => factsIn(play(steps))).filter((facts) => facts.length > 0));

/** Of somebody who was referred: the first fact says so. */
function stateOf(facts: Facts): Referral {
  return facts.reduce<ReferralState>(evolve, initialState) as Referral;
}

const funnelOver = (referrals: readonly Facts[]) =>
  funnelOf(referrals.map((facts) => wayOf(stateOf(facts))));

const countOf = ({ steps }: Funnel, step: string) =>
  steps.find((one) => one.step === step)?.count ?? NaN;

describe('the funnel', () => {
  test('each step is part of the one it is counted out of, and the parts add up', () => {
    fc.assert(
      fc.property(referralsArbitrary, (referrals) => {
        const funnel = funnelOver(referrals);
        for (const facts of referrals) {
          const { reached } = wayOf(stateOf(facts));
          for (const { step, of } of FUNNEL_STEPS) {
            if (of !== null && reached.includes(step)) expect(reached).toContain(of);
          }
        }
        const { declined, acceptedThenDeclined, undecided } = funnel;
        const no = sum(Object.values(declined));
        const yes = countOf(funnel, 'accepted');
        expect(yes + no - acceptedThenDeclined + undecided).toBe(referrals.length);
        const { bands, waiting, endedUnseen } = funnel.firstContact;
        const seen = countOf(funnel, 'seen');
        expect(sum(bands.map(({ count }) => count))).toBe(seen);
        expect(seen + waiting + endedUnseen).toBe(referrals.length);
      }),
      { numRuns: 100 },
    );
  });

  test('is what a naive recount of the corrected facts gives', () => {
    fc.assert(
      fc.property(referralsArbitrary, (referrals) => {
        expect(funnelOver(referrals)).toEqual(recounted(referrals.map(asCorrected)));
      }),
      { numRuns: 200 },
    );
  });

  test('the histories it is held against come as far as they can', () => {
    const sample = fc.sample(stepsArbitrary, { numRuns: 400, seed: 5 });
    const all = sample.map((steps) => factsIn(play(steps))).filter((facts) => facts.length > 0);
    const funnel = funnelOver(all);
    for (const { step } of FUNNEL_STEPS) expect(countOf(funnel, step)).toBeGreaterThan(0);
    const { declined, acceptedThenDeclined, prescriptions, dropOuts, firstContact } = funnel;
    const parts = { ...declined, ...prescriptions, ...dropOuts, acceptedThenDeclined };
    expect(Object.entries(parts).filter(([, count]) => count === 0)).toEqual([]);
    expect(firstContact.bands.map(({ count }) => count > 0)).toEqual([true, true, true, true]);
    expect([firstContact.waiting > 0, firstContact.endedUnseen > 0]).toEqual([true, true]);
  });

  test('nobody referred is no percentage and no median', () => {
    const { steps, firstContact, undecided } = funnelOf([]);
    expect(steps.map(({ count }) => count)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(firstContact.medianDays).toBeNull();
    expect(undecided).toBe(0);
  });

  const waited = (...days: number[]) =>
    funnelOf(
      days.map((waitedDays) => {
        return { reached: [], open: true, waitedDays, prescriptions: [], dropOuts: [] };
      }),
    ).firstContact;

  test('a wait of exactly a week is within a week', () => {
    const { bands } = waited(0, 7, 8, 14, 15, 28, 29, 400);
    expect(bands).toEqual([
      { days: 7, count: 2 },
      { days: 14, count: 2 },
      { days: 28, count: 2 },
      { days: null, count: 2 },
    ]);
  });

  test.each([
    [[9], 9],
    [[30, 2, 9], 9],
    [[30, 2, 9, 10], 9.5],
    [[100, 20, 3], 20],
  ])('of waits of %p days the median is %p', (days, median) => {
    expect(waited(...days).medianDays).toBe(median);
  });
});

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/** Counted from the facts alone, one question at a time, without any state of ours. */
function recounted(referrals: readonly Facts[]): Funnel {
  const has = (facts: Facts, ...types: readonly string[]) =>
    facts.some(({ type }) => types.includes(type));
  const count = (is: (facts: Facts) => boolean) => referrals.filter(is).length;
  const accepted = (facts: Facts) => has(facts, 'ReferralAccepted');
  const seen = (facts: Facts) => has(facts, 'FirstContactMade', 'ContactMade');
  const counted = (facts: Facts) =>
    prescriptionsOf(facts).filter(({ end, attended }) => end !== 'cancelled' || attended);
  const declinedBy = (facts: Facts) => {
    const last = facts.findLast(
      ({ type }) => type === 'ReferralDeclined' || type === 'ReferralReopened',
    );
    return last?.type === 'ReferralDeclined' ? last.data.by : undefined;
  };
  const isOpen = (facts: Facts) =>
    facts.findLast(({ type }) =>
      ['ReferralDeclined', 'ReferralClosed', 'ReferralReopened'].includes(type),
    )?.type ?? 'ReferralReopened';
  const prescriptions = referrals.flatMap(prescriptionsOf);
  const ended = (status: string) => prescriptions.filter(({ end }) => end === status).length;
  const drops = referrals.flat().filter((fact) => fact.type === 'DroppedOut');
  const by = (who: string) => count((facts) => declinedBy(facts) === who);
  const steps: Record<(typeof FUNNEL_STEPS)[number]['step'], number> = {
    received: referrals.length,
    accepted: count(accepted),
    seen: count(seen),
    prescribed: count((facts) => counted(facts).length > 0),
    attended: count((facts) => counted(facts).some(({ attended }) => attended)),
    completed: count((facts) => counted(facts).some(({ end }) => end === 'completed')),
  };
  return {
    steps: FUNNEL_STEPS.map(({ step, of }) => ({ step, of, count: steps[step] })),
    declined: { person: by('person'), anchor: by('anchor'), provider: by('provider') },
    acceptedThenDeclined: count((facts) => accepted(facts) && declinedBy(facts) !== undefined),
    undecided: count((facts) => !accepted(facts) && declinedBy(facts) === undefined),
    firstContact: {
      ...recountedWaits(referrals.filter(seen)),
      waiting: count((facts) => !seen(facts) && isOpen(facts) === 'ReferralReopened'),
      endedUnseen: count((facts) => !seen(facts) && isOpen(facts) !== 'ReferralReopened'),
    },
    prescriptions: {
      waitlisted: ended('waitlisted'),
      placed: ended('placed'),
      active: ended('active'),
      completed: ended('completed'),
      'dropped-out': ended('dropped-out'),
      declined: ended('declined'),
      cancelled: ended('cancelled'),
      lapsed: ended('lapsed'),
      continued: ended('continued'),
    },
    dropOuts: {
      fromPrescription: drops.filter(({ data }) => data.scope === 'prescription').length,
      fromReferral: drops.filter(({ data }) => data.scope === 'referral').length,
    },
  };
}

function recountedWaits(
  seen: readonly Facts[],
): Pick<Funnel['firstContact'], 'bands' | 'medianDays'> {
  const days = seen.map((facts) => {
    const first = facts.find(({ type }) => type === 'FirstContactMade' || type === 'ContactMade')!;
    return daysBetween(facts[0]!.metadata.occurredOn, first.metadata.occurredOn);
  });
  const between = (from: number, to: number) =>
    days.filter((waited) => waited > from && waited <= to).length;
  const [week, two, four] = WAIT_BANDS_DAYS;
  const sorted = [...days].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const middle = Number.isInteger(half)
    ? ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2
    : sorted[Math.floor(half)]!;
  return {
    bands: [
      { days: week, count: between(-Infinity, week) },
      { days: two, count: between(week, two) },
      { days: four, count: between(two, four) },
      { days: null, count: between(four, Infinity) },
    ],
    medianDays: days.length === 0 ? null : middle,
  };
}

/** Each with how it ended, or where it stands. */
function prescriptionsOf(facts: Facts): { end: string; attended: boolean }[] {
  const made = facts.filter((fact) => fact.type === 'Prescribed');
  return made.map((fact) => {
    const { prescription } = fact.data;
    const own = facts.filter(
      (one) => 'prescription' in one.data && one.data.prescription === prescription,
    );
    const attended = own.some(({ type }) => type === 'Attended');
    const place = own.findLast(({ type }) => type === 'PlaceWaitlisted' || type === 'PlaceOffered');
    const stands =
      place === undefined || attended
        ? 'active'
        : place.type === 'PlaceOffered'
          ? 'placed'
          : 'waitlisted';
    return { attended, end: endOf(facts, fact) ?? stands };
  });
}

const ENDS: Readonly<Record<string, string>> = {
  PrescriptionCompleted: 'completed',
  DroppedOut: 'dropped-out',
  PrescriptionDeclined: 'declined',
  PrescriptionCancelled: 'cancelled',
  PlaceLapsed: 'lapsed',
};

function endOf(facts: Facts, made: ReferralFactOf<'Prescribed'>): string | undefined {
  for (const fact of facts.slice(facts.indexOf(made) + 1)) {
    const { data, type } = fact as {
      readonly data: Record<string, unknown>;
      readonly type: string;
    };
    if (type === 'Prescribed' && data['continues'] === made.data.prescription) return 'continued';
    const isOwn = data['prescription'] === made.data.prescription;
    const isWhole = type === 'DroppedOut' && data['scope'] === 'referral';
    if (ENDS[type] !== undefined && (isOwn || isWhole)) return ENDS[type];
  }
  return undefined;
}
