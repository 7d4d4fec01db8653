import pg, { type ClientConfig, type PoolConfig } from 'pg';

/** How long it may take to be connected, in milliseconds. */
export const CONNECT_MS_MAX = 10_000;

const { INT2, INT4, INT8, NUMERIC } = pg.types.builtins;
const WHOLE: readonly number[] = [INT2, INT4, INT8, NUMERIC];
type ParserOf = NonNullable<ClientConfig['types']>['getTypeParser'];

/** One rule at this edge: every integer is a bigint. A `numeric` here is a sum of integers. */
const parserOf: ParserOf = (oid, format) =>
  // The text of an integer, whatever its size.
  WHOLE.includes(oid) ? BigInt : (pg.types.getTypeParser(oid, format) as ParserOf);

/** A pool whose connections give integers as bigint. Who makes it ends it. */
export function openPool(config: ClientConfig, more: Partial<PoolConfig> = {}): pg.Pool {
  const pool = new pg.Pool({
    application_name: 'wayledger',
    connectionTimeoutMillis: CONNECT_MS_MAX,
    keepAlive: true,
    types: { getTypeParser: parserOf },
    ...config,
    ...more,
  });
  // One that breaks is made anew when it is needed. Unheard, it ends the process: while it is idle
  // the pool says so, while it is used it does itself, and then whoever uses it fails.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
