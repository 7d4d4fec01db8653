import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** Names the server that tests make their databases on; the test run sets it. */
export const TEST_POSTGRES = 'WAYLEDGER_TEST_POSTGRES';

export interface TestDatabase {
  /** `postgres://…` of a database that is nobody else's. */
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database of its own on the server of the test run. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = process.env[TEST_POSTGRES];
  if (server === undefined) throw new Error(`${TEST_POSTGRES} names no server to test on`);
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
