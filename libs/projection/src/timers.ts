import type { Kysely } from 'kysely';
import { epochMs, instantOfEpochMs, type Instant } from '#kernel';
import type { OwnTables } from './own-tables.js';
import type { ViewsDatabase, ViewsTransaction } from './views-database.js';

/**
 * How long something has been waiting, from when its process first saw it. On disk, so that it goes
 * on across restarts, and in real time: the recorded time of imported histories says nothing here.
 */
export class Timers {
  constructor(
    private readonly views: ViewsDatabase,
    private readonly process: string,
    private readonly now: () => Instant,
  ) {}

  /** Begins to wait for an item that is new. */
  isDue(item: string, waitMs: number): Promise<boolean> {
    const now = this.now();
    const { process } = this;
    return this.views.transaction(async (writing) => {
      const timer = await ownTables(writing)
        .selectFrom('timer')
        .select('due_at')
        .where('process', '=', process)
        .where('item', '=', item)
        .executeTakeFirst();
      if (timer !== undefined) return timer.due_at <= now;
      await ownTables(writing)
        .insertInto('timer')
        .values({ process, item, due_at: instantOfEpochMs(epochMs(now) + waitMs) })
        .onConflict((conflict) => conflict.doNothing()) // Another process saw it at the same time.
        .execute();
      return false;
    });
  }

  async forgetExcept(waiting: ReadonlySet<string>): Promise<void> {
    await this.views.transaction(async (writing) => {
      const timers = await ownTables(writing)
        .selectFrom('timer')
        .select('item')
        .where('process', '=', this.process)
        .execute();
      for (const { item } of timers) {
        if (waiting.has(item)) continue;
        await ownTables(writing)
          .deleteFrom('timer')
          .where('process', '=', this.process)
          .where('item', '=', item)
          .execute();
      }
    });
  }
}

/** The same connection, told of the tables that are always there. */
function ownTables({ query }: ViewsTransaction): Kysely<OwnTables> {
  return query;
}
