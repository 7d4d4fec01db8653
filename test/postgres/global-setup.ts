import { TEST_POSTGRES } from '#postgres/testing';
import { startPostgres, type PostgresServer } from './server.js';

let server: PostgresServer | undefined;

/** One server a test run, unless the environment names one. */
export async function setup(): Promise<void> {
  if (process.env[TEST_POSTGRES] !== undefined) return;
  server = await startPostgres();
  process.env[TEST_POSTGRES] = server.url;
}

export async function teardown(): Promise<void> {
  await server?.stop();
}
