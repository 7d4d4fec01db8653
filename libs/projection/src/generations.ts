import { createHash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { EventId, StreamName } from '#kernel';
import { LOG_START, type Position, type StoredEvent } from '#event-log';
import type { OwnTables } from './own-tables.js';
import type { Projection } from './projection.js';
import type { StoredRow, StoredValue, Table } from './table.js';
import type { AnyTables } from './views-database.js';

/** One build of one projection: its own tables, its own checkpoints. */
export interface Generation {
  readonly projection: Projection;
  readonly number: number;
  readonly status: 'building' | 'active';
  /** Counts the writings: whoever writes names the one that was the last it knows of. */
  readonly revision: bigint;
  /** How many of its partitions are not stopped. */
  readonly running: number;
  /** Where those are; where the last one stopped when none is left. */
  readonly position: Position;
}

/** A partition that met what it could not apply: it stays before it until somebody acts. */
export interface Stopped {
  readonly projection: string;
  readonly partition: number;
  readonly position: Position;
  readonly reason: string;
}

export interface Parked {
  readonly projection: string;
  readonly stream: StreamName;
  /** The first version that was not applied. */
  readonly version: number;
  readonly reason: string;
}

/** An event that read models have followed the log to. */
export type Followed = Pick<StoredEvent, 'stream' | 'version' | 'position' | 'id'>;

export function tableName(table: string, generation: number): string {
  return `${table}_g${generation}`;
}

/** A build that has not moved for so long has lost its builder. */
export const ORPHAN_AFTER_MS = 10 * 60_000;
const HASHED_ROWS = 2_000;

/** The registry of generations and checkpoints, in the database that they are about. */
export class Generations {
  protected readonly own: Kysely<OwnTables>;

  constructor(private readonly on: { readonly query: Kysely<AnyTables> }) {
    // The same connection, told of the tables that are always there.
    this.own = on.query;
  }

  /** Those that serve: everybody keeps them up to date. What is being built is its builder's. */
  async serving(projections: readonly Projection[]): Promise<Generation[]> {
    return (await this.of(projections)).filter(({ status }) => status === 'active');
  }

  /** All of the projections' own versions, by number. */
  async of(projections: readonly Projection[]): Promise<Generation[]> {
    const rows = await this.own
      .selectFrom('generation as g')
      .innerJoin('checkpoint as c', (join) =>
        join.onRef('c.projection', '=', 'g.projection').onRef('c.generation', '=', 'g.generation'),
      )
      .select(['g.projection', 'g.generation', 'g.version', 'g.status', 'g.revision'])
      .select(sql<bigint>`count(*) filter (where c.stopped is null)`.as('running'))
      .select(REACHED)
      .where('g.status', 'in', ['building', 'active'])
      .groupBy(['g.projection', 'g.generation', 'g.version', 'g.status', 'g.revision'])
      .orderBy('g.generation')
      .execute();
    return rows.flatMap(({ generation, status, revision, running, reached, ...row }) => {
      const projection = projections.find(
        ({ name, version }) => name === row.projection && BigInt(version) === row.version,
      );
      if (projection === undefined) return [];
      return {
        ...{ projection, number: Number(generation), status: status as Generation['status'] },
        ...{ revision, running: Number(running), position: reached },
      };
    });
  }

  /** The one that serves, whatever its version; `null` before the first was promoted. */
  async active(
    projection: string,
  ): Promise<{ readonly number: number; readonly version: number } | null> {
    const row = await this.own
      .selectFrom('generation')
      .select(['generation', 'version'])
      .where('projection', '=', projection)
      .where('status', '=', 'active')
      .executeTakeFirst();
    if (row === undefined) return null;
    return { number: Number(row.generation), version: Number(row.version) };
  }

  /** How far the one that serves has got; the beginning where there is none. */
  async reached(projection: string): Promise<Position> {
    const row = await this.own
      .selectFrom('generation as g')
      .innerJoin('checkpoint as c', (join) =>
        join.onRef('c.projection', '=', 'g.projection').onRef('c.generation', '=', 'g.generation'),
      )
      .select(REACHED)
      .where('g.projection', '=', projection)
      .where('g.status', '=', 'active')
      .groupBy('g.generation')
      .executeTakeFirst();
    return row?.reached ?? LOG_START;
  }

  /** What served before, and what somebody filled aside and never finished. */
  async leftOver(): Promise<{ readonly projection: string; readonly number: number }[]> {
    const rows = await this.own
      .selectFrom('generation as g')
      .leftJoin('generation as a', (join) =>
        join.onRef('a.projection', '=', 'g.projection').on('a.status', '=', 'active'),
      )
      .select(['g.projection', 'g.generation'])
      .where((is) =>
        is.or([
          is('g.status', '=', 'retired'),
          is.and([
            is('g.status', '=', 'building'),
            is('g.version', '<=', is.ref('a.version')),
            is('g.touched_at', '<', new Date(Date.now() - ORPHAN_AFTER_MS).toISOString()),
          ]),
        ]),
      )
      .execute();
    return rows.map(({ projection, generation }) => ({ projection, number: Number(generation) }));
  }

  async followed(): Promise<Followed | null> {
    const row = await this.own.selectFrom('followed').selectAll().executeTakeFirst();
    if (row === undefined) return null;
    const { stream, version, position, event } = row;
    const place = { stream: stream as StreamName, version: Number(version), position };
    return { ...place, id: event as EventId };
  }

  async running({ projection, number }: Generation): Promise<Set<number>> {
    const rows = await this.own
      .selectFrom('checkpoint')
      .select('partition')
      .where('projection', '=', projection.name)
      .where('generation', '=', BigInt(number))
      .where('stopped', 'is', null)
      .execute();
    return new Set(rows.map(({ partition }) => Number(partition)));
  }

  /** Of all that serve. */
  async stopped(): Promise<Stopped[]> {
    const rows = await this.own
      .selectFrom('checkpoint as c')
      .innerJoin('generation as g', (join) =>
        join.onRef('c.projection', '=', 'g.projection').onRef('c.generation', '=', 'g.generation'),
      )
      .select(['c.projection', 'c.partition', 'c.position', 'c.stopped'])
      .where('c.stopped', 'is not', null)
      .where('g.status', '=', 'active')
      .orderBy('c.projection')
      .orderBy('c.partition')
      .execute();
    return rows.map(stoppedOf);
  }

  /** Of one build. */
  async stoppedIn(projection: string, generation: number): Promise<Stopped[]> {
    const rows = await this.own
      .selectFrom('checkpoint')
      .select(['projection', 'partition', 'position', 'stopped'])
      .where('stopped', 'is not', null)
      .where('projection', '=', projection)
      .where('generation', '=', BigInt(generation))
      .orderBy('partition')
      .execute();
    return rows.map(stoppedOf);
  }

  async parked(projection: string, generation: number): Promise<Parked[]> {
    const rows = await this.own
      .selectFrom('parked')
      .select(['stream', 'version', 'reason'])
      .where('projection', '=', projection)
      .where('generation', '=', BigInt(generation))
      .orderBy('stream')
      .execute();
    return rows.map(({ stream, version, reason }) => {
      return { projection, stream: stream as StreamName, version: Number(version), reason };
    });
  }

  /**
   * SHA-256 over every row of every table, in key order: two equal builds have the same, on any
   * database.
   */
  async hash(tables: readonly Table[], generation: number): Promise<string> {
    const hash = createHash('sha256');
    for (const table of tables) {
      const columns = Object.keys(table.columns);
      hash.update(`${table.name}\n`);
      for await (const row of this.inKeyOrder(table, tableName(table.name, generation))) {
        hash.update(`${JSON.stringify(columns.map((column) => textOf(row[column])))}\n`);
      }
    }
    return hash.digest('hex');
  }

  private async *inKeyOrder(table: Table, name: string): AsyncGenerator<StoredRow> {
    const key = sql.join(table.key.map((column) => sql.ref(column)));
    let after = sql<boolean>`true`;
    for (;;) {
      const page = this.on.query.selectFrom(name).selectAll().where(after).limit(HASHED_ROWS);
      const inOrder = table.key.reduce((query, column) => query.orderBy(column), page);
      const rows = await inOrder.execute();
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < HASHED_ROWS) return;
      const place = sql.join(table.key.map((column) => last[column] ?? null));
      after = sql<boolean>`(${key}) > (${place})`;
    }
  }
}

/** Of the partitions that run; where none does, where the last one stopped. */
const REACHED = sql<Position>`coalesce(min(c.position) filter (where c.stopped is null),
  max(c.position))`.as('reached');

function stoppedOf(row: {
  readonly projection: string;
  readonly partition: bigint;
  readonly position: Position;
  readonly stopped: string | null;
}): Stopped {
  return {
    projection: row.projection,
    partition: Number(row.partition),
    position: row.position,
    reason: String(row.stopped),
  };
}

/** Nothing is not the text "null". */
function textOf(value: StoredValue | undefined): string | null {
  return typeof value === 'bigint' ? value.toString() : (value ?? null);
}
