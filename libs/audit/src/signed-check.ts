import { sql } from 'kysely';
import type { Month, Pence, Slug } from '#kernel';
import { ledger } from '#funding';
import { reading, type ViewsDatabase } from '#projection';
import { signatureOf, type Signed } from './model/signed-months.js';

/** Every month that was signed, against what the ledger carries up to its last day now. */
export async function signedAgainstLedger(
  views: ViewsDatabase,
  signed: readonly Signed[],
): Promise<string[]> {
  const findings: string[] = [];
  for (const anchor of new Set(signed.map((one) => one.anchor))) {
    const months = await postedByMonth(views, anchor);
    const balances = new Map<string, Pence>();
    const closes = signed.filter((one) => one.anchor === anchor).map(({ close }) => close);
    for (const close of closes.sort((a, b) => (a.month < b.month ? -1 : 1))) {
      for (const [, account, amount] of months.splice(0, upTo(months, close.month))) {
        balances.set(account, (balances.get(account) ?? 0n) + amount);
      }
      const now = signatureOf(anchor, close.month, balances);
      if (now.hash === close.hash && now.accounts === close.accounts) continue;
      findings.push(
        `${anchor} ${close.month} was signed as ${close.hash} over ${close.accounts} accounts, ` +
          `the books give ${now.hash} over ${now.accounts}`,
      );
    }
  }
  return findings;
}

type Posted = readonly [month: Month, account: string, amount: Pence];

/** How many of them, in order, are of this month or before. */
function upTo(months: readonly Posted[], month: Month): number {
  const after = months.findIndex(([each]) => each > month);
  return after === -1 ? months.length : after;
}

async function postedByMonth(views: ViewsDatabase, anchor: Slug): Promise<Posted[]> {
  const rows = await reading(views, ledger, (query, table) =>
    query
      .selectFrom(table('entry'))
      .select([
        sql<Month>`substr(posted, 1, 7)`.as('month'),
        'account',
        sql<Pence>`sum(amount)`.as('amount'),
      ])
      .where('anchor', '=', anchor)
      .groupBy([sql`substr(posted, 1, 7)`, 'account'])
      .orderBy(sql`substr(posted, 1, 7)`)
      .execute(),
  );
  return rows.map((row) => [row.month, String(row['account']), row.amount] as const);
}
