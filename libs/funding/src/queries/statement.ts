import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Position } from '#event-log';
import {
  addDays,
  assert,
  firstDayOf,
  lastDayOf,
  present,
  sum,
  type CivilDate,
  type EventId,
  type Month,
  type Pence,
  type PrescriptionId,
  type Slug,
} from '#kernel';
import { Directory } from '#directory';
import type { ExpressionBuilder } from 'kysely';
import { ViewsDatabase, reading, type AnyTables, type StoredRow } from '#projection';
import type { Rule } from '../domain/postings.js';
import { ledger } from '../projections/ledger.js';

/** What one rule made of one event for the provider. */
export interface StatementLine {
  readonly event: EventId;
  readonly rule: Rule;
  /** The day of the session, or of whatever else is paid. */
  readonly occurred: CivilDate;
  readonly recorded: CivilDate;
  readonly posted: CivilDate;
  readonly fund: Slug;
  readonly prescription?: PrescriptionId;
  readonly agreement?: string;
  /** The record whose pay it changes. */
  readonly corrects?: EventId;
  /** Positive: earned. */
  readonly amount: Pence;
}

/** What a provider has earned by the books of an anchor; nothing in it names a person. */
export interface Statement {
  readonly anchor: Slug;
  readonly provider: Slug;
  readonly month: Month;
  /** The anchor's own service: visible, and owed to nobody. */
  readonly own: boolean;
  /** Earned and posted before the month. */
  readonly opening: Pence;
  readonly lines: readonly StatementLine[];
  /** What the lines add up to. */
  readonly earned: Pence;
  readonly closing: Pence;
  /** Of the closing. */
  readonly payable: Pence;
}

export class StatementQuery extends Query<Statement> {
  constructor(
    readonly anchor: Slug,
    readonly provider: Slug,
    readonly month: Month,
    /** Only what was known at this place of the log. */
    readonly knownBy?: Position,
  ) {
    super();
  }
}

@QueryHandler(StatementQuery)
export class StatementHandler implements IQueryHandler<StatementQuery> {
  constructor(
    private readonly views: ViewsDatabase,
    private readonly directory: Directory,
  ) {}

  /** @throws CommandRefused where there is no such anchor or provider */
  async execute({ anchor, provider, month, knownBy }: StatementQuery) {
    await this.directory.needAnchor(anchor);
    if (provider !== anchor) await this.directory.needProvider(provider);
    const owed = await this.owedAccounts(anchor, provider);
    const cut = { anchor, owed, knownBy };
    const opening = await this.earned(cut, addDays(firstDayOf(month), -1));
    const closing = await this.earned(cut, lastDayOf(month));
    const lines = await this.lines(cut, month);
    const earned = sum(lines.map(({ amount }) => amount));
    assert(opening + earned === closing, 'a statement adds up');
    const own = provider === anchor;
    const payable = own ? 0n : closing;
    return { anchor, provider, month, own, opening, lines, earned, closing, payable };
  }

  /** The accounts that say what a provider earned, one a fund. */
  private async owedAccounts(anchor: Slug, provider: Slug): Promise<Owed[]> {
    // There is an account for each commitment: these few stand together, by their paths.
    const kind = provider === anchor ? 'expenses:' : 'liabilities:';
    const rows = await reading(this.views, ledger, (query, table) => {
      const accounts = query
        .selectFrom(table('balance'))
        .select(['number', 'account', 'fund'])
        .where('anchor', '=', anchor)
        .where('account', '>=', kind)
        // After every character that a path may have.
        .where('account', '<', `${kind}~`);
      return provider === anchor
        ? accounts.where('head', '=', 'own-service').execute()
        : accounts.where('head', '=', 'accrued').where('provider', '=', provider).execute();
    });
    return rows.map(({ number, account, fund }) => {
      return { number: number as bigint, account: String(account), fund: fund as Slug };
    });
  }

  /** All that was posted up to a day. */
  private async earned(cut: Cut, until: CivilDate): Promise<Pence> {
    if (cut.owed.length === 0) return 0n;
    const row = await reading(this.views, ledger, (query, table) =>
      query
        .selectFrom(table('movement'))
        .select(({ fn }) => fn.sum<Pence | null>('amount').as('total'))
        .where(within(cut))
        .where('posted', '<=', until)
        .executeTakeFirst(),
    );
    return -(row?.total ?? 0n);
  }

  private async lines(cut: Cut, month: Month): Promise<StatementLine[]> {
    if (cut.owed.length === 0) return [];
    const funds = new Map(cut.owed.map(({ account, fund }) => [account, fund]));
    const rows = await reading(this.views, ledger, (query, table) => {
      const moving = query
        .selectFrom(table('movement'))
        .select('entry')
        .where(within(cut))
        .where('posted', '>=', firstDayOf(month))
        .where('posted', '<=', lastDayOf(month));
      return query
        .selectFrom(table('entry'))
        .selectAll()
        .where('anchor', '=', cut.anchor)
        .where('entry', 'in', moving)
        .where('account', 'in', [...funds.keys()])
        .orderBy('posted')
        .orderBy('entry')
        .orderBy('line')
        .execute();
    });
    return rows.map((row) => lineOf(row, present(funds.get(String(row['account'])), 'is owed')));
  }
}

interface Owed {
  readonly number: bigint;
  readonly account: string;
  readonly fund: Slug;
}

interface Cut {
  readonly anchor: Slug;
  readonly owed: readonly Owed[];
  readonly knownBy: Position | undefined;
}

/** The movements of what is owed, as far as they were known. */
function within({ anchor, owed, knownBy }: Cut) {
  return (is: ExpressionBuilder<AnyTables, string>) => {
    const numbers = owed.map(({ number }) => number);
    const theirs = is.and([is('anchor', '=', anchor), is('account', 'in', numbers)]);
    return knownBy === undefined ? theirs : theirs.and('position', '<=', knownBy);
  };
}

function lineOf(row: StoredRow, fund: Slug): StatementLine {
  const { prescription, agreement, agreement_version: version, corrects } = row;
  return {
    event: row['event'] as EventId,
    rule: row['rule'] as Rule,
    occurred: row['occurred'] as CivilDate,
    recorded: row['recorded'] as CivilDate,
    posted: row['posted'] as CivilDate,
    fund,
    ...(typeof prescription === 'string' && { prescription: prescription as PrescriptionId }),
    ...(typeof agreement === 'string' && { agreement: `${agreement} v${String(version)}` }),
    ...(typeof corrects === 'string' && { corrects: corrects as EventId }),
    amount: -(row['amount'] as bigint),
  };
}
