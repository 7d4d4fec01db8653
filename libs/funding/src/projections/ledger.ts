import { dayOf, type Month, type Pence, type Slug } from '#kernel';
import type { RecordedFact } from '#event-log';
import { Json, type Projection, type Row, type Rows } from '#projection';
import type { ReferralEvent } from '#referral';
import { pathOf, setOf, type Account, type Line } from '../domain/accounts.js';
import { fundingEvents, type FundingEvent } from '../domain/events.js';
import { effectsOf } from '../domain/guard.js';
import { postedOn } from '../domain/periods.js';
import { postFunding } from '../domain/post-funding.js';
import { postReferral } from '../domain/post-referral.js';
import type { Entry } from '../domain/postings.js';
import { noMoney, type ReferralMoney } from '../domain/prescription-money.js';
import { GUARD_TABLE, reduceGuard } from './guard.js';

type LedgerFact = RecordedFact<ReferralEvent> | RecordedFact<FundingEvent>;

/** The facts of a referral that may move money, or change what a later one moves. */
const REFERRAL_TYPES = [
  'Prescribed',
  'PrescriptionAbandoned',
  'PrescriptionDeclined',
  'PrescriptionCancelled',
  'PlaceLapsed',
  'Attended',
  'Missed',
  'PrescriptionCompleted',
  'DroppedOut',
  'PrescriptionRepriced',
  'OutcomeDetermined',
  'OutcomeLapsed',
  'EntryCorrected',
] as const;
const FUNDING_TYPES = Object.keys(fundingEvents) as FundingEvent['type'][];

/**
 * The books: every line of every entry, each account's balance, the money of each referral that the
 * next posting needs, and what the budgets were not told yet. A pure function of the log.
 */
export const ledger: Projection<LedgerFact> = {
  name: 'ledger',
  version: 4,
  whenBroken: 'stop',
  applies: [...REFERRAL_TYPES, ...FUNDING_TYPES],
  tables: [
    {
      name: 'entry',
      columns: {
        anchor: 'text',
        /** Order within the anchor's books, from 1: the log's order, on any store. */
        entry: 'integer',
        /** From 1, of all that this rule made of the event, be it more than one entry. */
        line: 'integer',
        event: 'text',
        rule: 'text',
        account: 'text',
        amount: 'integer',
        occurred: 'text',
        recorded: 'text',
        posted: 'text',
        /** Of the event in the log: what was known when is asked by place. */
        position: 'integer',
        /** The record whose pay it changes. */
        corrects: 'text?',
        referral: 'text?',
        prescription: 'text?',
        agreement: 'text?',
        agreement_version: 'integer?',
      },
      key: ['anchor', 'entry', 'line'],
      indexes: [['prescription']],
      // Each event posts once, on any store, also after a log was copied to another one.
      unique: [['event', 'rule', 'line']],
      appendOnly: true,
    },
    {
      name: 'balance',
      columns: {
        anchor: 'text',
        account: 'text',
        /** Within the anchor's books, from 1. */
        number: 'integer',
        /** The place in the log from which on there is this account. */
        since: 'integer',
        account_set: 'text',
        head: 'text',
        fund: 'text',
        year: 'integer?',
        provider: 'text?',
        category: 'text?',
        /** The account's structured key. */
        parts: 'json',
        balance: 'integer',
      },
      key: ['anchor', 'account'],
    },
    {
      /** What each entry moved in each account, small and in order: sums over any days are fast. */
      name: 'movement',
      columns: {
        anchor: 'text',
        account: 'integer',
        position: 'integer',
        entry: 'integer',
        occurred: 'text',
        posted: 'text',
        amount: 'integer',
        /** Of the account after this entry, in log order. */
        balance: 'integer',
      },
      // The whole row, so that sums are read from the key alone.
      key: [
        ...['anchor', 'account', 'position', 'entry'],
        ...['occurred', 'posted', 'amount', 'balance'],
      ],
      appendOnly: true,
    },
    { name: 'money', columns: { referral: 'text', money: 'json' }, key: ['referral'] },
    {
      name: 'books',
      columns: {
        anchor: 'text',
        entries: 'integer',
        accounts: 'integer',
        /** The last month that was cut off. */
        cut_off: 'text?',
      },
      key: ['anchor'],
    },
    GUARD_TABLE,
  ],
  looksAt(fact) {
    return isReferral(fact) ? [['money', fact.stream]] : [];
  },
  reduce(fact, rows) {
    if (!isReferral(fact)) {
      if (fact.type === 'PeriodCutOff') {
        const anchor = anchorOf(fact);
        rows.put('books', { ...booksOf(anchor, rows), cut_off: fact.data.month });
      }
      post(fact, postFunding(fact), rows);
      reduceGuard(fact, { moves: [], draws: [] }, rows);
      return;
    }
    const known = rows.get('money', fact.stream);
    const before =
      known === undefined ? noMoney : ((known['money'] as Json).value as ReferralMoney);
    const posted = postReferral(fact, before);
    const { entries, money } = posted;
    if (money !== before) {
      rows.put('money', { referral: fact.stream, money: Json.of(money) });
    }
    post(fact, entries, rows);
    reduceGuard(fact, effectsOf(fact, posted), rows);
  },
};

function isReferral(fact: LedgerFact): fact is RecordedFact<ReferralEvent> {
  return (REFERRAL_TYPES as readonly string[]).includes(fact.type);
}

function anchorOf(fact: LedgerFact): Slug {
  return fact.metadata.anchor as Slug; // Facts of money always name whose books they are for.
}

function booksOf(anchor: Slug, rows: Rows): Row {
  return rows.get('books', anchor) ?? { anchor, entries: 0n, accounts: 0n, cut_off: null };
}

function post(fact: LedgerFact, entries: readonly Entry[], rows: Rows): void {
  if (entries.length === 0) return;
  const anchor = anchorOf(fact);
  const books = booksOf(anchor, rows);
  const recorded = dayOf(fact.metadata.recordedAt);
  const lineOf = new Map<string, bigint>();
  let entry = books['entries'] as bigint;
  for (const each of entries) {
    entry += 1n;
    const { rule, lines, prescription, agreement, corrects } = each;
    const occurred = each.on ?? fact.metadata.occurredOn;
    const posted = postedOn(occurred, recorded, books['cut_off'] as Month | null);
    const place: Place = { anchor, entry, position: fact.position, occurred, posted };
    const moved = new Map<string, Line>();
    for (const { account, amount } of lines) {
      const line = (lineOf.get(rule) ?? 0n) + 1n;
      lineOf.set(rule, line);
      const path = pathOf(account);
      moved.set(path, { account, amount: (moved.get(path)?.amount ?? 0n) + amount });
      rows.add('entry', {
        ...place,
        event: fact.id,
        rule,
        line,
        account: path,
        amount,
        recorded,
        corrects: corrects ?? null,
        referral: isReferral(fact) ? fact.stream : null,
        prescription: prescription ?? null,
        agreement: agreement?.agreement ?? null,
        agreement_version: agreement === undefined ? null : BigInt(agreement.version),
      });
    }
    for (const [path, line] of moved) moveAccount(path, line, place, rows);
  }
  rows.put('books', { ...booksOf(anchor, rows), entries: entry });
}

/** Where and when an entry stands. */
interface Place {
  readonly anchor: Slug;
  readonly entry: bigint;
  readonly position: bigint;
  readonly occurred: string;
  readonly posted: string;
}

/** By all that one entry moves in it. */
function moveAccount(path: string, { account, amount }: Line, place: Place, rows: Rows): void {
  const { anchor } = place;
  const known = rows.get('balance', anchor, path) ?? openAccount(path, account, place, rows);
  const number = known['number'] as bigint;
  const balance = (known['balance'] as Pence) + amount;
  const row = { ...known, balance };
  // A commitment that is spent or given back is seldom made again.
  if (account.head === 'committed' && balance === 0n) rows.settle('balance', row);
  else rows.put('balance', row);
  rows.add('movement', { ...place, account: number, amount, balance });
}

function openAccount(path: string, account: Account, { anchor, position }: Place, rows: Rows): Row {
  const books = booksOf(anchor, rows);
  const number = (books['accounts'] as bigint) + 1n;
  rows.put('books', { ...books, accounts: number });
  return {
    anchor,
    account: path,
    number,
    since: position,
    account_set: setOf(account),
    head: account.head,
    fund: account.fund,
    year: 'year' in account ? BigInt(account.year) : null,
    provider: 'provider' in account ? account.provider : null,
    category: 'category' in account ? account.category : null,
    parts: Json.of(account),
    balance: 0n,
  };
}
