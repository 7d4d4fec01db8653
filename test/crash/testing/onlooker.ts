import pg from 'pg';

/** Whoever looks at a database from outside, and cuts the connections of others. */
export class Onlooker {
  private constructor(private readonly client: pg.Client) {}

  static async at(url: string): Promise<Onlooker> {
    const client = new pg.Client({ connectionString: url, application_name: 'onlooker' });
    await client.connect();
    return new Onlooker(client);
  }

  /** Whether those of this name have a transaction open that waits for its next statement. */
  async isWithin(name: string): Promise<boolean> {
    const { rowCount } = await this.client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database()
       AND application_name = $1 AND state = 'idle in transaction'`,
      [name],
    );
    return (rowCount ?? 0) > 0;
  }

  /** Whether those of this name wait for a lock. */
  async isHeldUp(name: string): Promise<boolean> {
    const { rowCount } = await this.client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database()
       AND application_name = $1 AND wait_event_type = 'Lock'`,
      [name],
    );
    return (rowCount ?? 0) > 0;
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
    await this.client.query(`BEGIN; LOCK TABLE ${table} IN EXCLUSIVE MODE`);
    try {
      await work();
    } finally {
      await this.client.query('ROLLBACK');
    }
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
