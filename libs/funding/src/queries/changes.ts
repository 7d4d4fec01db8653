import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import {
  CommandRefused,
  lastDayOf,
  refuse,
  type CivilDate,
  type Month,
  type Pence,
  type Slug,
} from '#kernel';
import { ViewsDatabase, reading } from '#projection';
import { Closing } from '../commands/closing.js';
import { ledger } from '../projections/ledger.js';
import { firstMonth } from './trial-balance.js';
import { entriesOf, type LedgerEntry } from './entries.js';

/** One account up to the last day of a month. */
export interface ChangedAccount {
  readonly account: string;
  /** As posted: what the close signed. */
  readonly signed: Pence;
  /** As it happened, by all that is known now. */
  readonly known: Pence;
  readonly difference: Pence;
}

export interface PeriodChanges {
  readonly anchor: Slug;
  readonly month: Month;
  readonly closedOn: CivilDate;
  /** About the month or an earlier day, and learned too late to be in what was signed. */
  readonly entries: readonly LedgerEntry[];
  /** Every account that they moved, by path. */
  readonly accounts: readonly ChangedAccount[];
}

/** What changed since a month was signed. */
export class ChangesQuery extends Query<PeriodChanges> {
  constructor(
    readonly anchor: Slug,
    readonly month: Month,
  ) {
    super();
  }
}

@QueryHandler(ChangesQuery)
export class ChangesHandler implements IQueryHandler<ChangesQuery> {
  constructor(
    private readonly views: ViewsDatabase,
    private readonly closing: Closing,
  ) {}

  /** @throws CommandRefused when the month was never closed */
  async execute({ anchor, month }: ChangesQuery) {
    const closedOn = await this.closing.closedOn(anchor, month);
    if (closedOn === null) {
      const first = await firstMonth(this.views, anchor);
      throw first === null ? noBooks(anchor) : neverClosed(anchor, month);
    }
    const until = lastDayOf(month);
    const entries = await this.entriesSince(anchor, until);
    return { anchor, month, closedOn, entries, accounts: await this.accountsOf(anchor, until) };
  }

  private async entriesSince(anchor: Slug, until: CivilDate) {
    const rows = await reading(this.views, ledger, (query, table) => {
      const late = query
        .selectFrom(table('movement'))
        .select('entry')
        .where('anchor', '=', anchor)
        .where('occurred', '<=', until)
        .where('posted', '>', until);
      return query
        .selectFrom(table('entry'))
        .selectAll()
        .where('anchor', '=', anchor)
        .where('entry', 'in', late)
        .orderBy('entry')
        .orderBy('line')
        .execute();
    });
    return entriesOf(rows);
  }

  private async accountsOf(anchor: Slug, until: CivilDate): Promise<ChangedAccount[]> {
    const rows = await reading(this.views, ledger, (query, table) => {
      const moved = query.selectFrom(`${table('movement')} as m`).where('m.anchor', '=', anchor);
      const late = moved
        .select('m.account')
        .select(({ fn }) => fn.sum<bigint>('m.amount').as('difference'))
        .where('m.occurred', '<=', until)
        .where('m.posted', '>', until)
        .groupBy('m.account');
      return query
        .selectFrom(`${table('balance')} as b`)
        .innerJoin(late.as('late'), 'late.account', 'b.number')
        .select(['b.account', 'late.difference'])
        .select(
          moved
            .select(({ fn }) => fn.sum<bigint | null>('m.amount').as('sum'))
            .where('m.account', '=', sql.ref<bigint>('b.number'))
            .where('m.posted', '<=', until)
            .as('signed'),
        )
        .where('b.anchor', '=', anchor)
        .orderBy('b.account')
        .execute();
    });
    return rows.map(({ account, signed, ...row }) => {
      const [before, difference] = [signed ?? 0n, row.difference as Pence];
      return { account: String(account), signed: before, known: before + difference, difference };
    });
  }
}

function noBooks(anchor: Slug): CommandRefused {
  return new CommandRefused([
    refuse('no-books', `There are no books of ${anchor}: check its name.`, { field: 'anchor' }),
  ]);
}

function neverClosed(anchor: Slug, month: Month): CommandRefused {
  return new CommandRefused([
    refuse(
      'month-not-closed',
      `${anchor} has not closed ${month}: nothing was signed that could have changed. Close it ` +
        `with "wayledger close --anchor ${anchor} --period ${month}", or see what the books carry ` +
        `with "wayledger balances --anchor ${anchor} --posted-by ${lastDayOf(month)}".`,
      { field: 'month' },
    ),
  ]);
}
