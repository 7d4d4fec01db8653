import { createHash } from 'node:crypto';
import { assert, present, type StreamName } from '#kernel';
import { LOG_START, type Position } from '#event-log';
import { PARTITIONS, type Projection, type Table } from './projection.js';
import type { ViewsDatabase } from './views-database.js';

/** One build of one projection: its own tables, its own checkpoints. */
export interface Generation {
  readonly projection: Projection;
  readonly number: number;
  readonly status: 'building' | 'active';
  /** How far the slowest partition that is not stopped got. */
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

/** A build that has not moved for so long has lost its builder. */
const ORPHAN_AFTER_MS = 10 * 60_000;
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
      `SELECT g.generation, g.status, min(c.position) AS position
       FROM generation g JOIN checkpoint c USING (projection, generation)
       WHERE g.projection = ? AND g.version = ? AND c.stopped IS NULL
       GROUP BY g.generation, g.status ORDER BY g.generation`,
      projection.name,
      projection.version,
    );
    return rows.map((row) => ({
      projection,
      number: Number(row['generation']),
      status: row['status'] as Generation['status'],
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
    return { projection, number, status: 'building', position: LOG_START };
  }

  /** Within a transaction: it serves from now on, and what served before is gone. */
  promote({ projection, number }: Generation): void {
    const old = this.active(projection.name);
    if (old !== null) this.drop(projection.name, old.number);
    const changed = this.views.run(
      `UPDATE generation SET status = 'active' WHERE projection = ? AND generation = ?`,
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
    const tables = JSON.parse(String(present(row, 'a dropped generation exists')['tables']));
    for (const table of tables as string[]) this.views.dropTable(tableName(table, generation));
    for (const from of ['generation', 'checkpoint', 'parked']) {
      this.views.run(
        `DELETE FROM ${from} WHERE projection = ? AND generation = ?`,
        ...[projection, generation],
      );
    }
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

  /** Within a transaction: what somebody filled aside and never finished. */
  dropOrphans(): void {
    const orphans = this.views.all(
      `SELECT b.projection, b.generation FROM generation b JOIN generation a USING (projection)
       WHERE b.status = 'building' AND a.status = 'active' AND a.version = b.version
       AND b.touched_at < ?`,
      new Date(Date.now() - ORPHAN_AFTER_MS).toISOString(),
    );
    for (const row of orphans) this.drop(String(row['projection']), Number(row['generation']));
  }

  /** Within a transaction. */
  stop(generation: Generation, partition: number, reason: string): void {
    this.views.run(
      `UPDATE checkpoint SET stopped = ? WHERE projection = ? AND generation = ?
       AND partition = ?`,
      ...[reason, generation.projection.name, generation.number, partition],
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

  stopped(): Stopped[] {
    const rows = this.views.all(
      `SELECT c.projection, c.partition, c.position, c.stopped FROM checkpoint c
       JOIN generation g USING (projection, generation)
       WHERE c.stopped IS NOT NULL AND g.status = 'active'`,
    );
    return rows.map((row) => ({
      projection: String(row['projection']),
      partition: Number(row['partition']),
      position: row['position'] as bigint,
      reason: String(row['stopped']),
    }));
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
        hash.update(`${JSON.stringify(columns.map((column) => String(row[column])))}\n`);
      }
    }
    return hash.digest('hex');
  }
}

/** Another process moved the checkpoint first; nothing of this page was written. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}
