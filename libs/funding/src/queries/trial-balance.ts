import { createHash } from 'node:crypto';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { lastDayOf, monthOf, type CivilDate, type Month, type Pence, type Slug } from '#kernel';
import { ViewsDatabase, reading } from '#projection';
import { pathOf, type Account } from '../domain/accounts.js';
import type { TrialBalance } from '../domain/periods.js';
import { ledger } from '../projections/ledger.js';
import { balancesAt } from './balances.js';

/** What the books carry up to the last day of a month: what a close signs. */
export class TrialBalanceQuery extends Query<TrialBalance> {
  constructor(
    readonly anchor: Slug,
    readonly month: Month,
  ) {
    super();
  }
}

@QueryHandler(TrialBalanceQuery)
export class TrialBalanceHandler implements IQueryHandler<TrialBalanceQuery> {
  constructor(private readonly views: ViewsDatabase) {}

  execute({ anchor, month }: TrialBalanceQuery) {
    return trialBalance(this.views, anchor, month);
  }
}

/**
 * As posted up to the month's last day, zeros too: every account in which anything was posted by
 * then. Once the month is cut off it is the same for ever, on any store.
 */
export async function trialBalance(
  views: ViewsDatabase,
  anchor: Slug,
  month: Month,
): Promise<TrialBalance> {
  const held = await balancesAt(views, anchor, { postedBy: lastDayOf(month) });
  const moved = held.flatMap(({ account, parts, balance }) =>
    balance === undefined ? [] : [{ account, parts, balance }],
  );
  const summed = new Map<string, Pence>();
  for (const { parts, balance } of moved) {
    const line = signedLine(parts);
    summed.set(line, (summed.get(line) ?? 0n) + balance);
  }
  const lines = [...summed].map(([account, balance]) => ({ account, balance }));
  return {
    lines: lines.sort((a, b) => byText(a.account, b.account)),
    accounts: moved.length,
    hash: trialBalanceHash(anchor, month, moved),
  };
}

/** Its account, but for commitments: those of one provider are one line. */
function signedLine(account: Account): string {
  if (account.head !== 'committed' && account.head !== 'awarded') return pathOf(account);
  const { anchor, fund, year, provider } = account;
  return `budget:${anchor}:${fund}:${year}:committed:${provider}`;
}

/**
 * SHA-256, in hexadecimal, over this text in UTF-8:
 *
 * - one line `<anchor>\t<YYYY-MM>\n`,
 * - then for every account, in the order of its path's code units, one line `<path>\t<pence>\n`,
 *   the balance in whole pence, debits positive, credits with a minus, `0` for zero.
 *
 * Every account is in it in which anything was posted up to the last day of the month.
 */
export function trialBalanceHash(
  anchor: Slug,
  month: Month,
  accounts: readonly { readonly account: string; readonly balance: Pence }[],
): string {
  const hash = createHash('sha256');
  hash.update(`${anchor}\t${month}\n`);
  for (const { account, balance } of [...accounts].sort((a, b) => byText(a.account, b.account))) {
    hash.update(`${account}\t${balance}\n`);
  }
  return hash.digest('hex');
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first month in which an anchor's books carry anything; `null` where they carry nothing. */
export async function firstMonth(views: ViewsDatabase, anchor: Slug): Promise<Month | null> {
  const first = await reading(views, ledger, (query, table) =>
    query
      .selectFrom(table('movement'))
      .select(({ fn }) => fn.min<CivilDate | null>('posted').as('day'))
      .where('anchor', '=', anchor)
      .executeTakeFirst(),
  );
  const day = first?.day ?? null;
  return day === null ? null : monthOf(day);
}
