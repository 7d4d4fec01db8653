import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, type CivilDate, type Pence } from '#kernel';
import { Budgets } from './budgets.js';
import { compareBooks } from './books-checks.js';
import {
  auditorOf,
  booksOf,
  entriesOf,
  ledgerRows,
  movementsOf,
  setOfPath,
  type Cut,
  type EntryRow,
} from './testing/books.js';
import { ANCHORS, historyOf, plans, type Recorded } from './testing/histories.js';

const RUNS = 60;

function holds(law: (history: readonly Recorded[], entries: EntryRow[]) => void): void {
  fc.assert(
    fc.property(plans, (plan) => {
      const history = historyOf(plan);
      law(history, entriesOf(history));
    }),
    { numRuns: RUNS },
  );
}

function totals(entries: readonly EntryRow[], keyOf: (entry: EntryRow) => string) {
  const sums = new Map<string, Pence>();
  for (const entry of entries)
    sums.set(keyOf(entry), (sums.get(keyOf(entry)) ?? 0n) + entry.amount);
  return sums;
}

const allZero = (sums: ReadonlyMap<string, Pence>) =>
  [...sums].filter(([, amount]) => amount !== 0n).length === 0;

/** As of now, account by account. */
function differences(history: readonly Recorded[], entries: readonly EntryRow[]) {
  const { auditor } = auditorOf(history);
  return ANCHORS.flatMap((anchor) => compareBooks(booksOf(entries, anchor), auditor.books(anchor)));
}

const daysOf = (entries: readonly EntryRow[]) =>
  [...new Set(entries.flatMap(({ occurred, posted }) => [occurred, posted]))].sort();

const cutsOn = (days: readonly CivilDate[]): Cut[] =>
  days.flatMap((day) => [{ occurredBy: day }, { postedBy: day }]);

/** As of days: by when it happened, and by when the books carry it. */
function differencesAt(
  cuts: readonly Cut[],
  history: readonly Recorded[],
  entries: readonly EntryRow[],
) {
  const { moves } = auditorOf(history);
  return ANCHORS.flatMap((anchor) =>
    cuts.flatMap((cut) =>
      compareBooks(booksOf(entries, anchor, cut), booksOf(moves, anchor, cut)).map((found) => {
        return { ...cut, ...found };
      }),
    ),
  );
}

describe('on random histories of two anchors', () => {
  test('the histories are worth it: every kind of fact and rule occurs', () => {
    const types = new Set<string>();
    const rules = new Set<string>();
    for (const plan of fc.sample(plans, { numRuns: 3 * RUNS, seed: 1 })) {
      const history = historyOf(plan);
      for (const { type } of history) types.add(type);
      for (const { rule } of entriesOf(history)) rules.add(rule);
    }
    expect([...types].sort()).toEqual(
      [
        ...['Attended', 'BudgetChanged', 'BudgetOpened', 'CapacityAwarded', 'DroppedOut'],
        ...['EntryCorrected', 'FundReceived', 'FundsDrawn', 'FundsRecalled', 'FundsReleased'],
        ...['FundsReserved', 'MilestoneEvidenced', 'Missed', 'OpeningBalanceRecorded'],
        ...['OutcomeDetermined', 'OutcomeLapsed', 'PeriodClosed', 'PeriodCutOff', 'PlaceLapsed'],
        ...['Prescribed', 'PrescriptionAbandoned', 'PrescriptionCancelled'],
        ...['PrescriptionCompleted', 'PrescriptionDeclined', 'PrescriptionRepriced', 'Referred'],
        ...['TermsChanged', 'TrainingBought', 'VirementApproved'],
      ].sort(),
    );
    expect([...rules].sort()).toEqual([...RULES].sort());
  });

  test("the ledger's balances are the auditor's, account by account", () => {
    holds((history, entries) => {
      expect(differences(history, entries)).toEqual([]);
      const rows = ledgerRows(history)('balance');
      for (const anchor of ANCHORS) {
        const balances = rows.filter((row) => row['anchor'] === anchor);
        const held = balances.map((row) => [row['account'], row['balance']] as [string, Pence]);
        expect(new Map(held)).toEqual(booksOf(entries, anchor));
      }
    });
  });

  test('as of any day, by when it happened and by when the books carry it', () => {
    holds((history, entries) => {
      expect(differencesAt(cutsOn(daysOf(entries)), history, entries)).toEqual([]);
    });
  });

  test('as known at any place of the log, and of that as of any day', () => {
    fc.assert(
      fc.property(plans, fc.nat(), fc.nat(), (plan, at, pick) => {
        const history = historyOf(plan);
        const known = history.slice(0, at % (history.length + 1));
        const positions = new Map<string, bigint>(
          history.map(({ id, position }) => [id, position]),
        );
        const entries = entriesOf(history).filter(
          ({ event }) => (positions.get(event) ?? 0n) <= BigInt(known.length),
        );
        expect(differences(known, entries)).toEqual([]);
        const days = daysOf(entries);
        const day = days[pick % (days.length || 1)];
        if (day === undefined) return;
        expect(differencesAt(cutsOn([day]), known, entries)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test('what the auditor moved, fact by fact, adds up to what it says is held', () => {
    holds((history) => {
      const { auditor, moves } = auditorOf(history);
      for (const anchor of ANCHORS) {
        expect(compareBooks(booksOf(moves, anchor), auditor.books(anchor))).toEqual([]);
      }
    });
  });

  test('I8: what a month was cut off with never changes, whatever is learned later', () => {
    holds((history, entries) => {
      const positions = new Map<string, bigint>(history.map(({ id, position }) => [id, position]));
      for (const fact of history) {
        if (fact.type !== 'PeriodCutOff') continue;
        const anchor = fact.metadata.anchor ?? ANCHORS[0];
        if (anchor === undefined) continue;
        const then = entries.filter(({ event }) => (positions.get(event) ?? 0n) < fact.position);
        const cut = { postedBy: `${fact.data.month}-31` as CivilDate };
        expect(booksOf(entries, anchor, cut)).toEqual(booksOf(then, anchor, cut));
      }
    });
  });

  test('I1, I2, I3: entries, sets and each budget add up to zero', () => {
    holds((_, entries) => {
      expect(
        allZero(
          totals(entries, (e) => `${e.event} ${e.rule} ${e.prescription} ${setOfPath(e.account)}`),
        ),
      ).toBe(true);
      expect(allZero(totals(entries, (e) => `${e.anchor} ${setOfPath(e.account)}`))).toBe(true);
      const budgets = entries.filter(({ account }) => account.startsWith('budget:'));
      const yearOf = (account: string) => account.split(':').slice(0, 4).join(':');
      expect(allZero(totals(budgets, (e) => yearOf(e.account)))).toBe(true);
    });
  });

  test('I4: consumed = expenses, by fund, year and category', () => {
    holds((_, entries) => {
      const spent = entries.filter(
        ({ account }) =>
          /:consumed:/u.test(account) || /^expenses:.*:(?!ownservice)[a-z]+$/u.test(account),
      );
      const category = (account: string) => {
        const [, anchor, fund, year, ...rest] = account.split(':');
        return [anchor, fund, year, rest.at(-1)].join(':');
      };
      expect(allZero(totals(spent, (e) => category(e.account)))).toBe(true);
    });
  });

  test('I5 and I7: nothing committed below zero; after the end only an outcome', () => {
    holds((history, entries) => {
      const { auditor } = auditorOf(history);
      const committed = entries.filter(({ account }) => account.includes(':committed:'));
      for (const [account, balance] of totals(committed, (e) => e.account)) {
        expect(balance).toBeLessThanOrEqual(0n);
        const [component, , prescription = ''] = account.split(':').reverse();
        if (balance === 0n || component === 'outcome' || prescription.startsWith('award-'))
          continue;
        expect(auditor.isLive(prescription)).toBe(true);
      }
    });
  });

  test('I9: performance-related money: what was spent is income, and no more', () => {
    holds((history, entries) => {
      const books = totals(entries, (e) => e.account);
      for (const { type, data, metadata } of history) {
        if (type !== 'BudgetOpened' || data.recognition !== 'performance-related') continue;
        const of = `${metadata.anchor ?? ''}:${data.fund}`;
        const consumed = [...books]
          .filter(([account]) => account.startsWith(`budget:${of}:${data.year}:consumed:`))
          .reduce((all, [, amount]) => all + amount, 0n);
        expect(books.get(`income:${of}:restricted`) ?? 0n).toBe(consumed);
      }
    });
  });

  test('I11 and I12: each event posts once, and names its agreement version', () => {
    holds((history, entries) => {
      const keys = entries.map(({ event, rule, line }) => `${event} ${rule} ${line}`);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { prescription, agreement_version: version } of entries) {
        expect(version === null).toBe(prescription === null);
      }
      const again = history.find(({ id }) => entries.some(({ event }) => event === id));
      if (again !== undefined) expect(() => entriesOf([...history, again])).toThrow();
    });
  });

  test('I14: the same log gives the same books', () => {
    holds((history, entries) => {
      expect(entriesOf(history)).toEqual(entries);
    });
  });

  test('law 7: what was committed = earned + released + still committed', () => {
    holds((_, entries) => {
      for (const id of new Set(entries.map(({ prescription }) => prescription))) {
        if (id === null) continue;
        const mine = entries.filter(({ prescription }) => prescription === id);
        const total = (which: (entry: EntryRow) => boolean) =>
          mine.filter(which).reduce((all, { amount }) => all + amount, 0n);
        const made = -total(
          ({ rule, account }) => rule === 'prescribed' && account.includes(':committed:'),
        );
        const earned = -total(({ account }) => account.includes(':consumed:'));
        // Released less what late facts, corrections and new prices drew again.
        const released = -total(
          ({ rule, account }) => rule !== 'prescribed' && account.includes(':available:'),
        );
        const still = -total(({ account }) => account.includes(':committed:'));
        expect(made).toBe(earned + released + still);
      }
    });
  });

  test('I6 and the guard: nothing reserved beyond what is free, nothing told but what moved', () => {
    holds((history, entries) => {
      const budgets = new Budgets();
      for (const fact of history) budgets.hear(fact, fact.stream);
      expect(budgets.overdrawn).toEqual([]);
      const { findings, underWay } = budgets.against(movementsOf(entries));
      expect(findings).toEqual([]);
      const watched = ledgerRows(history)('guard').map(
        ({ kind, because, prescription, amount }) => {
          return { kind, because, prescription, amount };
        },
      );
      const expected = underWay.map(({ pot: _, ...item }) => item);
      const byText = (a: object, b: object) => (text(a) < text(b) ? -1 : 1);
      expect(watched.sort(byText)).toEqual(expected.sort(byText));
    });
  });
});

/** Every rule that needs no claim and no payment. */
const RULES = [
  ...['attended', 'attended-late', 'budget-allocated', 'budget-changed', 'cancelled'],
  ...['capacity-awarded', 'completed', 'continued', 'milestone-evidenced', 'recalled'],
  ...['opening-balance', 'training-bought', 'virement'],
  ...['corrected', 'declined', 'drop-out-minimum', 'dropped-out', 'fund-received', 'lapsed'],
  ...['missed', 'missed-late', 'nth-attendance', 'outcome-lapsed', 'outcome-met', 'prescribed'],
  ...['repriced', 'trigger-completed', 'trigger-prescribed'],
];

const text = (value: object) =>
  Object.entries(value)
    .map(([key, item]) => `${key} ${String(item)}`)
    .sort()
    .join();

/** One fault in the entries; `null` where this history has no room for it. */
type Mutation = (entries: readonly EntryRow[], pick: number) => EntryRow[] | null;

const changed = (entries: readonly EntryRow[], at: number, change: Partial<EntryRow>) =>
  entries.map((entry, index) => (index === at ? { ...entry, ...change } : entry));

/** One that moves something: a line of nothing may stand anywhere. */
function lineOf(entries: readonly EntryRow[], pick: number): number {
  const moving = [...entries.keys()].filter((at) => entries[at]?.amount !== 0n);
  return moving[pick % moving.length] ?? 0;
}

const MUTATIONS: Record<string, Mutation> = {
  'one penny more on a line': (entries, pick) => {
    const at = lineOf(entries, pick);
    return changed(entries, at, { amount: entries[at]!.amount + 1n });
  },
  'a penny moved between two lines of an entry': (entries, pick) => {
    const at = lineOf(entries, pick);
    const from = entries[at]!;
    const to = entries.findIndex(
      ({ event, account }) => event === from.event && account !== from.account,
    );
    if (to === -1) return null;
    const one = changed(entries, at, { amount: from.amount - 1n });
    return changed(one, to, { amount: entries[to]!.amount + 1n });
  },
  'a line on another account of its set': (entries, pick) => {
    const at = lineOf(entries, pick);
    const mine = entries[at];
    const accounts = entries
      .filter((e) => e.anchor === mine?.anchor && setOfPath(e.account) === setOfPath(mine.account))
      .map(({ account }) => account)
      .filter((account) => account !== mine?.account);
    const account = accounts[pick % (accounts.length || 1)];
    return account === undefined ? null : changed(entries, at, { account });
  },
  'an entry missing': (entries, pick) => {
    const gone = entries[pick % entries.length];
    return entries.filter(({ event, rule, prescription }) => {
      return event !== gone?.event || rule !== gone.rule || prescription !== gone.prescription;
    });
  },
  'an entry twice': (entries, pick) => {
    const one = entries[pick % entries.length];
    const again = entries.filter(({ event, rule }) => event === one?.event && rule === one.rule);
    return movesNothing(again) ? null : [...entries, ...again];
  },
  'debit and credit the wrong way round': (entries, pick) => {
    const turned = entries[pick % entries.length];
    return entries.map((entry) =>
      entry.event === turned?.event && entry.rule === turned.rule
        ? { ...entry, amount: -entry.amount }
        : entry,
    );
  },
};

/** What one record gives another may take on the same days: twice that is nothing, too. */
function movesNothing(entries: readonly EntryRow[]): boolean {
  const sums = new Map<string, bigint>();
  for (const { account, occurred, posted, amount } of entries) {
    const place = `${account} ${occurred} ${posted}`;
    sums.set(place, (sums.get(place) ?? 0n) + amount);
  }
  return [...sums.values()].every((sum) => sum === 0n);
}

const dayAfter = (day: CivilDate, days: number): CivilDate => addDays(day, 1 + (days % 40));

/** Faults that leave every balance of now as it is. */
const DAY_MUTATIONS: Record<string, Mutation> = {
  'a line on another day': (entries, pick) => {
    const at = lineOf(entries, pick);
    return changed(entries, at, { occurred: dayAfter(entries[at]!.occurred, pick) });
  },
  'a line carried on another day': (entries, pick) => {
    const at = lineOf(entries, pick);
    return changed(entries, at, { posted: dayAfter(entries[at]!.posted, pick) });
  },
  'a line learned late carried on the day it happened': (entries) => {
    const at = entries.findIndex(
      ({ posted, occurred, amount }) => posted !== occurred && amount !== 0n,
    );
    const late = entries[at];
    return late === undefined ? null : changed(entries, at, { posted: late.occurred });
  },
};

describe('the control: a fault in the books is seen', () => {
  test.each(Object.entries(MUTATIONS))('%s: always', (name, mutate) => {
    let tried = 0;
    let caught = 0;
    fc.assert(
      fc.property(plans, fc.nat(), (plan, pick) => {
        const history = historyOf(plan);
        const entries = entriesOf(history);
        const faulty = mutate(entries, pick);
        if (faulty === null) return;
        tried += 1;
        // What a correction moved from one day to another is nothing as of now.
        const cuts = () => cutsOn(daysOf(entries));
        if (
          differences(history, faulty).length > 0 ||
          differencesAt(cuts(), history, faulty).length > 0
        )
          caught += 1;
      }),
      { numRuns: RUNS },
    );
    process.stdout.write(`the auditor, ${name}: caught ${caught} of ${tried}\n`);
    expect(tried).toBeGreaterThan(RUNS / 2);
    expect(caught).toBe(tried);
  });

  test.each(Object.entries(DAY_MUTATIONS))('%s: always', (name, mutate) => {
    let tried = 0;
    let caught = 0;
    fc.assert(
      fc.property(plans, fc.nat(), (plan, pick) => {
        const history = historyOf(plan);
        const entries = entriesOf(history);
        const faulty = mutate(entries, pick);
        if (faulty === null) return;
        tried += 1;
        const days = daysOf([...entries, ...faulty]);
        expect(differences(history, faulty)).toEqual([]);
        if (differencesAt(cutsOn(days), history, faulty).length > 0) caught += 1;
      }),
      // Not every history learns something late of a month that was closed.
      { numRuns: 3 * RUNS },
    );
    process.stdout.write(`the auditor, ${name}: caught ${caught} of ${tried}\n`);
    expect(tried).toBeGreaterThan(0);
    expect(caught).toBe(tried);
  });
});
