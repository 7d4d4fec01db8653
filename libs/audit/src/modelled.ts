import { formatPence, type Pence, type Slug } from '#kernel';
import { ledger, type FundingFact } from '#funding';
import { reading, type ViewsDatabase } from '#projection';
import type { ReferralFact } from '#referral';
import { Auditor, type Books } from './auditor.js';
import { anchorsOf, compareBooks } from './books-checks.js';
import { Budgets } from './budgets.js';
import { concerns, type Group } from './groups.js';
import { guardAgainstLedger, type GuardCheck } from './guard-check.js';
import { SignedMonths } from './model/signed-months.js';
import { signedAgainstLedger } from './signed-check.js';

/** What a group's books were found to be, held against what was worked out from the log alone. */
export interface Found {
  readonly overdrawn: readonly string[];
  readonly accounts: number;
  readonly balances: readonly string[];
  readonly guard: GuardCheck;
  readonly monthsSigned: number;
  /** Months whose books do not give their signature any more. */
  readonly changed: readonly string[];
  /** Months that were signed as they should not have been. */
  readonly missigned: readonly string[];
}

/** The second models of one group of anchors. */
export class Modelled {
  private readonly months = new SignedMonths();
  private readonly auditor = new Auditor((move) => {
    this.months.move(move);
  });
  private readonly budgets = new Budgets();

  constructor(private readonly group: Group) {}

  /** In log order; facts of other anchors are left alone. */
  hear(fact: ReferralFact | FundingFact, stream: string): void {
    if (!concerns(this.group, fact.metadata.anchor)) return;
    this.auditor.hear(fact, stream);
    this.budgets.hear(fact, stream);
    if (fact.type === 'PeriodClosed') this.months.hear(fact);
  }

  async against(views: ViewsDatabase): Promise<Found> {
    const { signed, findings: missigned } = this.months;
    return {
      overdrawn: this.budgets.overdrawn,
      ...(await this.balances(views)),
      guard: await guardAgainstLedger(views, this.budgets, this.group),
      monthsSigned: signed.length,
      changed: await signedAgainstLedger(views, signed),
      missigned,
    };
  }

  private async balances(views: ViewsDatabase): Promise<Pick<Found, 'accounts' | 'balances'>> {
    const balances: string[] = [];
    let accounts = 0;
    const known = (await anchorsOf(views)).filter((anchor) => concerns(this.group, anchor));
    // An anchor that the ledger has no books of must have none.
    for (const anchor of new Set([...known, ...this.auditor.anchors()])) {
      const books = await ledgerBooks(views, anchor);
      accounts += books.size;
      const other = this.auditor.books(anchor);
      for (const { account, ledger: held, auditor: expected } of compareBooks(books, other)) {
        balances.push(`${account} holds ${formatPence(held)}, must hold ${formatPence(expected)}`);
      }
    }
    return { accounts, balances };
  }
}

async function ledgerBooks(views: ViewsDatabase, anchor: Slug): Promise<Books> {
  const rows = await reading(views, ledger, (query, table) =>
    query
      .selectFrom(table('balance'))
      .select(['account', 'balance'])
      .where('anchor', '=', anchor)
      .execute(),
  );
  return new Map(rows.map((row) => [String(row['account']), row['balance'] as Pence]));
}
