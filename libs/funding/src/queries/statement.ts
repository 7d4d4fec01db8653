import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import type { Position } from '#event-log';
import {
  addDays,
  assert,
  firstDayOf,
  lastDayOf,
  sum,
  type CivilDate,
  type EventId,
  type Month,
  type Pence,
  type PrescriptionId,
  type Slug,
} from '#kernel';
import { Directory } from '#directory';
import { ViewsDatabase, reading } from '#projection';
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

  /** The numbers of the accounts that say what a provider earned, one a fund. */
  private async owedAccounts(anchor: Slug, provider: Slug): Promise<bigint[]> {
    const head = provider === anchor ? 'own-service' : 'accrued';
    return reading(this.views, ledger, async (query, table) => {
      const { rows } = await sql<{ number: bigint }>`
        select number from ${sql.table(table('balance'))}
        where anchor = ${anchor} and json_extract(parts, '$.head') = ${head}
          and coalesce(json_extract(parts, '$.provider'), ${anchor}) = ${provider}`.execute(query);
      return rows.map(({ number }) => number);
    });
  }

  /** All that was posted up to a day. */
  private async earned(cut: Cut, until: CivilDate): Promise<Pence> {
    return reading(this.views, ledger, async (query, table) => {
      const { rows } = await sql<{ total: bigint }>`
        select coalesce(sum(m.amount), 0) as total from ${sql.table(table('movement'))} m
        where ${within(cut)} and m.posted <= ${until}`.execute(query);
      return -(rows[0]?.total ?? 0n);
    });
  }

  private async lines(cut: Cut, month: Month): Promise<StatementLine[]> {
    const rows = await reading(this.views, ledger, async (query, table) => {
      // CROSS JOIN keeps the order: the few movements of these accounts first.
      const found = await sql<Columns>`
        select e.*, b.fund from ${sql.table(table('movement'))} m
        cross join ${sql.table(table('entry'))} e on e.anchor = m.anchor and e.entry = m.entry
        cross join ${sql.table(table('balance'))} b
          on b.anchor = e.anchor and b.account = e.account and b.number = m.account
        where ${within(cut)} and m.posted between ${firstDayOf(month)} and ${lastDayOf(month)}
        order by e.posted, e.entry, e.line`.execute(query);
      return found.rows;
    });
    return rows.map(lineOf);
  }
}

interface Cut {
  readonly anchor: Slug;
  readonly owed: readonly bigint[];
  readonly knownBy: Position | undefined;
}

function within({ anchor, owed, knownBy }: Cut) {
  const known = knownBy === undefined ? sql`true` : sql`m.position <= ${knownBy}`;
  const accounts = owed.length === 0 ? sql`null` : sql.join(owed);
  return sql`m.anchor = ${anchor} and m.account in (${accounts}) and ${known}`;
}

type Columns = Record<string, string | bigint | null>;

function lineOf(row: Columns): StatementLine {
  const { prescription, agreement, agreement_version: version, corrects } = row;
  return {
    event: row['event'] as EventId,
    rule: row['rule'] as Rule,
    occurred: row['occurred'] as CivilDate,
    recorded: row['recorded'] as CivilDate,
    posted: row['posted'] as CivilDate,
    fund: row['fund'] as Slug,
    ...(typeof prescription === 'string' && { prescription: prescription as PrescriptionId }),
    ...(typeof agreement === 'string' && { agreement: `${agreement} v${String(version)}` }),
    ...(typeof corrects === 'string' && { corrects: corrects as EventId }),
    amount: -(row['amount'] as bigint),
  };
}
