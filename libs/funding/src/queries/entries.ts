import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Position } from '#event-log';
import type { CivilDate, EventId, Pence, PrescriptionId, ReferralId, Slug } from '#kernel';
import { ViewsDatabase, reading } from '#projection';
import type { Rule } from '../domain/postings.js';
import { ledger } from '../projections/ledger.js';

export interface EntryLine {
  readonly account: string;
  readonly amount: Pence;
}

/** One entry of the books: what one rule made of one event. */
export interface LedgerEntry {
  /** Its place in the anchor's books, from 1. */
  readonly entry: number;
  readonly event: EventId;
  readonly rule: Rule;
  readonly occurred: CivilDate;
  readonly recorded: CivilDate;
  readonly posted: CivilDate;
  /** The record whose pay it changes. */
  readonly corrects?: EventId;
  readonly referral?: ReferralId;
  readonly prescription?: PrescriptionId;
  readonly agreement?: string;
  readonly lines: readonly EntryLine[];
}

/** Which entries of the books: all that is given must hold. */
export interface EntriesOf {
  readonly prescription?: PrescriptionId;
  readonly events?: readonly EventId[];
  /** Those that move something in one of these accounts, with all their lines. */
  readonly accounts?: readonly string[];
  /** Only what the books carry up to this day. */
  readonly postedBy?: CivilDate | undefined;
  /** Only what happened up to this day. */
  readonly occurredBy?: CivilDate | undefined;
  /** Only what was known at this place of the log. */
  readonly knownBy?: Position | undefined;
  /** Only what comes after this entry. */
  readonly after?: number;
  /** At most so many entries. */
  readonly max?: number;
}

/** The entries of an anchor's books, in log order. */
export class EntriesQuery extends Query<readonly LedgerEntry[]> {
  constructor(
    readonly anchor: Slug,
    readonly of: EntriesOf = {},
  ) {
    super();
  }
}

@QueryHandler(EntriesQuery)
export class EntriesHandler implements IQueryHandler<EntriesQuery> {
  constructor(private readonly views: ViewsDatabase) {}

  async execute({ anchor, of }: EntriesQuery) {
    const rows = await reading(this.views, ledger, (query, table) => {
      let lines = query.selectFrom(table('entry')).where('anchor', '=', anchor);
      // By an index of their own: SQLite would go through all of the anchor's.
      const entriesWith = (column: 'event' | 'prescription', values: readonly string[]) =>
        query.selectFrom(table('entry')).select('entry').where(column, 'in', values);
      if (of.prescription) {
        lines = lines
          .where('prescription', '=', of.prescription)
          .where('entry', 'in', entriesWith('prescription', [of.prescription]));
      }
      if (of.events) {
        lines = lines
          .where('event', 'in', of.events)
          .where('entry', 'in', entriesWith('event', of.events));
      }
      if (of.accounts) {
        const moving = query
          .selectFrom(`${table('balance')} as b`)
          .innerJoin(`${table('movement')} as m`, (join) =>
            join.onRef('m.anchor', '=', 'b.anchor').onRef('m.account', '=', 'b.number'),
          )
          .select('m.entry')
          .where('b.anchor', '=', anchor)
          .where('b.account', 'in', of.accounts);
        lines = lines.where('entry', 'in', moving);
      }
      if (of.postedBy) lines = lines.where('posted', '<=', of.postedBy);
      if (of.occurredBy) lines = lines.where('occurred', '<=', of.occurredBy);
      if (of.knownBy !== undefined) lines = lines.where('position', '<=', of.knownBy);
      if (of.after !== undefined) lines = lines.where('entry', '>', BigInt(of.after));
      const whole = lines.selectAll().orderBy('entry').orderBy('line');
      if (of.max === undefined) return whole.execute();
      const page = lines.select('entry').distinct().orderBy('entry').limit(of.max);
      return whole.where('entry', 'in', page).execute();
    });
    return entriesOf(rows);
  }
}

/**
 * All entries of an anchor's books in the order of the day on which they are posted: as they stand
 * when asked for, read a page at a time as they are taken, so that books of any length can be.
 */
export class PostedEntriesQuery extends Query<AsyncIterable<LedgerEntry>> {
  constructor(
    readonly anchor: Slug,
    /** Only what was known at this place of the log. */
    readonly knownBy?: Position,
  ) {
    super();
  }
}

const PAGE_ENTRIES = 500;

@QueryHandler(PostedEntriesQuery)
export class PostedEntriesHandler implements IQueryHandler<PostedEntriesQuery> {
  constructor(private readonly views: ViewsDatabase) {}

  async execute({ anchor, knownBy }: PostedEntriesQuery) {
    const order = await reading(this.views, ledger, (query, table) => {
      const entries = query
        .selectFrom(table('entry'))
        .select(['posted', 'entry'])
        .distinct()
        .where('anchor', '=', anchor);
      const known = knownBy === undefined ? entries : entries.where('position', '<=', knownBy);
      return known.orderBy('posted').orderBy('entry').execute();
    });
    // An entry never changes: when its lines are read makes no difference.
    return this.inOrder(
      anchor,
      order.map((row) => row['entry'] as bigint),
    );
  }

  private async *inOrder(anchor: Slug, order: readonly bigint[]): AsyncGenerator<LedgerEntry> {
    for (let from = 0; from < order.length; from += PAGE_ENTRIES) {
      const page = order.slice(from, from + PAGE_ENTRIES);
      const rows = await reading(this.views, ledger, (query, table) =>
        query
          .selectFrom(table('entry'))
          .selectAll()
          .where('anchor', '=', anchor)
          .where('entry', 'in', page)
          .orderBy('posted')
          .orderBy('entry')
          .orderBy('line')
          .execute(),
      );
      yield* entriesOf(rows);
    }
  }
}

type Columns = Record<string, string | bigint | null>;

/** The entries that these lines are of; those of an entry stand together. */
export function entriesOf(rows: readonly Columns[]): LedgerEntry[] {
  const entries = new Map<bigint, LedgerEntry & { lines: EntryLine[] }>();
  for (const row of rows) {
    const place = row['entry'] as bigint;
    const line = { account: String(row['account']), amount: row['amount'] as bigint };
    const known = entries.get(place);
    if (known === undefined) entries.set(place, { ...entryOf(row), lines: [line] });
    else known.lines.push(line);
  }
  return [...entries.values()];
}

function entryOf(row: Columns): Omit<LedgerEntry, 'lines'> {
  const { referral, prescription, agreement, agreement_version: version, corrects } = row;
  return {
    entry: Number(row['entry']),
    event: row['event'] as EventId,
    rule: row['rule'] as Rule,
    occurred: row['occurred'] as CivilDate,
    recorded: row['recorded'] as CivilDate,
    posted: row['posted'] as CivilDate,
    ...(typeof corrects === 'string' && { corrects: corrects as EventId }),
    ...(typeof referral === 'string' && {
      referral: referral.slice('referral-'.length) as ReferralId,
    }),
    ...(typeof prescription === 'string' && { prescription: prescription as PrescriptionId }),
    ...(typeof agreement === 'string' && { agreement: `${agreement} v${String(version)}` }),
  };
}
