import { epochMs, instantOfEpochMs, type Instant } from '#kernel';
import type { ViewsDatabase } from './views-database.js';

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
    return this.views.transaction(() => {
      const [timer] = this.views.all(
        'SELECT due_at FROM timer WHERE process = ? AND item = ?',
        ...[this.process, item],
      );
      if (timer !== undefined) return String(timer['due_at']) <= now;
      const due = instantOfEpochMs(epochMs(now) + waitMs);
      this.views.run('INSERT INTO timer VALUES (?, ?, ?)', ...[this.process, item, due]);
      return false;
    });
  }

  async forgetExcept(waiting: ReadonlySet<string>): Promise<void> {
    await this.views.transaction(() => {
      for (const row of this.views.all('SELECT item FROM timer WHERE process = ?', this.process)) {
        const item = String(row['item']);
        if (waiting.has(item)) continue;
        this.views.run('DELETE FROM timer WHERE process = ? AND item = ?', ...[this.process, item]);
      }
    });
  }
}
