import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  randomId,
  streamOf,
  type EventCatalogue,
  type Metadata,
  type Slug,
  type StreamName,
} from '#kernel';
import { Codec, type EventLog } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import { Runner, ViewsDatabase, tableName, type Projection, type Row } from '../index.js';
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
}

/** A log and its read models in a temporary folder of their own. */
export class Store {
  private readonly open: ViewsDatabase[] = [];
  private readonly versions = new Map<StreamName, number>();

  private constructor(
    readonly folder: string,
    readonly log: EventLog,
  ) {}

  static async make(): Promise<Store> {
    const folder = mkdtempSync(join(tmpdir(), 'wayledger-views-'));
    return new Store(folder, await openSqliteEventLog({ path: join(folder, 'log.db') }));
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** A connection of its own: as another process has it. */
  views(name = 'views.db'): ViewsDatabase {
    const views = ViewsDatabase.open(this.file(name));
    this.open.push(views);
    return views;
  }

  runner(projections: readonly Projection[], given: RunnerGiven = {}): Runner {
    const { views = this.views(), log = this.log, pageEvents } = given;
    return new Runner({ log, codec, views, projections, ...(pageEvents && { pageEvents }) });
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
    const name = `expected-${randomId()}.db`;
    const runner = this.runner([projection], { views: this.views(name) });
    await runner.catchUp();
    return hashOf(runner, projection);
  }

  async dispose(): Promise<void> {
    for (const views of this.open) views.close();
    await this.log.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Of what serves. */
export function hashOf(runner: Runner, projection: Projection): string {
  return runner.generations.hash(projection.tables, servingNumber(runner, projection));
}

export function servingNumber({ generations }: Runner, { name }: Projection): number {
  const active = generations.active(name);
  if (active === null) throw new Error(`${name} does not serve`);
  return active.number;
}

/** The rows that serve, in key order. */
export function rowsOf(
  runner: Runner,
  views: ViewsDatabase,
  projection: Projection,
  table: string,
): Row[] {
  const name = tableName(table, servingNumber(runner, projection));
  return views.all(`SELECT * FROM "${name}"`).map((row) => ({ ...row }));
}

/** The numbers of all builds of a projection, abandoned ones too. */
export function builds(views: ViewsDatabase, { name }: Projection): number[] {
  return views
    .all(
      `SELECT generation FROM generation WHERE projection = ? AND status <> 'dropped'
       ORDER BY generation`,
      name,
    )
    .map((row) => Number(row['generation']));
}

export function tablesIn(views: ViewsDatabase): string[] {
  return views
    .all(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .map((row) => String(row['name']));
}

/** A test with a store of its own. */
export function onStore(scenario: (store: Store) => Promise<void>): () => Promise<void> {
  return async () => {
    const store = await Store.make();
    try {
      await scenario(store);
    } finally {
      await store.dispose();
    }
  };
}

/** The log with some of its methods answering otherwise. */
export function logWith(log: EventLog, other: Partial<EventLog>): EventLog {
  return {
    append: (...given) => log.append(...given),
    readStream: (...given) => log.readStream(...given),
    readLog: (options) => log.readLog(options),
    subscribe: (options) => log.subscribe(options),
    head: () => log.head(),
    close: () => log.close(),
    ...other,
  };
}
