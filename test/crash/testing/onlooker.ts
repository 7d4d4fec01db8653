import pg from 'pg';

/** Whoever looks at a database from outside, and cuts the connections of others. */
export class Onlooker {
  private constructor(
    private readonly url: string,
    private readonly client: pg.Client,
  ) {}

  static async at(url: string): Promise<Onlooker> {
    const client = new pg.Client({ connectionString: url, application_name: 'onlooker' });
    // Its server may be made to crash.
    client.on('error', () => undefined);
    await client.connect();
    return new Onlooker(url, client);
  }

  /** Whether those of this name have a transaction open that waits for its next statement. */
  isWithin(name: string): Promise<boolean> {
    return this.isAny(name, "state = 'idle in transaction'");
  }

  /** Whether those of this name wait for a lock. */
  isHeldUp(name: string): Promise<boolean> {
    return this.isAny(name, "wait_event_type = 'Lock'");
  }

  /** Ends all connections of this name. @returns how many */
  async cut(name: string): Promise<number> {
    const { rowCount } = await this.client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = $1`,
      [name],
    );
    return rowCount ?? 0;
  }

  /** Nobody else writes to this table meanwhile. */
  async whileLocked(table: string, work: () => Promise<void>): Promise<void> {
    // On a connection of its own: within a transaction one sees the activity of others only once.
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    try {
      await client.query(`BEGIN; LOCK TABLE ${table} IN EXCLUSIVE MODE`);
      await work();
    } finally {
      await client.end();
    }
  }

  async note(text: string, { onDisk }: { readonly onDisk: boolean }): Promise<void> {
    await this.client.query('CREATE TABLE IF NOT EXISTS note (text text)');
    await this.client.query(`SET synchronous_commit = ${onDisk ? 'on' : 'off'}`);
    await this.client.query('INSERT INTO note VALUES ($1)', [text]);
  }

  async noted(): Promise<string[]> {
    const { rows } = await this.client.query<{ text: string }>('SELECT text FROM note');
    return rows.map(({ text }) => text);
  }

  close(): Promise<void> {
    return this.client.end();
  }

  private async isAny(name: string, condition: string): Promise<boolean> {
    const { rowCount } = await this.client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database()
       AND application_name = $1 AND ${condition}`,
      [name],
    );
    return (rowCount ?? 0) > 0;
  }
}
