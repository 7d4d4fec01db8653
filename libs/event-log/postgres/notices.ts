import type { Pool } from 'pg';
import { reconnectPause } from './connections.js';

/** A notice wakes every listener of the database, however little there is to hear. */
const NOTICE_EVERY_MS = 10;

/**
 * Says that the log has moved on, and hears it of others. Never inside the transaction that moved
 * it: committing a NOTIFY takes a lock that the whole server shares. Nothing depends on a notice:
 * behind a pooler, or while its connection is broken, there are none.
 */
export class Notices {
  private listening = false;
  private closed = false;
  private stopListening: () => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;
  private untold = false;

  /** @param channel needs no quotes */
  constructor(
    private readonly pool: Pool,
    private readonly channel: string,
  ) {}

  /** From the first call on; the connection is made anew whenever it breaks. */
  listen(onNotice: () => void): void {
    if (this.listening) return;
    this.listening = true;
    void this.keepListening(onNotice);
  }

  /** At once if the last notice was long ago, else in one with those that follow. */
  tell(): void {
    this.untold = true;
    if (this.timer !== undefined || this.closed) return;
    this.send();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.untold) this.tell();
    }, NOTICE_EVERY_MS);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.stopListening();
    await this.pool.end();
  }

  private send(): void {
    this.untold = false;
    // Not worth a wait for the disk: who misses it looks for himself.
    const sql = `SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, '')`;
    this.pool.query(sql, [this.channel]).catch(() => undefined);
  }

  private async keepListening(onNotice: () => void): Promise<void> {
    for (;;) {
      await this.listenOnce(onNotice).catch(() => undefined);
      if (this.closed) return;
      await reconnectPause();
    }
  }

  /** Until the connection is lost, or this is closed. */
  private async listenOnce(onNotice: () => void): Promise<void> {
    const client = await this.pool.connect();
    const lost = new Promise<void>((resolve) => {
      for (const end of ['error', 'end'] as const) {
        client.on(end, () => {
          resolve();
        });
      }
      this.stopListening = resolve;
    });
    try {
      if (this.closed) return;
      client.on('notification', onNotice);
      await Promise.race([client.query(`LISTEN ${this.channel}`), lost]);
      onNotice(); // What was said until now nobody heard.
      await lost;
    } finally {
      client.release(true);
    }
  }
}
