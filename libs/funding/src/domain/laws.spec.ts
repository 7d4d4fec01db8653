import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sum, type Pence } from '#kernel';
import type { Component, MissedClass, ReferralFact } from '#referral';
import {
  attended,
  cancelled,
  completed,
  droppedOut,
  fee,
  missed,
  nth,
  perCourse,
  perSession,
  prescribed,
  whenCompleted,
  whenMet,
  whenPrescribed,
} from '../testing/facts.js';
import { setOf, type Account } from './accounts.js';
import { effectsAfter } from './guard.js';
import { postReferral } from './post-referral.js';
import type { Entry } from './postings.js';
import { noMoney } from './prescription-money.js';

/** One prescription under any terms, whatever happens in it, in any order a log can hold. */
interface Course {
  readonly components: readonly Component[];
  readonly planned: number;
  readonly own: boolean;
  readonly performance: boolean;
  readonly sessions: readonly { number: number; outcome: 'attended' | MissedClass }[];
  /** After so many sessions. */
  readonly endAfter: number;
  readonly end: 'none' | 'completed' | 'cancelled' | 'dropped' | 'dropped-all';
}

const MISSED: MissedClass[] = ['acceptable', 'not-acceptable', 'provider-logistics', 'not-stated'];
const amount = fc.bigInt({ min: 1n, max: 9_999n });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });

const termsOf = (planned: number) =>
  fc
    .record({
      session: fc.option(fc.tuple(fc.boolean(), fc.bigInt({ min: BigInt(planned), max: 9_999n })), {
        nil: undefined,
        freq: 5,
      }),
      fee: maybe(fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 3 }), fc.boolean())),
      start: maybe(amount),
      nths: fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }),
      nthAmount: amount,
      finish: maybe(amount),
      outcome: maybe(amount),
    })
    .map((t): Component[] => {
      const [perEach, price] = t.session ?? [false, 0n];
      const lowest = perEach ? price : price / BigInt(planned);
      const [share, limit, all] = t.fee ?? [0, 0, false];
      const feeAmount = (lowest * BigInt(share)) / 100n;
      const components = [
        t.start === undefined ? undefined : whenPrescribed(t.start),
        t.session && (perEach ? perSession(price) : perCourse(price)),
        limit === 0 || feeAmount === 0n
          ? undefined
          : fee(feeAmount, limit, all ? undefined : ['not-stated']),
        ...t.nths.map((at) => nth(at, t.nthAmount)),
        t.finish === undefined ? undefined : whenCompleted(t.finish),
        t.outcome === undefined ? undefined : whenMet(t.outcome),
      ];
      return components.filter((component) => component !== undefined);
    })
    .filter((components) => components.length > 0);

const courses: fc.Arbitrary<Course> = fc
  .integer({ min: 1, max: 6 })
  .chain((planned) =>
    fc.record({
      planned: fc.constant(planned),
      components: termsOf(planned),
      own: fc.boolean(),
      performance: fc.boolean(),
      picks: fc.array(
        fc.tuple(fc.nat(9), fc.constantFrom('attended' as const, 'attended' as const, ...MISSED)),
        { maxLength: 9 },
      ),
      endAfter: fc.nat(9),
      end: fc.constantFrom('none', 'completed', 'cancelled', 'dropped', 'dropped-all'),
    }),
  )
  .map(({ picks, ...course }) => ({ ...course, sessions: numbered(picks, course.planned) }));

/** As the decider numbers them: a number is free until its session is held or missed. */
function numbered(
  picks: readonly (readonly [number, 'attended' | MissedClass])[],
  planned: number,
): Course['sessions'] {
  let open = Array.from({ length: planned + 2 }, (_, index) => index + 1);
  return picks.flatMap(([pick, outcome]) => {
    const number = open[pick % open.length];
    if (number === undefined) return [];
    if (outcome !== 'provider-logistics') open = open.filter((other) => other !== number);
    return [{ number, outcome }];
  });
}

function startOf({ components, planned, own, performance }: Course): ReferralFact {
  return prescribed([...components], {
    planned,
    ...(own && { provider: 'north' }),
    recognition: performance ? 'performance-related' : 'restricted',
  });
}

const ENDS = {
  none: () => [],
  completed: () => [completed()],
  cancelled: () => [cancelled()],
  dropped: () => [droppedOut('walks')],
  'dropped-all': () => [droppedOut()],
};

function factsOf(course: Course): ReferralFact[] {
  const sessions = course.sessions.map(({ number, outcome }) =>
    outcome === 'attended' ? attended(number) : missed(number, outcome),
  );
  const { endAfter, end } = course;
  return [
    startOf(course),
    ...sessions.slice(0, endAfter),
    ...ENDS[end](),
    ...sessions.slice(endAfter),
  ];
}

interface Run {
  readonly entries: readonly Entry[];
  readonly stillCommitted: Pence;
}

function run(facts: readonly ReferralFact[]): Run {
  let money = noMoney;
  const entries = facts.flatMap((fact) => {
    const posted = postReferral(fact, money);
    money = posted.money;
    return posted.entries;
  });
  return { entries, stillCommitted: -moved(entries, isHead('committed')).net };
}

/** What the accounts of a head were debited (positive) and credited, by the entries of `rules`. */
function moved(
  entries: readonly Entry[],
  which: (account: Account, rule: Entry['rule']) => boolean,
): { debits: Pence; credits: Pence; net: Pence } {
  const lines = entries.flatMap(({ rule, lines: all }) =>
    all.filter(({ account }) => which(account, rule)),
  );
  const amounts = lines.map((line) => line.amount);
  const debits = sum(amounts.filter((pence) => pence > 0n));
  const credits = -sum(amounts.filter((pence) => pence < 0n));
  return { debits, credits, net: debits - credits };
}

const isHead =
  (head: Account['head'], category?: string) =>
  (account: Account): boolean =>
    account.head === head &&
    (category === undefined || ('category' in account && account.category === category));

const movesAfter = (history: readonly ReferralFact[], added: readonly ReferralFact[]) =>
  effectsAfter(history, added).flatMap(({ effects }) => effects.moves);

function holds(law: (course: Course, facts: readonly ReferralFact[]) => void): void {
  fc.assert(
    fc.property(courses, (course) => {
      const facts = factsOf(course);
      // After each fact, not only in the end.
      for (let length = 1; length <= facts.length; length += 1) law(course, facts.slice(0, length));
    }),
    { numRuns: 120 },
  );
}

describe('whatever happens in a prescription', () => {
  test('I1: every entry adds up to zero in each set of accounts', () => {
    holds((_, facts) => {
      for (const { lines } of run(facts).entries) {
        expect(lines.length).toBeGreaterThan(0);
        for (const set of ['budgetary', 'financial', 'memo'] as const) {
          const mine = lines.filter(({ account }) => setOf(account) === set);
          expect(sum(mine.map((line) => line.amount))).toBe(0n);
        }
        for (const line of lines) expect(line.amount).not.toBe(0n);
      }
    });
  });

  test('law 7: committed = earned + released + still committed', () => {
    holds((_, facts) => {
      const { entries, stillCommitted } = run(facts);
      const committed = moved(entries, isHead('committed'));
      const pot = moved(
        entries,
        (account, rule) => account.head === 'available' && rule !== 'prescribed',
      );
      // What was drawn from the pot after the end was earned, but not from the commitment.
      const earned = moved(entries, isHead('consumed')).credits - pot.debits;
      expect(committed.credits).toBe(earned + pot.credits + stillCommitted);
      expect(committed.net).toBe(-stillCommitted);
    });
  });

  test('I3: available + committed + consumed stay what they were', () => {
    holds((_, facts) => {
      const { entries } = run(facts);
      expect(moved(entries, (account) => setOf(account) === 'budgetary').net).toBe(0n);
    });
  });

  test('I4: consumed = expenses, by category; and all of it is owed or own', () => {
    holds((_, facts) => {
      const { entries } = run(facts);
      for (const category of ['delivery', 'noshow']) {
        const consumed = moved(entries, isHead('consumed', category)).net;
        expect(moved(entries, isHead('expenses', category)).net).toBe(-consumed);
      }
      const owed =
        moved(entries, isHead('accrued')).net + moved(entries, isHead('own-service')).net;
      expect(owed).toBe(moved(entries, isHead('consumed')).net);
    });
  });

  test('I5 and I7: what is committed is the price of what may still happen', () => {
    holds((course, facts) => {
      const happened = facts.flatMap(({ type, data }) =>
        type === 'Attended' ? [data.number] : [],
      ).length;
      const gone = new Set(
        facts.flatMap(({ type, data }) =>
          type === 'Attended' || (type === 'Missed' && data.class !== 'provider-logistics')
            ? [data.number]
            : [],
        ),
      );
      const ended = facts.find(({ type }) =>
        ['PrescriptionCompleted', 'PrescriptionCancelled', 'DroppedOut'].includes(type),
      );
      let possible = 0n;
      for (const part of course.components) {
        if (part.trigger === 'outcome-met') {
          if (ended === undefined || ended.type === 'PrescriptionCompleted')
            possible += part.amount;
        } else if (ended === undefined) {
          if (part.trigger === 'completed') possible += part.amount;
          if (part.trigger === 'nth-attendance' && happened < part.nth) possible += part.amount;
          if (part.trigger === 'session-attended') {
            for (let number = 1; number <= course.planned; number += 1) {
              if (!gone.has(number))
                possible += priceOf(part.amount, part.per, course.planned, number);
            }
          }
        }
      }
      expect(run(facts).stillCommitted).toBe(possible);
    });
  });

  test('I9: of performance-related money exactly what is spent becomes income', () => {
    holds(({ performance }, facts) => {
      const { entries } = run(facts);
      const spent = performance ? moved(entries, isHead('consumed')).credits : 0n;
      expect(moved(entries, isHead('deferred')).net).toBe(spent);
      expect(moved(entries, isHead('income')).net).toBe(-spent);
    });
  });

  test('I12: every entry names the agreement version', () => {
    holds((_, facts) => {
      for (const entry of run(facts).entries) {
        expect(entry.agreement).toEqual({ agreement: 'garden-terms', version: 2 });
      }
    });
  });

  test('the budgets hear of exactly what the pot gained and lost', () => {
    holds((_, facts) => {
      const { entries } = run(facts);
      const pot = moved(
        entries,
        (account, rule) => account.head === 'available' && rule !== 'prescribed',
      );
      const moves = movesAfter([], facts);
      expect(sum(moves.map((move) => move.amount))).toBe(-pot.net);
      // In one command or in many.
      const apart = facts.flatMap((fact, index) => movesAfter(facts.slice(0, index), [fact]));
      expect(apart).toEqual(moves);
    });
  });

  test('what is spent does not depend on the order in which it was recorded', () => {
    fc.assert(
      fc.property(
        courses,
        fc.array(fc.nat(20), { minLength: 11, maxLength: 11 }),
        (course, keys) => {
          const facts = factsOf(course);
          const [start, ...rest] = facts;
          const mixed = rest
            .map((fact, index) => ({ fact, key: keys[index] ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ fact }) => fact);
          for (const category of ['delivery', 'noshow']) {
            const asWas = moved(run(facts).entries, isHead('consumed', category)).net;
            const asMixed = moved(
              run([start!, ...mixed]).entries,
              isHead('consumed', category),
            ).net;
            expect(asMixed).toBe(asWas);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** The odd pence go to the first ones. */
function priceOf(price: Pence, per: 'session' | 'course', planned: number, number: number): Pence {
  if (per === 'session') return price;
  const share = price / BigInt(planned);
  return BigInt(number) <= price - share * BigInt(planned) ? share + 1n : share;
}
