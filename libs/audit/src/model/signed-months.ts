import { createHash } from 'node:crypto';
import { formatPence, monthOf, type Month, type Pence, type Slug } from '#kernel';
import type { FundingFactOf } from '#funding';
import type { DatedMove } from '../auditor.js';

type Sums = Map<string, Pence>;

/** A month that was closed, with what was signed. */
export interface Signed {
  readonly anchor: Slug;
  readonly close: FundingFactOf<'PeriodClosed'>['data'];
}

/**
 * What the books must carry up to the end of each month, by the second model, and what was signed
 * instead. Commitments are summed as they are signed: by provider.
 */
export class SignedMonths {
  readonly signed: Signed[] = [];
  readonly findings: string[] = [];
  private readonly months = new Map<Slug, Map<Month, Sums>>();

  move({ anchor, account, amount, posted }: DatedMove): void {
    const months = this.months.get(anchor) ?? new Map<Month, Sums>();
    const sums = months.get(monthOf(posted)) ?? new Map<string, Pence>();
    sums.set(signedLine(account), (sums.get(signedLine(account)) ?? 0n) + amount);
    this.months.set(anchor, months.set(monthOf(posted), sums));
  }

  /** At the very place in the log where it was signed. */
  hear({ data, metadata }: FundingFactOf<'PeriodClosed'>): void {
    const { anchor } = metadata;
    if (anchor === undefined) return;
    this.signed.push({ anchor, close: data });
    const expected = upTo(data.month, this.months.get(anchor) ?? new Map<Month, Sums>());
    const signed = new Map(data.trialBalance.map(({ account, balance }) => [account, balance]));
    for (const account of new Set([...expected.keys(), ...signed.keys()])) {
      const [must, was] = [expected.get(account) ?? 0n, signed.get(account) ?? 0n];
      if (must === was) continue;
      const what = `${formatPence(was)} was signed for ${account}, must be ${formatPence(must)}`;
      this.findings.push(`${anchor} ${data.month}: ${what}`);
    }
  }
}

function upTo(month: Month, months: ReadonlyMap<Month, Sums>): Sums {
  const sums = new Map<string, Pence>();
  for (const [each, moved] of months) {
    if (each > month) continue;
    for (const [account, amount] of moved) sums.set(account, (sums.get(account) ?? 0n) + amount);
  }
  return sums;
}

/** `budget:A:F:Y:committed:PRESCRIPTION:PROVIDER:COMPONENT` is signed by provider. */
function signedLine(account: string): string {
  const [set, anchor, fund, year, head, , provider] = account.split(':');
  if (set !== 'budget' || head !== 'committed') return account;
  return [set, anchor, fund, year, head, provider].join(':');
}

/** The signature over every single account, worked out as its description says. */
export function signatureOf(
  anchor: Slug,
  month: Month,
  balances: ReadonlyMap<string, Pence>,
): Pick<Signed['close'], 'trialBalance' | 'accounts' | 'hash'> {
  const paths = [...balances.keys()].sort((a, b) => (a < b ? -1 : 1));
  const text = paths.map((path) => `${path}\t${balances.get(path) ?? 0n}\n`).join('');
  const hash = createHash('sha256').update(`${anchor}\t${month}\n${text}`).digest('hex');
  const sums = new Map<string, Pence>();
  for (const [path, amount] of balances) {
    sums.set(signedLine(path), (sums.get(signedLine(path)) ?? 0n) + amount);
  }
  const trialBalance = [...sums].map(([account, balance]) => ({ account, balance }));
  return {
    trialBalance: trialBalance.sort((a, b) => (a.account < b.account ? -1 : 1)),
    accounts: balances.size,
    hash: hash,
  };
}
