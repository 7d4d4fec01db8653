import fc from 'fast-check';
import type { Pence } from '#kernel';
import type { Recognition } from '#referral';
import { agreements, type AgreementPlan } from './agreements.js';

/** What may happen, and how often it does. */
const WHAT = {
  prescribe: 10,
  attend: 14,
  miss: 10,
  end: 7,
  void: 8,
  amend: 8,
  'void-correction': 6,
  outcome: 5,
  'lapse-outcome': 3,
  'change-terms': 4,
  close: 14,
  'change-budget': 1,
  vire: 1,
  recall: 1,
  award: 2,
  'evidence-milestone': 3,
  'buy-training': 1,
  'open-balance': 1,
  receive: 1,
} as const;
export type What = keyof typeof WHAT;

/**
 * One thing that happens, some days after the one before. The numbers pick among whatever is there
 * to pick from, so that every step means something in every history, and shrinks.
 */
export interface Step {
  readonly what: What;
  readonly days: number;
  /** How many days ago it happened, where it is told late. */
  readonly late: number;
  /** How many days ago it was recorded, by somebody whose import comes in only now. */
  readonly early: number;
  readonly anchor: number;
  readonly first: number;
  readonly second: number;
  readonly third: number;
  readonly amount: Pence;
}

/** A small world of two anchors. */
export interface Plan {
  readonly recognitions: readonly Recognition[];
  readonly potSizes: readonly Pence[];
  readonly agreements: readonly AgreementPlan[];
  readonly steps: readonly Step[];
  /** Every so many moves the budgets are not told of; 0: they hear of all. */
  readonly untoldEvery: number;
}

const STEPS_MAX = 100;
const pick = fc.nat(59);
const often = (max: number) => fc.oneof({ arbitrary: fc.constant(0), weight: 1 }, fc.nat(max));

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    ...Object.entries(WHAT).map(([what, weight]) => ({
      arbitrary: fc.constant(what as What), // The keys are these.
      weight,
    })),
  ),
  days: fc.nat(14),
  late: often(70),
  early: often(20),
  anchor: fc.constantFrom(0, 0, 1),
  ...{ first: pick, second: pick, third: pick },
  amount: fc.bigInt({ min: 1n, max: 3_000n }),
});

export const plans: fc.Arbitrary<Plan> = fc.record({
  recognitions: fc.array(
    fc.constantFrom<Recognition[]>('restricted', 'performance-related', 'agent'),
    { minLength: 4, maxLength: 4 },
  ),
  // Some pots hold little: what does not fit was refused and is not in the log.
  potSizes: fc.array(fc.bigInt({ min: 5_000n, max: 200_000n }), { minLength: 2, maxLength: 2 }),
  agreements: fc.array(agreements, { minLength: 3, maxLength: 3 }),
  steps: fc.array(step, { minLength: 1, maxLength: STEPS_MAX, size: 'max' }),
  untoldEvery: fc.nat(5),
});
