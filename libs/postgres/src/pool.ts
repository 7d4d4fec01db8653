import pg, { type ClientConfig, type PoolConfig } from 'pg';

/** How long it may take to be connected, in milliseconds. */
export const CONNECT_MS_MAX = 10_000;

// https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat
const INT8 = 20;
const INT2 = 21;
const INT4 = 23;
const NUMERIC = 1700;
const whole = (text: string) => BigInt(text);

/** One rule at this edge: every integer is a bigint. A `numeric` here is a sum of integers. */
const types: NonNullable<ClientConfig['types']> = {
  getTypeParser: ((oid: number, format?: 'text') =>
    [INT2, INT4, INT8, NUMERIC].includes(oid)
      ? whole
      : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** A pool whose connections give integers as bigint. Who makes it ends it. */
export function openPool(config: ClientConfig, more: Partial<PoolConfig> = {}): pg.Pool {
  const pool = new pg.Pool({
    application_name: 'wayledger',
    connectionTimeoutMillis: CONNECT_MS_MAX,
    keepAlive: true,
    types,
    ...config,
    ...more,
  });
  // An idle connection that breaks is made anew when it is needed; unheard, it would end the process.
  pool.on('error', () => undefined);
  return pool;
}
