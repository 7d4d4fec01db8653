import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isRefusal, sum, type Pence } from '#kernel';
import { RECOGNITIONS, type Recognition } from '#referral';
import { NAMED, after, fund, free, now, then } from '../testing/decisions.js';
import {
  ALLOT,
  NORTH,
  day,
  fundingFact,
  prescriptionId,
  referralId,
  slug,
} from '../testing/facts.js';
import { pathOf, setOf } from './accounts.js';
import * as decide from './decide.js';
import type { FundingEvent } from './events.js';
import { postFunding } from './post-funding.js';
import type { Decided } from './rules.js';
import type { FundingState } from './state.js';

const POTS = ['prescribing', 'walks', 'capacity', 'training'];
const pot = fc.constantFrom(...POTS).map(slug);
const amount = fc.bigInt({ min: 1n, max: 40_000n });
const payee = fc.constantFrom(ALLOT, NORTH);
const name = fc.constantFrom('one', 'two', 'three').map(slug);

/** A command as somebody might give it, whatever the budget looks like. */
type Command = (state: FundingState) => Decided;
const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(pot, amount, fc.boolean()).map(([of, by, cut]): Command => {
    const changes = [{ pot: of, amount: cut ? -by : by }];
    return (state) => decide.changeBudget(state, fund, NAMED, { changes }, now);
  }),
  fc.tuple(pot, pot, amount).map(([from, to, by]): Command => {
    const given = { from, to, amount: by, approvedBy: slug('board'), document: 'ab'.repeat(32) };
    return (state) =>
      decide.approveVirement(state, NAMED, { ...given, authority: 'funder-consent' }, now);
  }),
  fc.tuple(pot, amount).map(([of, by]): Command => {
    return (state) => decide.recallFunds(state, NAMED, { pot: of, amount: by }, now);
  }),
  fc.tuple(name, payee, amount, amount).map(([award, to, first, second]): Command => {
    const milestones = [
      { milestone: slug('one'), amount: first },
      { milestone: slug('two'), amount: second },
    ];
    const given = { pot: slug('capacity'), award, payee: to, milestones };
    return (state) => decide.awardCapacity(state, NAMED, given, now);
  }),
  fc.tuple(name, name).map(([award, milestone]): Command => {
    return (state) => decide.evidenceMilestone(state, NAMED, { award, milestone }, now);
  }),
  fc.tuple(payee, amount).map(([to, by]): Command => {
    const given = { pot: slug('training'), payee: to, amount: by };
    return (state) => decide.buyTraining(state, NAMED, given, now);
  }),
  fc.tuple(amount, amount, amount).map(([bank, owed, spent]): Command => {
    const consumed = [{ pot: slug('prescribing'), category: 'delivery' as const, amount: spent }];
    const given = { bank, accrued: [{ payee: ALLOT, amount: owed }], consumed };
    return (state) => decide.recordOpeningBalance(state, NAMED, given, now);
  }),
);

const opened = (recognition: Recognition): FundingEvent => ({
  type: 'BudgetOpened',
  data: {
    ...{ fund: slug('lottery'), year: 2026, funder: slug('tnlcf'), recognition },
    ...{ from: day('2026-04-01'), to: day('2027-03-31') },
    pots: [
      { pot: slug('prescribing'), purpose: 'prescribing', amount: 50_000n },
      { pot: slug('walks'), purpose: 'prescribing', amount: 0n },
      { pot: slug('capacity'), purpose: 'capacity', amount: 60_000n },
      { pot: slug('training'), purpose: 'training', amount: 30_000n },
    ],
  },
});

/** The books so far, added up by path; and by set. */
class Books {
  readonly balances = new Map<string, Pence>();
  readonly sets = new Map<string, Pence>();

  post(event: FundingEvent): void {
    for (const { lines } of postFunding(fundingFact(event))) {
      for (const { account, amount: by } of lines) {
        add(this.balances, pathOf(account), by);
        add(this.sets, setOf(account), by);
      }
    }
  }

  under(path: string): Pence {
    return sum([...this.balances].flatMap(([at, by]) => (at.startsWith(path) ? by : [])));
  }
}

function add(totals: Map<string, Pence>, key: string, by: Pence): void {
  totals.set(key, (totals.get(key) ?? 0n) + by);
}

const BUDGET = 'budget:north:lottery:2026';

function expectSound(state: FundingState, books: Books): void {
  expect([...books.sets.values()].every((total) => total === 0n)).toBe(true);
  const held = Object.entries(free(state));
  expect(held).toHaveLength(POTS.length);
  for (const [of, left] of held) {
    // Nothing that is decided here takes a pot below zero, and the books agree with the guard.
    expect(left).toBeGreaterThanOrEqual(0n);
    expect(-books.under(`${BUDGET}:available:${of}`)).toBe(left);
  }
  const milestones = state?.kind === 'budget' ? state.awards.flatMap((a) => a.milestones) : [];
  const open = milestones
    .filter(({ evidenced }) => !evidenced)
    .map((milestone) => milestone.amount);
  expect(-books.under(`${BUDGET}:committed:`)).toBe(sum(open));
  for (const category of ['delivery', 'capacity', 'training']) {
    const spent = books.under(`expenses:north:lottery:2026:${category}`);
    expect(-books.under(`${BUDGET}:consumed:${category}`)).toBe(spent);
  }
}

describe('whatever is decided on a budget, in any order', () => {
  test.each(RECOGNITIONS)('its guard and its books agree, of %s money', (recognition) => {
    let decided = 0;
    fc.assert(
      fc.property(fc.array(commands, { minLength: 1, maxLength: 25 }), (story) => {
        const books = new Books();
        const first = opened(recognition);
        books.post(first);
        let state = after(first);
        for (const command of story) {
          const decision = command(state);
          if (isRefusal(decision)) continue;
          decided += decision.length;
          for (const event of decision) books.post(event);
          state = then(state, decision);
          expectSound(state, books);
        }
      }),
    );
    // Most are refused here or there; if all were, this would prove nothing.
    expect(decided).toBeGreaterThan(100);
  });

  test('what reservations hold is not free for anything else', () => {
    const first = opened('restricted');
    const reservation = { fund: slug('lottery'), year: 2026, pot: slug('prescribing') };
    const of = { prescription: prescriptionId('walks'), referral: referralId('h1') };
    const reserved = then(after(first), [
      { type: 'FundsReserved', data: { ...reservation, ...of, amount: 50_000n } },
    ]);
    const changes = [{ pot: slug('prescribing'), amount: -1n }];
    for (const decision of [
      decide.changeBudget(reserved, fund, NAMED, { changes }, now),
      decide.recallFunds(reserved, NAMED, { pot: slug('prescribing'), amount: 1n }, now),
    ]) {
      expect(decision).toMatchObject({ code: 'pot-exhausted', data: { freePence: 0 } });
    }
  });
});
