import fc from 'fast-check';
import type { Pence, Slug } from '#kernel';
import type { Component, Terms } from '#referral';
import { slug } from './log.js';

/** What one agreement pays for, and how many sessions are planned under it. */
export interface AgreementPlan {
  readonly terms: Terms;
  readonly planned: number;
}

export const pence = fc.bigInt({ min: 1n, max: 9_999n });
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
const EARLY = ['dropped-out', 'declined', 'cancelled', 'lapsed'] as const;

interface Wanted {
  readonly perEach: boolean;
  readonly price: Pence | undefined;
  readonly feePart: Pence | undefined;
  readonly limit: number;
  readonly start: Pence | undefined;
  readonly nth: number | undefined;
  readonly finish: Pence | undefined;
  readonly outcome: Pence | undefined;
  readonly survives: (typeof EARLY)[number][];
  readonly minimum: Pence | undefined;
  readonly amount: Pence;
  readonly atDelivery: boolean;
  /** The price is split between sessions and outcome. */
  readonly percent: number | undefined;
}

const wanted = (planned: number): fc.Arbitrary<Wanted> =>
  fc.record({
    perEach: fc.boolean(),
    price: some(fc.bigInt({ min: BigInt(planned), max: 9_999n })),
    feePart: some(fc.bigInt({ min: 1n, max: 3n })),
    limit: fc.integer({ min: 1, max: 3 }),
    start: some(pence),
    nth: some(fc.integer({ min: 1, max: 4 })),
    finish: some(pence),
    outcome: some(pence),
    survives: fc.subarray([...EARLY]),
    minimum: some(fc.bigInt({ min: 1n, max: 20_000n })),
    amount: pence,
    atDelivery: fc.boolean(),
    percent: some(fc.integer({ min: 20, max: 80 })),
  });

export const agreements: fc.Arbitrary<AgreementPlan> = fc
  .integer({ min: 1, max: 5 })
  .chain((planned) => wanted(planned).map((each) => ({ planned, terms: termsOf(each, planned) })));

function termsOf(of: Wanted, planned: number): Terms {
  const { percent, price, outcome, atDelivery } = of;
  const basis = atDelivery ? { priceBasis: 'at-delivery' as const } : {};
  const whole = 10n * (price ?? 0n) + 7n;
  if (percent === undefined || price === undefined || outcome === undefined) {
    return { ...basis, components: componentsOf(of, planned) };
  }
  const later = (whole * BigInt(100 - percent)) / 100n;
  const shared = { ...of, perEach: false, price: whole - later, outcome: later };
  const shares = [
    { component: slug('sessions'), percent },
    { component: slug('outcome'), percent: 100 - percent },
  ];
  const components = componentsOf(shared, planned);
  return { ...basis, components, split: { price: whole, shares } };
}

function componentsOf(of: Wanted, planned: number): Component[] {
  const { perEach, price = 0n, feePart, limit, start, nth, finish, outcome, amount } = of;
  const fee = (perEach ? price : price / BigInt(planned)) / (feePart ?? 1n);
  const { survives, minimum } = of;
  const each = (component: string): { component: Slug } => ({ component: slug(component) });
  const first: (Component | false)[] = [
    start !== undefined && { ...each('start'), trigger: 'prescribed', amount: start },
    price > 0n && {
      ...each('sessions'),
      ...{ trigger: 'session-attended', amount: price, per: perEach ? 'session' : 'course' },
    },
    feePart !== undefined &&
      fee > 0n && {
        ...each('fee'),
        ...{ trigger: 'session-missed', amount: fee, limit },
        classes: limit === 1 ? ['not-stated'] : ['acceptable', 'not-acceptable', 'not-stated'],
      },
    nth !== undefined && { ...each('nth'), trigger: 'nth-attendance', nth, amount },
    finish !== undefined && { ...each('finish'), trigger: 'completed', amount: finish },
    outcome !== undefined && {
      ...each('outcome'),
      ...{ trigger: 'outcome-met', amount: outcome },
      ...(survives.length > 0 && { survives }),
    },
  ];
  const committing = first.filter((component) => component !== false);
  if (committing.length === 0) committing.push({ ...each('start'), trigger: 'prescribed', amount });
  if (minimum === undefined) return committing;
  const ends = survives.length > 0 ? [...survives] : ['dropped-out' as const];
  return [
    ...committing,
    { ...each('minimum'), trigger: 'drop-out-minimum', amount: minimum, ends },
  ];
}

/** The same components at other amounts; the fee stays within the price of a session. */
export function changedTerms(terms: Terms, planned: number, percent: number): Terms {
  const scaled = (amount: Pence, least: number) => {
    const amounts = (amount * BigInt(percent)) / 100n;
    return amounts < BigInt(least) ? BigInt(least) : amounts;
  };
  const components = terms.components.map((component): Component => {
    if (component.trigger === 'session-missed') {
      return { ...component, amount: 1n, limit: 1 + (percent % 3) };
    }
    const least = component.trigger === 'session-attended' ? planned : 1;
    return { ...component, amount: scaled(component.amount, least) };
  });
  return { components, priceBasis: 'at-delivery' };
}
