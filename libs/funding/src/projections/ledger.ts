import { assert, dayOf, type CivilDate, type Pence, type Slug } from '#kernel';
import type { RecordedFact } from '#event-log';
import { packJson, unpackJson, type Projection, type Rows } from '#projection';
import type { ReferralEvent } from '#referral';
import { pathOf, setOf, type Account, type Line } from '../domain/accounts.js';
import type { FundingEvent } from '../domain/events.js';
import { effectsOf } from '../domain/guard.js';
import { postFunding } from '../domain/post-funding.js';
import { postReferral } from '../domain/post-referral.js';
import type { Entry } from '../domain/postings.js';
import { noMoney, type ReferralMoney } from '../domain/prescription-money.js';
import { GUARD_TABLE, reduceGuard } from './guard.js';

type LedgerFact = RecordedFact<ReferralEvent> | RecordedFact<FundingEvent>;

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
const FUNDING_TYPES = [
  'FundReceived',
  'BudgetOpened',
  'FundsReserved',
  'FundsReleased',
  'FundsDrawn',
  'BudgetChanged',
  'VirementApproved',
  'FundsRecalled',
  'CapacityAwarded',
  'MilestoneEvidenced',
  'TrainingBought',
  'OpeningBalanceRecorded',
] as const;

/**
 * The books: every line of every entry, each account's balance, the money of each referral that the
 * next posting needs, and what the budgets were not told yet. A pure function of the log.
 */
export const ledger: Projection<LedgerFact> = {
  name: 'ledger',
  version: 1,
  whenBroken: 'stop',
  applies: [...REFERRAL_TYPES, ...FUNDING_TYPES],
  tables: [
    {
      name: 'entry',
      columns: {
        event: 'text',
        rule: 'text',
        line: 'integer',
        anchor: 'text',
        /** Order within the anchor's books, from 1: the log's order, on any store. */
        entry: 'integer',
        account: 'text',
        amount: 'integer',
        occurred: 'text',
        recorded: 'text',
        posted: 'text',
        referral: 'text?',
        prescription: 'text?',
        agreement: 'text?',
        agreement_version: 'integer?',
      },
      key: ['event', 'rule', 'line'],
      indexes: [['anchor', 'account'], ['prescription']],
    },
    {
      name: 'balance',
      columns: {
        anchor: 'text',
        account: 'text',
        account_set: 'text',
        fund: 'text',
        year: 'integer?',
        /** The account's structured key, as JSON. */
        parts: 'text',
        balance: 'integer',
      },
      key: ['anchor', 'account'],
    },
    { name: 'money', columns: { referral: 'text', money: 'text' }, key: ['referral'] },
    { name: 'books', columns: { anchor: 'text', entries: 'integer' }, key: ['anchor'] },
    GUARD_TABLE,
  ],
  reduce(fact, rows) {
    if (!isReferral(fact)) {
      post(fact, postFunding(fact), rows);
      reduceGuard(fact, { moves: [], draws: [] }, rows);
      return;
    }
    const row = rows.get('money', fact.stream);
    const before = row === undefined ? noMoney : (unpackJson(row['money']) as ReferralMoney);
    const posted = postReferral(fact, before);
    const { entries, money } = posted;
    if (money !== before) {
      rows.put('money', { referral: fact.stream, money: packJson(money) });
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

/**
 * The day the books carry a fact: the day it happened, as long as that month's books are open. No
 * month can be closed yet.
 */
function postedOn(occurred: CivilDate): CivilDate {
  return occurred;
}

function post(fact: LedgerFact, entries: readonly Entry[], rows: Rows): void {
  if (entries.length === 0) return;
  const anchor = anchorOf(fact);
  const { occurredOn, recordedAt } = fact.metadata;
  let count = (rows.get('books', anchor)?.['entries'] ?? 0n) as bigint;
  const lineOf = new Map<string, bigint>();
  for (const { rule, lines, prescription, agreement, on = occurredOn } of entries) {
    count += 1n;
    for (const { account, amount } of lines) {
      const line = (lineOf.get(rule) ?? 0n) + 1n;
      lineOf.set(rule, line);
      const already = rows.get('entry', fact.id, rule, line);
      assert(already === undefined, `${fact.type} ${fact.id} posts line ${line} of ${rule} once`);
      rows.put('entry', {
        event: fact.id,
        rule,
        line,
        anchor,
        entry: count,
        account: pathOf(account),
        amount,
        occurred: on,
        recorded: dayOf(recordedAt),
        posted: postedOn(on),
        referral: isReferral(fact) ? fact.stream : null,
        prescription: prescription ?? null,
        agreement: agreement?.agreement ?? null,
        agreement_version: agreement === undefined ? null : BigInt(agreement.version),
      });
      addToBalance(account, amount, rows);
    }
  }
  rows.put('books', { anchor, entries: count });
}

function addToBalance(account: Account, amount: Line['amount'], rows: Rows): void {
  const path = pathOf(account);
  const before = rows.get('balance', account.anchor, path);
  rows.put('balance', {
    anchor: account.anchor,
    account: path,
    account_set: setOf(account),
    fund: account.fund,
    year: 'year' in account ? BigInt(account.year) : null,
    parts: JSON.stringify(account),
    balance: ((before?.['balance'] ?? 0n) as Pence) + amount,
  });
}
