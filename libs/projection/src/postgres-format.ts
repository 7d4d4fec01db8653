import { schemaName, sqlStateOf, type PostgresAddress } from '#postgres';
import { messageOf } from '#kernel';
import { ownTables } from './own-tables.js';
import type { Ask } from './postgres-session.js';
import type { TypeNames } from './table-sql.js';
import { FORMAT, ViewsRefused } from './views-database.js';

/** In the same order as SQLite's, whatever the database was made for: by code points. */
export const POSTGRES_TYPES: TypeNames = { text: 'TEXT COLLATE "C"', integer: 'BIGINT' };

const APPLICATION = 'wayledger-views';

/**
 * Within a transaction: makes the schema views, or checks that it is. Any number of processes may
 * do so at once.
 * @throws ViewsRefused
 */
export async function prepareSchema(ask: Ask, address: PostgresAddress): Promise<void> {
  const schema = schemaName('views', address.namespace);
  await mustBeUnicode(ask, address);
  await ask('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${schema} is made`]);
  const { there, tables } = await contentsOf(ask, schema);
  if (tables.length > 0) {
    const format = await formatOf(ask, schema, tables, address);
    if (format === FORMAT) return;
    if (format > FORMAT) throw ViewsRefused.newer(address.described, String(format));
    // Of an older one: all that it held is built anew from the log.
    await ask(`DROP TABLE ${tables.map((table) => `"${schema}"."${table}"`).join(', ')} CASCADE`);
  }
  if (!there) await ask(`CREATE SCHEMA "${schema}"`);
  await ask(
    `CREATE TABLE meta (application ${POSTGRES_TYPES.text} NOT NULL, format BIGINT NOT NULL)`,
  );
  await ask('INSERT INTO meta VALUES ($1, $2)', [APPLICATION, FORMAT]);
  for (const statement of ownTables(POSTGRES_TYPES)) await ask(statement);
}

async function mustBeUnicode(ask: Ask, { described }: PostgresAddress): Promise<void> {
  const [row] = (await ask('SHOW server_encoding')).rows as { server_encoding: string }[];
  if (row?.server_encoding === 'UTF8') return;
  throw new ViewsRefused(
    `${described} keeps its text in ${String(row?.server_encoding)} and cannot hold all that ` +
      "people are called. Make a database with ENCODING 'UTF8' TEMPLATE template0.",
  );
}

interface Contents {
  readonly there: boolean;
  readonly tables: readonly string[];
}

async function contentsOf(ask: Ask, schema: string): Promise<Contents> {
  const { rows } = await ask(
    `SELECT relname AS name FROM pg_namespace n
     LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
     WHERE nspname = $1`,
    [schema],
  );
  const named = rows as { readonly name: string | null }[];
  return { there: named.length > 0, tables: named.flatMap(({ name }) => name ?? []) };
}

async function formatOf(
  ask: Ask,
  schema: string,
  tables: readonly string[],
  { described }: PostgresAddress,
): Promise<bigint> {
  if (tables.includes('meta')) {
    // As JSON, because nobody knows yet what columns it has.
    const { rows } = await ask(
      `SELECT to_json(m)::text AS meta FROM "${schema}".meta AS m LIMIT 1`,
    );
    const [{ meta } = { meta: '{}' }] = rows as { readonly meta: string }[];
    const { application, format } = JSON.parse(meta) as Record<string, unknown>;
    if (application === APPLICATION && Number.isInteger(format)) return BigInt(Number(format));
  }
  throw new ViewsRefused(
    `The schema ${schema} of ${described} is of something else, not of Wayledger's views. ` +
      'Give another database, or a namespace of its own: …?namespace=views.',
  );
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const REFUSALS: Readonly<Record<string, (address: PostgresAddress, message: string) => string>> = {
  '3D000': ({ config }) => `There is no such database: CREATE DATABASE "${config.database ?? ''}".`,
  '42501': ({ config, namespace }, message) =>
    `${message}. Let its owner run: CREATE SCHEMA "${schemaName('views', namespace)}" ` +
    `AUTHORIZATION "${config.user ?? ''}".`,
  '28000': (_, message) => `It lets nobody in under this name: ${message}.`,
  '28P01': (_, message) => `It lets nobody in with this password: ${message}.`,
};

/** What can only be put right by whoever runs the database. */
export function asRefused(error: unknown, address: PostgresAddress): unknown {
  const message = REFUSALS[sqlStateOf(error) ?? '']?.(address, messageOf(error));
  if (message === undefined) return error;
  return new ViewsRefused(`${address.described} cannot be used. ${message}`, { cause: error });
}
