import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import type { CivilDate, Pence, Slug } from '#kernel';
import { ViewsDatabase, reading } from '#projection';
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
  ) {
    super();
  }
}

@QueryHandler(BalancesQuery)
export class BalancesHandler implements IQueryHandler<BalancesQuery> {
  constructor(private readonly views: ViewsDatabase) {}

  async execute({ anchor, postedBy, occurredBy }: BalancesQuery) {
    const rows = await reading(this.views, ledger, (query, table) => {
      const accounts = query
        .selectFrom(`${table('balance')} as b`)
        .where('b.anchor', '=', anchor)
        .orderBy('b.account');
      if (postedBy === undefined && occurredBy === undefined) {
        return accounts.select(['b.account', 'b.parts', 'b.balance']).execute();
      }
      const entries = sql.table(table('entry'));
      const upTo = sql`select sum(e.amount) from ${entries} e
        where e.anchor = ${anchor} and e.account = ${sql.ref('b.account')}
        and e.posted <= ${postedBy ?? LAST_DAY} and e.occurred <= ${occurredBy ?? LAST_DAY}`;
      return accounts
        .select(['b.account', 'b.parts'])
        .select(sql<bigint>`coalesce((${upTo}), 0)`.as('balance'))
        .execute();
    });
    return rows.map((row): AccountBalance => {
      const balance = row['balance'] as bigint;
      const { head } = JSON.parse(String(row['parts'])) as Pick<Account, 'head'>;
      return {
        account: String(row['account']),
        set: setOf({ head }),
        balance,
        ...(head === 'available' && balance > 0n && { overdrawn: true }),
      };
    });
  }
}

const LAST_DAY = '9999-12-31';
