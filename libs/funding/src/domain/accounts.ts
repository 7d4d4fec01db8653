import type { Pence, PrescriptionId, Slug } from '#kernel';
import type { Category } from './events.js';

/** Three sets of accounts, each summing to zero by itself. */
export const SETS = ['budgetary', 'financial', 'memo'] as const;
export type AccountSet = (typeof SETS)[number];

export type { Category };

/** Whose money it is: every account belongs to one fund of one anchor. */
interface Owner {
  readonly anchor: Slug;
  readonly fund: Slug;
}

/** An account as a structured key; `pathOf` prints it. */
export type Account = Owner &
  (
    | { readonly head: 'bank' }
    | { readonly head: 'income' }
    | { readonly head: 'deferred'; readonly funder: Slug }
    | { readonly head: 'held-as-agent'; readonly funder: Slug }
    | { readonly head: 'accrued'; readonly provider: Slug }
    | { readonly head: 'repayable'; readonly funder: Slug }
    | { readonly head: 'expenses'; readonly year: number; readonly category: Category }
    | { readonly head: 'own-service'; readonly year: number }
    | { readonly head: 'authority'; readonly year: number }
    | { readonly head: 'available'; readonly year: number; readonly pot: Slug }
    | {
        readonly head: 'committed';
        readonly year: number;
        readonly prescription: PrescriptionId;
        readonly provider: Slug;
        readonly component: Slug;
      }
    | {
        readonly head: 'awarded';
        readonly year: number;
        readonly award: Slug;
        readonly provider: Slug;
        readonly milestone: Slug;
      }
    | { readonly head: 'consumed'; readonly year: number; readonly category: Category }
  );
export type Head = Account['head'];

/** One side of an entry: debits are positive, credits negative. */
export interface Line {
  readonly account: Account;
  readonly amount: Pence;
}

export function setOf({ head }: Pick<Account, 'head'>): AccountSet {
  switch (head) {
    case 'authority':
    case 'available':
    case 'committed':
    case 'awarded':
    case 'consumed':
      return 'budgetary';
    default:
      return 'financial';
  }
}

/** The colon path under which people, journals and accounting programs know an account. */
export function pathOf(account: Account): string {
  const { anchor, fund } = account;
  switch (account.head) {
    case 'bank':
      return `assets:${anchor}:${fund}:bank`;
    case 'income':
      return `income:${anchor}:${fund}:restricted`;
    case 'deferred':
      return `liabilities:${anchor}:${fund}:deferred:${account.funder}`;
    case 'held-as-agent':
      return `liabilities:${anchor}:${fund}:heldasagent:${account.funder}`;
    case 'accrued':
      return `liabilities:${anchor}:${fund}:accrued:${account.provider}`;
    case 'repayable':
      return `liabilities:${anchor}:${fund}:repayable:${account.funder}`;
    case 'expenses':
      return `expenses:${anchor}:${fund}:${account.year}:${account.category}`;
    case 'own-service':
      return `expenses:${anchor}:${fund}:${account.year}:ownservice`;
    default:
      return `budget:${anchor}:${fund}:${account.year}:${budgetPart(account)}`;
  }
}

type Budgetary = Extract<
  Account,
  { head: 'authority' | 'available' | 'committed' | 'awarded' | 'consumed' }
>;

function budgetPart(account: Budgetary): string {
  switch (account.head) {
    case 'authority':
      return 'authority';
    case 'available':
      return `available:${account.pot}`;
    case 'committed':
      return `committed:${account.prescription}:${account.provider}:${account.component}`;
    case 'awarded':
      return `committed:${account.award}:${account.provider}:${account.milestone}`;
    case 'consumed':
      return `consumed:${account.category}`;
  }
}
