import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Pence, Slug } from '#kernel';
import { Budgets } from './budgets.js';
import { compareBooks } from './books-checks.js';
import {
  auditorOf,
  booksOf,
  entriesOf,
  ledgerRows,
  movementsOf,
  setOfPath,
  type EntryRow,
} from './testing/books.js';
import { historyOf, plans, type Recorded } from './testing/histories.js';

const NORTH = 'north' as Slug;
const ANCHORS = [NORTH, 'south' as Slug];
const RUNS = 100;

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

function differences(history: readonly Recorded[], entries: readonly EntryRow[]) {
  const auditor = auditorOf(history);
  return ANCHORS.flatMap((anchor) => compareBooks(booksOf(entries, anchor), auditor.books(anchor)));
}

describe('on random histories of two anchors', () => {
  test('the histories are worth it: every kind of fact and rule occurs', () => {
    const types = new Set<string>();
    const rules = new Set<string>();
    for (const plan of fc.sample(plans, { numRuns: RUNS, seed: 1 })) {
      const history = historyOf(plan);
      for (const { type } of history) types.add(type);
      for (const { rule } of entriesOf(history)) rules.add(rule);
    }
    expect([...types].sort()).toEqual(
      [
        ...['Attended', 'BudgetOpened', 'DroppedOut', 'FundReceived', 'FundsDrawn'],
        ...['FundsReleased', 'FundsReserved', 'Missed', 'Prescribed', 'PrescriptionAbandoned'],
        ...['PrescriptionCancelled', 'PrescriptionCompleted'],
      ].sort(),
    );
    expect([...rules].sort()).toEqual(
      [
        ...['attended', 'attended-late', 'budget-allocated', 'cancelled', 'completed'],
        ...['dropped-out', 'fund-received', 'missed', 'missed-late', 'nth-attendance'],
        ...['prescribed', 'trigger-completed', 'trigger-prescribed'],
      ].sort(),
    );
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
          /:consumed:/u.test(account) || /^expenses:.*:(delivery|noshow)$/u.test(account),
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
      const live = new Set<string>();
      for (const fact of history) {
        const { type, data, stream } = fact;
        if (type === 'Prescribed') live.add(`${stream} ${data.prescription}`);
        else if (type === 'PrescriptionCompleted' || type === 'PrescriptionCancelled') {
          live.delete(`${stream} ${data.prescription}`);
        } else if (type === 'DroppedOut') {
          const which = data.scope === 'prescription' ? data.prescription : '';
          for (const one of live)
            if (one.startsWith(stream) && one.includes(which)) live.delete(one);
        }
      }
      const alive = new Set([...live].map((one) => one.split(' ')[1]));
      const committed = entries.filter(({ account }) => account.includes(':committed:'));
      for (const [account, balance] of totals(committed, (e) => e.account)) {
        expect(balance).toBeLessThanOrEqual(0n);
        const [component, , prescription] = account.split(':').reverse();
        if (balance !== 0n && component !== 'outcome') expect(alive).toContain(prescription);
      }
    });
  });

  test('I9: performance-related money: deferred = received - consumed', () => {
    holds((_, entries) => {
      const books = totals(entries, (e) => e.account);
      for (const [account, deferred] of books) {
        const [, anchor, fund, kind] = account.split(':');
        if (kind !== 'deferred') continue;
        const received = books.get(`assets:${anchor}:${fund}:bank`) ?? 0n;
        const consumed = [...books]
          .filter(([other]) => other.startsWith(`budget:${anchor}:${fund}:2026:consumed:`))
          .reduce((all, [, amount]) => all - amount, 0n);
        expect(-deferred).toBe(received - consumed);
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
        // Released less what late facts drew again.
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

const text = (value: object) =>
  Object.entries(value)
    .map(([key, item]) => `${key} ${String(item)}`)
    .sort()
    .join();

/** One fault in the entries; `null` where this history has no room for it. */
type Mutation = (entries: readonly EntryRow[], pick: number) => EntryRow[] | null;

const changed = (entries: readonly EntryRow[], at: number, change: Partial<EntryRow>) =>
  entries.map((entry, index) => (index === at ? { ...entry, ...change } : entry));

const MUTATIONS: Record<string, Mutation> = {
  'one penny more on a line': (entries, pick) => {
    const at = pick % entries.length;
    return changed(entries, at, { amount: entries[at]!.amount + 1n });
  },
  'a penny moved between two lines of an entry': (entries, pick) => {
    const at = pick % entries.length;
    const from = entries[at]!;
    const to = entries.findIndex(
      ({ event, account }) => event === from.event && account !== from.account,
    );
    if (to === -1) return null;
    const one = changed(entries, at, { amount: from.amount - 1n });
    return changed(one, to, { amount: entries[to]!.amount + 1n });
  },
  'a line on another account of its set': (entries, pick) => {
    const at = pick % entries.length;
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
    const again = entries[pick % entries.length];
    return [
      ...entries,
      ...entries.filter(({ event, rule }) => event === again?.event && rule === again.rule),
    ];
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

describe('the control: a fault in the books is seen', () => {
  test.each(Object.entries(MUTATIONS))('%s: always', (name, mutate) => {
    let tried = 0;
    let caught = 0;
    fc.assert(
      fc.property(plans, fc.nat(), (plan, pick) => {
        const history = historyOf(plan);
        const faulty = mutate(entriesOf(history), pick);
        if (faulty === null) return;
        tried += 1;
        if (differences(history, faulty).length > 0) caught += 1;
      }),
      { numRuns: RUNS },
    );
    process.stdout.write(`the auditor, ${name}: caught ${caught} of ${tried}\n`);
    expect(tried).toBeGreaterThan(RUNS / 2);
    expect(caught).toBe(tried);
  });
});
