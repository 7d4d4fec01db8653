import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import {
  messageOf,
  randomId,
  streamOf,
  type EventCatalogue,
  type Metadata,
  type Slug,
  type StreamName,
} from '#kernel';
import { Codec, type EventLog } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import { parsePostgresAddress } from '#postgres';
import { testDatabase, type TestDatabase } from '#postgres/testing';
import {
  openPostgresViews,
  openSqliteViews,
  Runner,
  tableName,
  type Projection,
  type StoredRow,
  type ViewsDatabase,
} from '../index.js';
import { EVENTS, type TestEvent } from './tally.js';

export const codec = new Codec<EventCatalogue>(EVENTS, {
  seal: async () => {
    throw new Error('nothing here is about a person');
  },
});

/** A fact as a spec tells it: whose books, which stream (its own unless named), what happened. */
export interface Told {
  readonly anchor?: string;
  readonly stream?: StreamName;
  readonly event: TestEvent;
}

export function added(item: string, amount = 1, note?: string): TestEvent {
  return { type: 'Added', data: { item, amount, ...(note !== undefined && { note }) } };
}

export function removed(item: string): TestEvent {
  return { type: 'Removed', data: { item } };
}

export const unheard: TestEvent = { type: 'Unheard', data: {} };

export function aStream(): StreamName {
  return streamOf('thing', randomId());
}

export interface RunnerGiven {
  readonly views?: ViewsDatabase;
  readonly log?: EventLog;
  readonly pageEvents?: number;
  readonly namesMax?: number;
}

export type Kind = 'sqlite' | 'postgres';

/** Opens the read models of a test, in this process or another. */
export function openViews(address: string): Promise<ViewsDatabase> {
  return address.startsWith('sqlite:')
    ? openSqliteViews(address.slice('sqlite:'.length))
    : openPostgresViews(parsePostgresAddress(address));
}

/** A log and its read models, in a temporary folder and, where that is asked for, on a server. */
export class Store {
  private readonly open: ViewsDatabase[] = [];
  private readonly versions = new Map<StreamName, number>();

  private constructor(
    readonly folder: string,
    readonly log: EventLog,
    private readonly database: TestDatabase | null,
  ) {}

  static async make(kind: Kind): Promise<Store> {
    const folder = mkdtempSync(join(tmpdir(), 'wayledger-views-'));
    const log = await openSqliteEventLog({ path: join(folder, 'log.db') });
    return new Store(folder, log, kind === 'postgres' ? await testDatabase() : null);
  }

  /** Of the read models by that name: as another process is told it. */
  address(name = 'views'): string {
    if (this.database === null) return `sqlite:${join(this.folder, `${name}.db`)}`;
    return `${this.database.url}?namespace=${name}`;
  }

  /** A connection of its own: as another process has it. */
  async views(name = 'views'): Promise<ViewsDatabase> {
    const views = await openViews(this.address(name));
    this.open.push(views);
    return views;
  }

  async runner(projections: readonly Projection[], given: RunnerGiven = {}): Promise<Runner> {
    const { views = await this.views(), log = this.log, ...sizes } = given;
    return new Runner({ log, codec, views, projections, ...sizes });
  }

  async append(...told: readonly Told[]): Promise<bigint> {
    let last = 0n;
    for (const { anchor, stream = aStream(), event } of told) {
      const version = this.versions.get(stream);
      // The codec carries metadata as it is, and projections look at the anchor alone.
      const metadata = { anchor: anchor as Slug | undefined } as Metadata;
      const toStore = await codec.encode({ event, id: randomId(), metadata });
      const { position } = await this.log.append(stream, version ?? 'none', [toStore]);
      this.versions.set(stream, (version ?? -1) + 1);
      last = position;
    }
    return last;
  }

  /** What the log gives when nothing ever goes wrong: built once, in a file that nobody uses. */
  async expected(projection: Projection): Promise<string> {
    const views = await openSqliteViews(join(this.folder, `expected-${randomId()}.db`));
    try {
      const runner = await this.runner([projection], { views });
      await runner.catchUp();
      return await hashOf(runner, projection);
    } finally {
      await views.close();
    }
  }

  async dispose(): Promise<void> {
    for (const views of this.open) await views.close();
    await this.log.close();
    await this.database?.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Of what serves. */
export async function hashOf(runner: Runner, projection: Projection): Promise<string> {
  return runner.generations.hash(projection.tables, await servingNumber(runner, projection));
}

export async function servingNumber({ generations }: Runner, { name }: Projection) {
  const active = await generations.active(name);
  if (active === null) throw new Error(`${name} does not serve`);
  return active.number;
}

/** The rows that serve, in key order. */
export async function rowsOf(
  runner: Runner,
  views: ViewsDatabase,
  projection: Projection,
  table: string,
): Promise<StoredRow[]> {
  const name = tableName(table, await servingNumber(runner, projection));
  const key = projection.tables.find((each) => each.name === table)?.key ?? [];
  const all = views.query.selectFrom(name).selectAll();
  const rows = await key.reduce((query, column) => query.orderBy(column), all).execute();
  return rows.map((row) => ({ ...row }));
}

/** The numbers of all builds of a projection, abandoned ones too. */
export async function builds(views: ViewsDatabase, { name }: Projection): Promise<number[]> {
  const rows = await views.query
    .selectFrom('generation')
    .select('generation')
    .where('projection', '=', name)
    .where('status', '<>', 'dropped')
    .orderBy('generation')
    .execute();
  return rows.map((row) => Number(row['generation']));
}

/** Whether there is one of that name. */
export async function isThere(views: ViewsDatabase, table: string): Promise<boolean> {
  try {
    await views.query.selectFrom(table).selectAll().limit(1).execute();
    return true;
  } catch (error) {
    if (messageOf(error).includes(table)) return false;
    throw error;
  }
}

/** How many rows a statement of somebody who may do anything has changed. */
export async function tamper(views: ViewsDatabase, statement: string): Promise<bigint> {
  const result = await views.transaction(({ query }) => sql.raw(statement).execute(query));
  return result.numAffectedRows ?? 0n;
}

/** A test with a store of its own: on each database in turn. */
export function onStore(scenario: (store: Store) => Promise<void>): () => Promise<void> {
  return async () => {
    for (const kind of ['sqlite', 'postgres'] as const) {
      const store = await Store.make(kind);
      try {
        await scenario(store);
      } catch (error) {
        if (error instanceof Error) error.message = `On ${kind}: ${error.message}`;
        throw error;
      } finally {
        await store.dispose();
      }
    }
  };
}
