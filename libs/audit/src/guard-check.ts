import { formatPence, type Pence, type Slug } from '#kernel';
import { ledger, type Account } from '#funding';
import {
  reading,
  unpackJson,
  type StoredRow,
  type StoredValue,
  type ViewsDatabase,
} from '#projection';
import { potKey, type Budgets, type Movement, type UnderWay } from './budgets.js';
import type { Group } from './groups.js';

export interface GuardCheck {
  readonly findings: readonly string[];
  readonly pots: number;
  readonly underWay: number;
}

/**
 * What is free by the budgets' own streams, and what is available by the ledger: the same, but for
 * what is known to be on its way between the two, and that is what the guard table says.
 */
export async function guardAgainstLedger(
  views: ViewsDatabase,
  budgets: Budgets,
  group: Group,
): Promise<GuardCheck> {
  const { findings, underWay } = budgets.against(await movedInLedger(views, group));
  const expected = await availableInLedger(views, group);
  for (const { pot, amount } of underWay) expected.set(pot, (expected.get(pot) ?? 0n) - amount);
  const free = budgets.pots();
  for (const pot of new Set([...free.keys(), ...expected.keys()])) {
    const [told, held] = [free.get(pot) ?? 0n, expected.get(pot) ?? 0n];
    if (told === held) continue;
    findings.push(`${pot}: ${formatPence(told)} free, ${formatPence(held)} by the ledger`);
  }
  findings.push(...(await againstGuardTable(views, underWay, group)));
  return { findings, pots: free.size, underWay: underWay.length };
}

async function availableInLedger(
  views: ViewsDatabase,
  { which, anchors }: Group,
): Promise<Map<string, Pence>> {
  const rows = await reading(views, ledger, (query, table) =>
    query
      .selectFrom(table('balance'))
      .select(['parts', 'balance'])
      .where('anchor', which, anchors)
      .where('head', '=', 'available')
      .execute(),
  );
  return new Map(rows.map(({ parts, balance }) => [potOf(parts), -(balance as bigint)]));
}

/** Of the account of what is available. */
function potOf(parts: StoredValue | undefined): string {
  const account = unpackJson(parts) as Extract<Account, { readonly head: 'available' }>;
  return potKey(account.anchor, account);
}

/** What each fact of a referral moved on a pot, what was reserved before it too. */
async function movedInLedger(views: ViewsDatabase, { which, anchors }: Group): Promise<Movement[]> {
  const rows = await reading(views, ledger, (query, table) =>
    query
      .selectFrom(`${table('entry')} as e`)
      .innerJoin(`${table('balance')} as b`, (join) =>
        join.onRef('b.anchor', '=', 'e.anchor').onRef('b.account', '=', 'e.account'),
      )
      .select(['e.event', 'e.prescription', 'b.parts'])
      .select(({ fn }) => fn.sum<bigint>('e.amount').as('amount'))
      .where('e.anchor', which, anchors)
      .where('e.prescription', 'is not', null)
      .where('b.head', '=', 'available')
      .groupBy(['e.event', 'e.prescription', 'b.parts'])
      .execute(),
  );
  return rows.flatMap((row) => {
    const amount = -row.amount;
    if (amount === 0n) return [];
    const pot = potOf(row['parts']);
    const [because, prescription] = [String(row['event']), String(row['prescription'])];
    return [{ pot, because, prescription, amount }];
  });
}

async function againstGuardTable(
  views: ViewsDatabase,
  underWay: readonly UnderWay[],
  { which, anchors }: Group,
): Promise<string[]> {
  const rows = await reading(views, ledger, (query, table) =>
    query.selectFrom(table('guard')).selectAll().where('anchor', which, anchors).execute(),
  );
  const held = new Set(rows.map((row) => itemText(itemOf(row))));
  const expected = new Set(underWay.map(itemText));
  return [
    ...[...held].filter((item) => !expected.has(item)).map((item) => `not under way: ${item}`),
    ...[...expected].filter((item) => !held.has(item)).map((item) => `not watched: ${item}`),
  ];
}

function itemOf(row: StoredRow): UnderWay {
  const place = { fund: row['fund'] as Slug, year: Number(row['year']), pot: row['pot'] as Slug };
  return {
    kind: row['kind'] as UnderWay['kind'],
    pot: potKey(row['anchor'] as Slug, place),
    because: String(row['because']),
    prescription: String(row['prescription']),
    amount: row['amount'] as bigint,
  };
}

function itemText({ kind, because, prescription, pot, amount }: UnderWay): string {
  return `${kind} of ${formatPence(amount)} on ${pot} because of ${because} for ${prescription}`;
}
