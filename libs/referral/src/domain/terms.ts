import { equalPart, shape, sum, type Pence, type Slug, type Static } from '#kernel';

/** Why a session did not take place: only the provider's own reasons never count nor cost. */
export const MISSED_CLASSES = [
  'acceptable',
  'not-acceptable',
  'provider-logistics',
  'not-stated',
] as const;
export type MissedClass = (typeof MISSED_CLASSES)[number];
export const FEE_CLASSES = ['acceptable', 'not-acceptable', 'not-stated'] as const;

/** The ends of a prescription before it is completed. */
export const EARLY_ENDS = ['dropped-out', 'declined', 'cancelled', 'lapsed'] as const;
export type EarlyEnd = (typeof EARLY_ENDS)[number];

/** Whether later terms of the agreement change what a prescription still to be delivered costs. */
export const PRICE_BASES = ['at-prescription', 'at-delivery'] as const;

/**
 * What triggers how much: each component is earned when its trigger happens. A session's price is
 * given `per` session, or for the whole `course` and then split evenly over the planned sessions.
 * The fee for a missed session is paid out of that session's price, at most `limit` times.
 */
export const componentShape = shape.union([
  shape.object({
    component: shape.slug('component'),
    trigger: shape.literal('prescribed'),
    amount: shape.pence({ minimum: 1 }),
  }),
  shape.object({
    component: shape.slug('component'),
    trigger: shape.literal('session-attended'),
    amount: shape.pence({ minimum: 1 }),
    per: shape.word(['session', 'course']),
  }),
  shape.object({
    component: shape.slug('component'),
    trigger: shape.literal('session-missed'),
    amount: shape.pence({ minimum: 1 }),
    limit: shape.integer({ minimum: 1 }),
    classes: shape.array(shape.word(FEE_CLASSES)),
  }),
  shape.object({
    component: shape.slug('component'),
    trigger: shape.literal('nth-attendance'),
    nth: shape.integer({ minimum: 1 }),
    amount: shape.pence({ minimum: 1 }),
  }),
  shape.object({
    component: shape.slug('component'),
    trigger: shape.literal('completed'),
    amount: shape.pence({ minimum: 1 }),
  }),
  shape.object({
    component: shape.slug('component'),
    trigger: shape.literal('outcome-met'),
    amount: shape.pence({ minimum: 1 }),
    /** What is measured; absent in agreements that only commit it. */
    outcome: shape.optional(
      shape.object({
        instrument: shape.slug('instrument'),
        /** Which way is better. */
        change: shape.word(['rise', 'fall']),
        /** Hundredths of a point between the two scores of one person, at least. */
        atLeastHundredths: shape.integer({ minimum: 1 }),
        /** Days from the prescription within which the later score was taken. */
        windowDays: shape.integer({ minimum: 1 }),
      }),
    ),
    /** After which ends it may still be earned; after completion it always may. */
    survives: shape.optional(shape.array(shape.word(EARLY_ENDS))),
  }),
  shape.object({
    component: shape.slug('component'),
    trigger: shape.literal('drop-out-minimum'),
    /** What the provider gets at least when it ends early; nothing is committed for it. */
    amount: shape.pence({ minimum: 1 }),
    ends: shape.array(shape.word(EARLY_ENDS)),
  }),
]);
export type Component = Static<typeof componentShape>;
export type ComponentOf<T extends Component['trigger']> = Extract<Component, { trigger: T }>;

export const termsShape = shape.object({
  components: shape.array(componentShape),
  /** `at-prescription` where nothing is said. */
  priceBasis: shape.optional(shape.word(PRICE_BASES)),
  /** The price that was split, and in which whole percentages: the amounts follow from them. */
  split: shape.optional(
    shape.object({
      price: shape.pence({ minimum: 1 }),
      shares: shape.array(
        shape.object({
          component: shape.slug('component'),
          percent: shape.integer({ minimum: 1 }),
        }),
      ),
    }),
  ),
});
export type Terms = Static<typeof termsShape>;

/** How a fund's money is recognised: see the postings of the funding slice. */
export const RECOGNITIONS = ['restricted', 'performance-related', 'agent'] as const;
export type Recognition = (typeof RECOGNITIONS)[number];

export const pricedShape = shape.object({
  agreement: shape.slug('agreement'),
  version: shape.integer({ minimum: 1 }),
  terms: termsShape,
  budget: shape.object({
    fund: shape.slug('fund'),
    year: shape.integer(),
    pot: shape.slug('pot'),
    recognition: shape.word(RECOGNITIONS),
    funder: shape.slug('funder'),
  }),
  commitment: shape.object({
    amount: shape.pence({ minimum: 1 }),
    components: shape.array(
      shape.object({ component: shape.slug('component'), amount: shape.pence({ minimum: 1 }) }),
    ),
  }),
});
/** The money of a prescription, copied into it: nothing of it is ever looked up again. */
export type Priced = Static<typeof pricedShape>;

/** Money set aside for one prescription. */
export const reservationShape = shape.object({
  fund: shape.slug('fund'),
  year: shape.integer(),
  pot: shape.slug('pot'),
  amount: shape.pence({ minimum: 1 }),
});
export type Reservation = Static<typeof reservationShape>;

export function componentOf<T extends Component['trigger']>(
  terms: Terms,
  trigger: T,
): ComponentOf<T> | undefined {
  return terms.components.find(
    (component): component is ComponentOf<T> => component.trigger === trigger,
  );
}

export function outcomeComponent(
  terms: Terms,
  name: string,
): ComponentOf<'outcome-met'> | undefined {
  return terms.components.find(
    (component): component is ComponentOf<'outcome-met'> =>
      component.trigger === 'outcome-met' && component.component === name,
  );
}

/** Whether an outcome may still be earned after an end other than completion. */
export function survives({ survives: ends }: ComponentOf<'outcome-met'>, end: string): boolean {
  return (ends ?? []).some((one) => one === end);
}

/** The price of one session by its number, counted from 1; nothing beyond the planned ones. */
export function sessionPrice(terms: Terms, plannedSessions: number, number: number): Pence {
  const component = componentOf(terms, 'session-attended');
  if (component === undefined || number > plannedSessions) return 0n;
  return component.per === 'session'
    ? component.amount
    : equalPart(component.amount, plannedSessions, number);
}

/** What a prescription under these terms may cost at most, by component. */
export function commitmentOf(terms: Terms, plannedSessions: number): Priced['commitment'] {
  const components: { component: Slug; amount: Pence }[] = [];
  for (const component of terms.components) {
    if (component.trigger === 'session-missed') continue;
    if (component.trigger === 'drop-out-minimum') continue;
    const perSession = component.trigger === 'session-attended' && component.per === 'session';
    components.push({
      component: component.component,
      amount: perSession ? component.amount * BigInt(plannedSessions) : component.amount,
    });
  }
  return { amount: sum(components.map(({ amount }) => amount)), components };
}
