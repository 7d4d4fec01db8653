import { TEST_POSTGRES } from '#postgres/testing';
import { startPostgres, type PostgresServer } from './server.js';

let server: PostgresServer | undefined;

/** One server a test run, unless the environment names one. */
export async function setup(): Promise<void> {
  if (process.env[TEST_POSTGRES] !== undefined) return;
  // Nobody looks at what a crash of the machine would lose: specs of that have their own server.
  server = await startPostgres(['fsync=off', 'full_page_writes=off']);
  process.env[TEST_POSTGRES] = server.url;
}

export async function teardown(): Promise<void> {
  await server?.stop();
}
