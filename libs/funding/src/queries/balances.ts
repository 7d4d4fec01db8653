import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql, type Kysely } from 'kysely';
import type { Position } from '#event-log';
import type { CivilDate, Pence, Slug } from '#kernel';
import { ViewsDatabase, reading, unpackJson, type AnyTables } from '#projection';
import { setOf, type Account, type AccountSet } from '../domain/accounts.js';
import { ledger } from '../projections/ledger.js';

export interface AccountBalance {
  readonly account: string;
  readonly set: AccountSet;
  /** Debits are positive, credits negative. */
  readonly balance: Pence;
  /** A pot that late facts took below zero: a fact is not refused for money, but it is shown. */
  readonly overdrawn?: true;
}

/** Every account of an anchor's books, zeros too, by path. */
export class BalancesQuery extends Query<readonly AccountBalance[]> {
  constructor(
    readonly anchor: Slug,
    /** Only what the books carry up to this day. */
    readonly postedBy?: CivilDate,
    /** Only what happened up to this day. */
    readonly occurredBy?: CivilDate,
    /** Only what was known at this place of the log, and only the accounts there were then. */
    readonly knownBy?: Position,
  ) {
    super();
  }
}

@QueryHandler(BalancesQuery)
export class BalancesHandler implements IQueryHandler<BalancesQuery> {
  constructor(private readonly views: ViewsDatabase) {}

  async execute({ anchor, ...cut }: BalancesQuery) {
    const held = await balancesAt(this.views, anchor, cut);
    return held.map(({ account, parts, balance = 0n }): AccountBalance => {
      const overdrawn = parts.head === 'available' && balance > 0n;
      return { account, set: setOf(parts), balance, ...(overdrawn && { overdrawn }) };
    });
  }
}

/** Where books are cut: every limit that is given holds. */
export interface Cut {
  readonly postedBy?: CivilDate | undefined;
  readonly occurredBy?: CivilDate | undefined;
  readonly knownBy?: Position | undefined;
}

export interface HeldBalance {
  readonly account: string;
  readonly parts: Account;
  /** Absent where nothing moved in it within the limits. */
  readonly balance?: Pence;
}

/** Every account there was, by path, with what it held. */
export async function balancesAt(
  views: ViewsDatabase,
  anchor: Slug,
  cut: Cut,
): Promise<HeldBalance[]> {
  const rows = await reading(views, ledger, (query, table) => {
    let accounts = query
      .selectFrom(`${table('balance')} as b`)
      .select(['b.account', 'b.parts'])
      .select(balanceWithin(query, table('movement'), cut))
      .where('b.anchor', '=', anchor)
      .orderBy('b.account');
    if (cut.knownBy !== undefined) accounts = accounts.where('b.since', '<=', cut.knownBy);
    return accounts.execute();
  });
  return rows.map(({ account, parts, balance }) => ({
    account: String(account),
    parts: unpackJson(parts) as Account,
    ...(balance !== null && { balance }),
  }));
}

const LAST_DAY = '9999-12-31';
/** Positions in read models are 64-bit integers. */
const LAST_POSITION = 2n ** 63n - 1n;

function balanceWithin(query: Kysely<AnyTables>, movements: string, cut: Cut) {
  const { postedBy, occurredBy, knownBy = LAST_POSITION } = cut;
  const mine = query
    .selectFrom(`${movements} as m`)
    .where('m.anchor', '=', sql.ref<string>('b.anchor'))
    .where('m.account', '=', sql.ref<bigint>('b.number'))
    .where('m.position', '<=', knownBy);
  if (postedBy !== undefined || occurredBy !== undefined) {
    return mine
      .select(({ fn }) => fn.sum<bigint | null>('m.amount').as('sum'))
      .where('m.posted', '<=', postedBy ?? LAST_DAY)
      .where('m.occurred', '<=', occurredBy ?? LAST_DAY)
      .as('balance');
  }
  if (cut.knownBy === undefined) return sql.ref<bigint | null>('b.balance').as('balance');
  return mine
    .select(sql.ref<bigint | null>('m.balance').as('then'))
    .orderBy('m.position', 'desc')
    .orderBy('m.entry', 'desc')
    .limit(1)
    .as('balance');
}
