import { createHash } from 'node:crypto';
import { assert, present, type EventId, type StreamName } from '#kernel';
import { LOG_START, type Position, type StoredEvent } from '#event-log';
import { PARTITIONS, type Projection } from './projection.js';
import type { Row, Table, Value } from './table.js';
import type { ViewsDatabase } from './views-database.js';

/** One build of one projection: its own tables, its own checkpoints. */
export interface Generation {
  readonly projection: Projection;
  readonly number: number;
  readonly status: 'building' | 'active';
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

/** A build that has not moved for so long has lost its builder. */
export const ORPHAN_AFTER_MS = 10 * 60_000;
const now = () => new Date().toISOString();

export function tableName(table: string, generation: number): string {
  return `${table}_g${generation}`;
}

/** The registry of generations and checkpoints, in the database that they are about. */
export class Generations {
  constructor(private readonly views: ViewsDatabase) {}

  /**
   * Those that everybody keeps up to date: the one that serves, or the first of a new version that
   * is on its way to serve. What somebody fills aside is theirs alone.
   */
  current(projection: Projection): Generation[] {
    const all = this.of(projection);
    const active = all.filter(({ status }) => status === 'active');
    return active.length > 0 ? active : all.slice(0, 1);
  }

  /** All of a projection's own version. */
  of(projection: Projection): Generation[] {
    const rows = this.views.all(
      `SELECT g.generation, g.status, count(*) FILTER (WHERE c.stopped IS NULL) AS running,
       coalesce(min(c.position) FILTER (WHERE c.stopped IS NULL), max(c.position)) AS position
       FROM generation g JOIN checkpoint c USING (projection, generation)
       WHERE g.projection = ? AND g.version = ?
       GROUP BY g.generation, g.status ORDER BY g.generation`,
      projection.name,
      projection.version,
    );
    return rows.map((row) => ({
      projection,
      number: Number(row['generation']),
      status: row['status'] as Generation['status'],
      running: Number(row['running']),
      position: row['position'] as bigint,
    }));
  }

  /** The one that serves, whatever its version; `null` before the first was promoted. */
  active(projection: string): { readonly number: number; readonly version: number } | null {
    const [row] = this.views.all(
      `SELECT generation, version FROM generation WHERE projection = ? AND status = 'active'`,
      projection,
    );
    if (row === undefined) return null;
    return { number: Number(row['generation']), version: Number(row['version']) };
  }

  /** How far the one that serves has got; the beginning where there is none. */
  reached(projection: string): Position {
    const [row] = this.views.all(
      `SELECT coalesce(min(c.position) FILTER (WHERE c.stopped IS NULL), max(c.position)) AS reached
       FROM generation g JOIN checkpoint c USING (projection, generation)
       WHERE g.projection = ? AND g.status = 'active'`,
      projection,
    );
    return (row?.['reached'] ?? LOG_START) as Position;
  }

  /** Within a transaction. */
  create(projection: Projection): Generation {
    const { name, version, tables } = projection;
    const [last] = this.views.all(
      'SELECT max(generation) AS last FROM generation WHERE projection = ?',
      name,
    );
    const number = Number(last?.['last'] ?? 0) + 1;
    this.views.run(
      `INSERT INTO generation VALUES (?, ?, ?, 'building', ?, ?)`,
      ...[name, number, version, JSON.stringify(tables.map((table) => table.name)), now()],
    );
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      this.views.run(
        'INSERT INTO checkpoint VALUES (?, ?, ?, ?, NULL)',
        ...[name, number, partition, LOG_START],
      );
    }
    for (const table of tables) this.views.createTable(table, tableName(table.name, number));
    return { projection, number, status: 'building', running: PARTITIONS, position: LOG_START };
  }

  /** Within a transaction: it serves from now on, and what served before is gone. */
  promote({ projection, number }: Generation): void {
    const old = this.active(projection.name);
    if (old !== null) this.drop(projection.name, old.number);
    const changed = this.views.run(
      `UPDATE generation SET status = 'active'
       WHERE projection = ? AND generation = ? AND status = 'building'`,
      ...[projection.name, number],
    );
    assert(changed === 1, `generation ${number} of ${projection.name} was there to be promoted`);
  }

  /** Within a transaction. */
  drop(projection: string, generation: number): void {
    const [row] = this.views.all(
      'SELECT tables FROM generation WHERE projection = ? AND generation = ?',
      ...[projection, generation],
    );
    const { tables } = present(row, 'a dropped generation exists');
    for (const table of JSON.parse(String(tables)) as string[]) {
      this.views.dropTable(tableName(table, generation));
    }
    for (const from of ['checkpoint', 'parked']) {
      this.views.run(
        `DELETE FROM ${from} WHERE projection = ? AND generation = ?`,
        ...[projection, generation],
      );
    }
    this.views.run(
      `UPDATE generation SET status = 'dropped' WHERE projection = ? AND generation = ?`,
      ...[projection, generation],
    );
    // The last one is kept as a name that is never given again: a builder that slept through the
    // drop must not take another's build for its own.
    this.views.run(
      `DELETE FROM generation WHERE projection = ? AND status = 'dropped'
       AND generation < (SELECT max(generation) FROM generation WHERE projection = ?)`,
      ...[projection, projection],
    );
  }

  /**
   * Within a transaction: moves all running partitions on, from exactly where this runner thinks
   * they are. A runner that was overtaken loses here, and its page with it.
   */
  moveOn(generation: Generation, running: number, to: Position): void {
    const moved = this.views.run(
      `UPDATE checkpoint SET position = ? WHERE projection = ? AND generation = ?
       AND position = ? AND stopped IS NULL`,
      ...[to, generation.projection.name, generation.number, generation.position],
    );
    if (moved !== running) throw new Overtaken();
    if (generation.status === 'active') return;
    this.views.run(
      'UPDATE generation SET touched_at = ? WHERE projection = ? AND generation = ?',
      ...[now(), generation.projection.name, generation.number],
    );
  }

  /** Within a transaction: the furthest event of the log that any of these tables knows of. */
  follow({ stream, version, position, id }: Followed): void {
    this.views.run(
      `INSERT INTO followed VALUES (1, ?, ?, ?, ?) ON CONFLICT (one) DO UPDATE
       SET stream = excluded.stream, version = excluded.version, position = excluded.position,
         event = excluded.event
       WHERE excluded.position > position`,
      ...[stream, BigInt(version), position, id],
    );
  }

  followed(): Followed | null {
    const [row] = this.views.all('SELECT stream, version, position, event FROM followed');
    if (row === undefined) return null;
    return {
      stream: row['stream'] as StreamName,
      version: Number(row['version']),
      position: row['position'] as Position,
      id: row['event'] as EventId,
    };
  }

  /** Within a transaction: all of it follows from a log that is not there any more. */
  dropAll(): void {
    const all = this.views.all(
      `SELECT projection, generation FROM generation WHERE status <> 'dropped'`,
    );
    for (const row of all) this.drop(String(row['projection']), Number(row['generation']));
    this.views.run('DELETE FROM followed');
    this.views.run('DELETE FROM timer');
  }

  /** Within a transaction: what somebody filled aside and never finished. */
  dropOrphans(): void {
    const orphans = this.views.all(
      `SELECT b.projection, b.generation FROM generation b JOIN generation a USING (projection)
       WHERE b.status = 'building' AND a.status = 'active' AND b.version <= a.version
       AND b.touched_at < ?`,
      new Date(Date.now() - ORPHAN_AFTER_MS).toISOString(),
    );
    for (const row of orphans) this.drop(String(row['projection']), Number(row['generation']));
  }

  /** Within a transaction: the partition stays where the page began. */
  stop(generation: Generation, partition: number, reason: string): void {
    this.views.run(
      `UPDATE checkpoint SET stopped = ?, position = ? WHERE projection = ? AND generation = ?
       AND partition = ?`,
      ...[reason, generation.position],
      ...[generation.projection.name, generation.number, partition],
    );
  }

  running({ projection, number }: Generation): ReadonlySet<number> {
    const rows = this.views.all(
      `SELECT partition FROM checkpoint WHERE projection = ? AND generation = ?
       AND stopped IS NULL`,
      ...[projection.name, number],
    );
    return new Set(rows.map((row) => Number(row['partition'])));
  }

  /** Of all that serve. */
  stopped(): Stopped[] {
    const rows = this.views.all(
      `SELECT c.projection, c.partition, c.position, c.stopped FROM checkpoint c
       JOIN generation g USING (projection, generation)
       WHERE c.stopped IS NOT NULL AND g.status = 'active'
       ORDER BY c.projection, c.partition`,
    );
    return rows.map(stoppedOf);
  }

  /** Of one build. */
  stoppedIn(projection: string, generation: number): Stopped[] {
    const rows = this.views.all(
      `SELECT projection, partition, position, stopped FROM checkpoint
       WHERE stopped IS NOT NULL AND projection = ? AND generation = ? ORDER BY partition`,
      ...[projection, generation],
    );
    return rows.map(stoppedOf);
  }

  park(generation: Generation, stream: StreamName, version: number, reason: string): void {
    this.views.run(
      'INSERT INTO parked VALUES (?, ?, ?, ?, ?)',
      ...[generation.projection.name, generation.number, stream, version, reason],
    );
  }

  unpark(generation: Generation, stream: StreamName): void {
    this.views.run(
      'DELETE FROM parked WHERE projection = ? AND generation = ? AND stream = ?',
      ...[generation.projection.name, generation.number, stream],
    );
  }

  parked(projection: string, generation: number): Parked[] {
    const rows = this.views.all(
      `SELECT stream, version, reason FROM parked WHERE projection = ? AND generation = ?
       ORDER BY stream`,
      ...[projection, generation],
    );
    return rows.map((row) => ({
      projection,
      stream: row['stream'] as StreamName,
      version: Number(row['version']),
      reason: String(row['reason']),
    }));
  }

  /** SHA-256 over every row of every table, in key order: two equal builds have the same. */
  hash(tables: readonly Table[], generation: number): string {
    const hash = createHash('sha256');
    for (const table of tables) {
      const order = table.key.map((column) => `"${column}"`).join(', ');
      const columns = Object.keys(table.columns);
      const name = tableName(table.name, generation);
      hash.update(`${table.name}\n`);
      for (const row of this.views.each(`SELECT * FROM "${name}" ORDER BY ${order}`)) {
        hash.update(`${JSON.stringify(columns.map((column) => textOf(row[column])))}\n`);
      }
    }
    return hash.digest('hex');
  }
}

function stoppedOf(row: Row): Stopped {
  return {
    projection: String(row['projection']),
    partition: Number(row['partition']),
    position: row['position'] as bigint,
    reason: String(row['stopped']),
  };
}

/** Nothing is not the text "null". */
function textOf(value: Value | undefined): string | null {
  return typeof value === 'bigint' ? value.toString() : (value ?? null);
}

/** Another process moved the checkpoint first; nothing of this page was written. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}
