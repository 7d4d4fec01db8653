import { sql } from 'kysely';
import { formatPence, type Pence, type Slug } from '#kernel';
import { ledger } from '#funding';
import { reading, type AnyTables, type ViewsDatabase } from '#projection';
import type { Kysely } from 'kysely';
import type { Books } from './auditor.js';

/** One invariant of the books, as a query that finds what breaks it. */
interface Invariant {
  readonly name: string;
  find(query: Kysely<AnyTables>, table: (name: string) => string): Promise<readonly string[]>;
}

const text = (value: string | bigint | null | undefined) =>
  typeof value === 'bigint' ? formatPence(value) : String(value);

type Names = (name: string) => string;
type Columns = Record<string, string | bigint | null>;

async function rowsOf(
  query: Kysely<AnyTables>,
  statement: ReturnType<typeof sql<Columns>>,
): Promise<readonly Columns[]> {
  return (await statement.execute(query)).rows;
}

const t = (table: Names, name: string) => sql.table(table(name));

/** I1 to I13 of the ledger's invariants that need no claim and no payment. */
export const INVARIANTS: readonly Invariant[] = [
  {
    name: 'every entry adds up to zero in each set of accounts',
    async find(query, table) {
      const rows = await rowsOf(
        query,
        sql<Columns>`select e.anchor, e.entry, e.event, b.account_set, sum(e.amount) as off
          from ${t(table, 'entry')} e
          join ${t(table, 'balance')} b on b.anchor = e.anchor and b.account = e.account
          group by e.anchor, e.entry, e.event, b.account_set having sum(e.amount) <> 0 limit 20`,
      );
      return rows.map(
        (r) => `${text(r['anchor'])}: event ${text(r['event'])} is off by ${text(r['off'])}`,
      );
    },
  },
  {
    name: 'every set of accounts adds up to zero',
    async find(query, table) {
      const rows = await rowsOf(
        query,
        sql<Columns>`select anchor, account_set, sum(balance) as off
          from ${t(table, 'balance')} group by anchor, account_set having sum(balance) <> 0`,
      );
      return rows.map(
        (r) => `${text(r['anchor'])}: ${text(r['account_set'])} is off by ${text(r['off'])}`,
      );
    },
  },
  {
    name: 'authority = available + committed + consumed',
    async find(query, table) {
      const rows = await rowsOf(
        query,
        sql<Columns>`select anchor, fund, year, sum(balance) as off
          from ${t(table, 'balance')} where account_set = 'budgetary'
          group by anchor, fund, year having sum(balance) <> 0`,
      );
      return rows.map(
        (r) => `${text(r['anchor'])}: ${text(r['fund'])} is off by ${text(r['off'])}`,
      );
    },
  },
  {
    name: 'consumed = expenses, by category',
    async find(query, table) {
      const rows = await rowsOf(
        query,
        sql<Columns>`select anchor, fund, year, category, sum(balance) as off
          from ${t(table, 'balance')} where head in ('consumed', 'expenses')
          group by anchor, fund, year, category having sum(balance) <> 0`,
      );
      return rows.map(
        (r) =>
          `${text(r['anchor'])}: ${text(r['fund'])} ${text(r['category'])} is off by ${text(r['off'])}`,
      );
    },
  },
  {
    name: 'nothing committed is below zero',
    async find(query, table) {
      const rows = await rowsOf(
        query,
        sql<Columns>`select anchor, account, balance from ${t(table, 'balance')}
          where head in ('committed', 'awarded') and balance > 0 limit 20`,
      );
      return rows.map((r) => `${text(r['account'])} holds ${text(r['balance'])}`);
    },
  },
  {
    // What came in and was neither spent nor given back is deferred: no recall or opening balance
    // changes that what was spent, and only that, is income.
    name: 'performance-related money: income = consumed',
    async find(query, table) {
      const rows = await rowsOf(
        query,
        sql<Columns>`with fund as (
            select distinct anchor, fund from ${t(table, 'balance')}
            where head = 'deferred')
          select f.anchor, f.fund,
            sum(case b.head when 'income' then b.balance else -b.balance end) as off
          from fund f join ${t(table, 'balance')} b on b.anchor = f.anchor and b.fund = f.fund
          where b.head in ('income', 'consumed') group by f.anchor, f.fund
          having sum(case b.head when 'income' then b.balance else -b.balance end) <> 0`,
      );
      return rows.map(
        (r) => `${text(r['anchor'])}: ${text(r['fund'])} is off by ${text(r['off'])}`,
      );
    },
  },
  {
    name: 'every entry of a prescription names its agreement version',
    async find(query, table) {
      const rows = await rowsOf(
        query,
        sql<Columns>`select event, rule from ${t(table, 'entry')}
          where prescription is not null and agreement_version is null limit 20`,
      );
      return rows.map((r) => `event ${text(r['event'])}, rule ${text(r['rule'])}`);
    },
  },
  {
    name: 'balances are the sums of their entries',
    async find(query, table) {
      const rows = await rowsOf(
        query,
        sql<Columns>`with moved as (
            select anchor, account, sum(amount) as total
            from ${t(table, 'entry')} group by anchor, account)
          select b.account, b.balance, coalesce(m.total, 0) as entries
          from ${t(table, 'balance')} b
          left join moved m on m.anchor = b.anchor and m.account = b.account
          where b.balance <> coalesce(m.total, 0) limit 20`,
      );
      return rows.map(
        (r) =>
          `${text(r['account'])} holds ${text(r['balance'])}, its entries ${text(r['entries'])}`,
      );
    },
  },
];

export function findBroken(views: ViewsDatabase, of: Invariant): Promise<readonly string[]> {
  return reading(views, ledger, (query, table) => of.find(query, table));
}

export async function anchorsOf(views: ViewsDatabase): Promise<Slug[]> {
  const rows = await reading(views, ledger, (query, table) =>
    query.selectFrom(table('books')).select('anchor').orderBy('anchor').execute(),
  );
  return rows.map((row) => row['anchor'] as Slug);
}

/** Account by account, in both directions: what is absent counts as zero. */
export function compareBooks(
  books: Books,
  auditors: Books,
): { account: string; ledger: Pence; auditor: Pence }[] {
  const accounts = [...new Set([...books.keys(), ...auditors.keys()])].sort();
  return accounts.flatMap((account) => {
    const [held, expected] = [books.get(account) ?? 0n, auditors.get(account) ?? 0n];
    return held === expected ? [] : [{ account, ledger: held, auditor: expected }];
  });
}
