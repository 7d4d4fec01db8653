import type { CivilDate, Pence, PrescriptionId, Slug } from '#kernel';
import type { ReferralFact } from '#referral';
import { reckon, type Earned, type Reckoned, type Stake } from './reckon.js';
import { rewritten } from './rewritten.js';
import { storyOf, type PrescribedFact } from './story.js';

/** An amount on an account, debits positive, and the day it belongs to. */
export interface Move {
  readonly account: string;
  readonly amount: Pence;
  readonly day: CivilDate;
}

export interface CaseMove extends Move {
  readonly prescription: PrescriptionId;
}

/** What was committed or ceased to be so far, by component and thing, and by day. */
type Steps = ReadonlyMap<string, Pence>;

interface Account extends Reckoned {
  /** What the facts so far moved: not always what would be, had all been known at once. */
  readonly moved: readonly Steps[];
}
type Accounts = ReadonlyMap<PrescriptionId, Account>;

/**
 * The money of one referral. It reckons everything anew after every fact and takes the difference:
 * what a fact moves is never worked out from the fact itself.
 */
export class Case {
  private facts: readonly ReferralFact[] = [];
  private accounts: Accounts = new Map();

  /** In log order; answers what the fact moved. */
  hear(heard: ReferralFact): CaseMove[] {
    const fact = asKept(heard);
    const { accounts, moves } = this.with(fact);
    this.facts = [...this.facts, fact];
    this.accounts = accounts;
    return moves;
  }

  /** What a fact would move, if it were the next. */
  foresee(fact: ReferralFact): CaseMove[] {
    return this.with(fact).moves;
  }

  /** By plain sums of how things stand now. */
  holds(): Move[] {
    return [...this.accounts.values()].flatMap(holdsOf);
  }

  isLive(prescription: string): boolean {
    const accounts = [...this.accounts.values()];
    return accounts.some(
      ({ story: { prescribed, end } }) =>
        prescribed.data.prescription === prescription && end === undefined,
    );
  }

  private with(fact: ReferralFact) {
    const accounts = new Map<PrescriptionId, Account>();
    const moves: CaseMove[] = [];
    for (const after of reckonAll(rewritten([...this.facts, fact]))) {
      const { prescription } = after.story.prescribed.data;
      const before = this.accounts.get(prescription);
      const moved = after.stakes.map((stake, index) =>
        movedAfter(before, after, stake, index, before?.moved[index] ?? new Map()),
      );
      accounts.set(prescription, { ...after, moved });
      const all = [
        ...moved.flatMap((steps, index) => putBetween(before?.moved[index], steps, after, index)),
        ...earnedBetween(before?.earned ?? [], after),
      ];
      moves.push(...all.map((move) => ({ ...move, prescription })));
    }
    return { accounts, moves: moves.filter(({ amount }) => amount !== 0n) };
  }
}

/** The model keeps every fact that may move money: no more of it than it reckons with. */
function asKept(fact: ReferralFact): ReferralFact {
  const { anchor, occurredOn } = fact.metadata;
  // Nothing here or below reads anything else of it.
  const metadata = { anchor, occurredOn } as ReferralFact['metadata'];
  return { ...fact, sealed: {}, metadata };
}

function reckonAll(facts: readonly ReferralFact[]): Reckoned[] {
  return facts.flatMap((fact) =>
    fact.type === 'Prescribed' && fact.data.priced !== undefined
      ? [reckon(storyOf(facts, fact))]
      : [],
  );
}

function holdsOf({ story, earned, stakes }: Reckoned): Move[] {
  const { prescribed } = story;
  return [
    ...stakes.flatMap(({ component, steps }) =>
      steps.flatMap(({ amount, day }) => put(prescribed, component, amount, day)),
    ),
    ...earned.flatMap((each) => spend(prescribed, each)),
  ];
}

/**
 * To one that ended nothing returns: what a correction takes is the pot's, and what it needs comes
 * from the pot. What then lives again is as if all had been known at once.
 */
function movedAfter(
  before: Account | undefined,
  { story }: Reckoned,
  stake: Stake,
  index: number,
  moved: Steps,
): Steps {
  const hadEnded = before?.story.end !== undefined && story.end !== undefined;
  if (hadEnded && stake.isTaken && before.stakes[index]?.isTaken === true) return moved;
  const steps = new Map<string, Pence>();
  for (const { day, amount } of stake.steps) steps.set(day, (steps.get(day) ?? 0n) + amount);
  return steps;
}

function putBetween(
  before: Steps = new Map<string, Pence>(),
  after: Steps,
  { story, stakes }: Reckoned,
  index: number,
): Move[] {
  const component = stakes[index]?.component;
  if (component === undefined) return [];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((day) => {
    const amount = (after.get(day) ?? 0n) - (before.get(day) ?? 0n);
    return put(story.prescribed, component, amount, day as CivilDate); // The keys are days.
  });
}

function earnedBetween(before: readonly Earned[], { earned, story }: Reckoned): Move[] {
  const { prescribed } = story;
  return [
    ...before.flatMap((each) => spend(prescribed, { ...each, amount: -each.amount })),
    ...earned.flatMap((each) => spend(prescribed, each)),
  ];
}

const anchorOf = ({ metadata }: PrescribedFact) => metadata.anchor as Slug; // It always has one.

function budgetOf(prescribed: PrescribedFact) {
  const { priced } = prescribed.data;
  if (priced === undefined) throw new Error('A free prescription has no budget.');
  const { fund, year, pot } = priced.budget;
  const budget = `budget:${anchorOf(prescribed)}:${fund}:${year}`;
  return { ...priced.budget, budget, available: `${budget}:available:${pot}` };
}

function put(prescribed: PrescribedFact, component: Slug, amount: Pence, day: CivilDate): Move[] {
  const { budget, available } = budgetOf(prescribed);
  const { prescription, provider } = prescribed.data;
  return [
    {
      account: `${budget}:committed:${prescription}:${provider}:${component}`,
      amount: -amount,
      day,
    },
    { account: available, amount, day },
  ];
}

function spend(prescribed: PrescribedFact, { category, amount, day }: Earned): Move[] {
  const { budget, available, fund, year, recognition, funder } = budgetOf(prescribed);
  const anchor = anchorOf(prescribed);
  const { provider } = prescribed.data;
  const owed =
    provider === anchor
      ? `expenses:${anchor}:${fund}:${year}:ownservice`
      : `liabilities:${anchor}:${fund}:accrued:${provider}`;
  const moves = [
    { account: available, amount, day },
    { account: `${budget}:consumed:${category}`, amount: -amount, day },
    { account: `expenses:${anchor}:${fund}:${year}:${category}`, amount, day },
    { account: owed, amount: -amount, day },
  ];
  if (recognition !== 'performance-related') return moves;
  return [
    ...moves,
    { account: `liabilities:${anchor}:${fund}:deferred:${funder}`, amount, day },
    { account: `income:${anchor}:${fund}:restricted`, amount: -amount, day },
  ];
}
