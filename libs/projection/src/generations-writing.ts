import { assert, present, type StreamName } from '#kernel';
import { LOG_START, type Position } from '#event-log';
import {
  Generations,
  tableName,
  type Followed,
  type Generation,
  type Parked,
} from './generations.js';
import { PARTITIONS, type Projection } from './projection.js';
import type { ViewsTransaction } from './views-database.js';

const now = () => new Date().toISOString();

/** Another process wrote to the generation first; nothing was written. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** What changes the registry, all of it within one transaction. */
export class GenerationsWriting extends Generations {
  constructor(private readonly writing: ViewsTransaction) {
    super(writing);
  }

  async create(projection: Projection): Promise<Generation> {
    const { name, version, tables } = projection;
    const last = await this.own
      .selectFrom('generation')
      .select(({ fn }) => fn.max('generation').as('last'))
      .where('projection', '=', name)
      .executeTakeFirst();
    const generation = (last?.last ?? 0n) + 1n;
    await this.own
      .insertInto('generation')
      .values({
        ...{ projection: name, generation, version: BigInt(version), status: 'building' },
        tables: JSON.stringify(tables.map((table) => table.name)),
        ...{ touched_at: now(), revision: 0n },
      })
      .execute();
    const checkpoints = Array.from({ length: PARTITIONS }, (_, partition) => {
      const at = { partition: BigInt(partition), position: LOG_START, stopped: null };
      return { projection: name, generation, ...at };
    });
    await this.own.insertInto('checkpoint').values(checkpoints).execute();
    const number = Number(generation);
    for (const table of tables) {
      await this.writing.createTable(table, tableName(table.name, number));
    }
    const empty = { revision: 0n, running: PARTITIONS, position: LOG_START };
    return { projection, number, status: 'building', ...empty };
  }

  /** It has its keys and indexes and is filled no more in bulk. */
  async finish({ projection, number }: Pick<Generation, 'projection' | 'number'>): Promise<void> {
    for (const table of projection.tables) {
      await this.writing.finishTable(table, tableName(table.name, number));
    }
  }

  /** It serves from now on. What served before is left to who reads it just now, and to `sweep`. */
  async promote(generation: Pick<Generation, 'projection' | 'number'>): Promise<void> {
    const { projection, number } = generation;
    await this.finish(generation);
    const old = await this.active(projection.name);
    if (old !== null) await this.retire({ projection, number: old.number });
    const { numUpdatedRows } = await this.own
      .updateTable('generation')
      .set({ status: 'active' })
      .where('projection', '=', projection.name)
      .where('generation', '=', BigInt(number))
      .where('status', '=', 'building')
      .executeTakeFirst();
    assert(numUpdatedRows === 1n, `generation ${number} of ${projection.name} was being built`);
  }

  /** Nobody builds on it or reads it any more; its tables go with the next sweep. */
  async retire({ projection, number }: Pick<Generation, 'projection' | 'number'>): Promise<void> {
    await this.own
      .updateTable('generation')
      .set({ status: 'retired' })
      .where('projection', '=', projection.name)
      .where('generation', '=', BigInt(number))
      .where('status', '<>', 'dropped')
      .execute();
  }

  async drop(projection: string, generation: number): Promise<void> {
    const row = await this.own
      .selectFrom('generation')
      .select('tables')
      .where('projection', '=', projection)
      .where('generation', '=', BigInt(generation))
      .executeTakeFirst();
    const { tables } = present(row, 'a dropped generation exists');
    for (const table of JSON.parse(tables) as string[]) {
      await this.writing.dropTable(tableName(table, generation));
    }
    for (const from of ['checkpoint', 'parked'] as const) {
      await this.own
        .deleteFrom(from)
        .where('projection', '=', projection)
        .where('generation', '=', BigInt(generation))
        .execute();
    }
    await this.own
      .updateTable('generation')
      .set({ status: 'dropped' })
      .where('projection', '=', projection)
      .where('generation', '=', BigInt(generation))
      .execute();
    // The last one is kept as a name that is never given again: a builder that slept through the
    // drop must not take another's build for its own.
    const newest = this.own
      .selectFrom('generation as g')
      .select(({ fn }) => fn.max('g.generation').as('newest'))
      .where('g.projection', '=', projection);
    await this.own
      .deleteFrom('generation')
      .where('projection', '=', projection)
      .where('status', '=', 'dropped')
      .where('generation', '<', newest)
      .execute();
  }

  /**
   * Whoever wrote last must be whoever this builder thinks: first of all, and before it writes a
   * row, so that one that was overtaken never holds old facts against newer rows.
   * @throws Overtaken
   */
  async claim({ projection, number }: Generation, revision: bigint): Promise<void> {
    const { numUpdatedRows } = await this.own
      .updateTable('generation')
      .set({ revision: revision + 1n, touched_at: now() })
      .where('projection', '=', projection.name)
      .where('generation', '=', BigInt(number))
      .where('revision', '=', revision)
      .where('status', 'in', ['building', 'active'])
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new Overtaken();
  }

  /** All running partitions. */
  async moveOn({ projection, number }: Generation, to: Position): Promise<void> {
    await this.own
      .updateTable('checkpoint')
      .set({ position: to })
      .where('projection', '=', projection.name)
      .where('generation', '=', BigInt(number))
      .where('stopped', 'is', null)
      .execute();
  }

  /** The partition stays there. */
  async stop(
    { projection, number }: Generation,
    partition: number,
    { position, reason }: { readonly position: Position; readonly reason: string },
  ): Promise<void> {
    await this.own
      .updateTable('checkpoint')
      .set({ stopped: reason, position })
      .where('projection', '=', projection.name)
      .where('generation', '=', BigInt(number))
      .where('partition', '=', BigInt(partition))
      .execute();
  }

  async park({ number }: Generation, parked: Parked): Promise<void> {
    const { projection, stream, version, reason } = parked;
    await this.own
      .insertInto('parked')
      .values({
        ...{ projection, generation: BigInt(number), stream },
        ...{ version: BigInt(version), reason },
      })
      .execute();
  }

  async unpark({ projection, number }: Generation, stream: StreamName): Promise<void> {
    await this.own
      .deleteFrom('parked')
      .where('projection', '=', projection.name)
      .where('generation', '=', BigInt(number))
      .where('stream', '=', stream)
      .execute();
  }

  /** The furthest event of the log that any of these tables knows of. */
  async follow({ stream, version, position, id }: Followed): Promise<void> {
    await this.own
      .insertInto('followed')
      .values({ one: 1n, stream, version: BigInt(version), position, event: id })
      .onConflict((conflict) =>
        conflict
          .column('one')
          .doUpdateSet((row) => ({
            stream: row.ref('excluded.stream'),
            version: row.ref('excluded.version'),
            position: row.ref('excluded.position'),
            event: row.ref('excluded.event'),
          }))
          .whereRef('excluded.position', '>', 'followed.position'),
      )
      .execute();
  }

  /** All of it follows from a log that is not there any more. */
  async dropAll(): Promise<void> {
    const all = await this.own
      .selectFrom('generation')
      .select(['projection', 'generation'])
      .where('status', '<>', 'dropped')
      .execute();
    for (const { projection, generation } of all) await this.drop(projection, Number(generation));
    await this.own.deleteFrom('followed').execute();
    await this.own.deleteFrom('timer').execute();
  }
}
