import type { Pence, Slug } from '#kernel';
import type { Recognition } from '#referral';
import { pathOf, type Account, type Category, type Line } from './accounts.js';
import type { PrescriptionMoney } from './prescription-money.js';

/** Both sides of one amount; nothing for nothing. */
export function transfer(debit: Account, credit: Account, amount: Pence): Line[] {
  if (amount === 0n) return [];
  return [
    { account: debit, amount },
    { account: credit, amount: -amount },
  ];
}

/** One line an account, in the order in which they were first named; none for nothing. */
export function netted(lines: readonly Line[]): Line[] {
  const totals = new Map<string, Line>();
  for (const { account, amount } of lines) {
    const path = pathOf(account);
    const before = totals.get(path)?.amount ?? 0n;
    totals.set(path, { account, amount: before + amount });
  }
  return [...totals.values()].filter(({ amount }) => amount !== 0n);
}

export function available({ anchor, priced }: PrescriptionMoney): Account {
  const { fund, year, pot } = priced.budget;
  return { anchor, fund, head: 'available', year, pot };
}

export function committed(p: PrescriptionMoney, component: Slug): Account {
  const { fund, year } = p.priced.budget;
  const { anchor, prescription, provider } = p;
  return { anchor, fund, head: 'committed', year, prescription, provider, component };
}

/** What proof of delivery makes of money, beside the commitment or the pot it was taken from. */
export function earned(p: PrescriptionMoney, amount: Pence, category: Category): Line[] {
  const { anchor, provider } = p;
  return spent({ ...p.priced.budget, anchor, payee: provider }, amount, category);
}

export interface Spending {
  readonly anchor: Slug;
  readonly fund: Slug;
  readonly year: number;
  readonly recognition: Recognition;
  readonly funder: Slug;
  readonly payee: Slug;
}

/** Consumed of the budget, an expense, owed to somebody; and income where it was deferred. */
export function spent(of: Spending, amount: Pence, category: Category): Line[] {
  const { anchor, fund, year, recognition, funder, payee } = of;
  const owner = { anchor, fund };
  // What the anchor delivers itself stays visible and is owed to nobody.
  const owed: Account =
    payee === anchor
      ? { ...owner, head: 'own-service', year }
      : { ...owner, head: 'accrued', provider: payee };
  return [
    { account: { ...owner, head: 'consumed', year, category }, amount: -amount },
    ...transfer({ ...owner, head: 'expenses', year, category }, owed, amount),
    ...(recognition === 'performance-related'
      ? transfer({ ...owner, head: 'deferred', funder }, { ...owner, head: 'income' }, amount)
      : []),
  ];
}
