import { messageOf } from '#kernel';
import {
  SchemaRefused,
  schemaName,
  sqlStateOf,
  type OwnSchema,
  type PostgresAddress,
} from '#postgres';
import { ownTables } from './own-tables.js';
import type { TypeNames } from './table-sql.js';
import { FORMAT, ViewsRefused } from './views-database.js';

/** In the same order as SQLite's, whatever the database was made for: by code points. */
export const POSTGRES_TYPES: TypeNames = { text: 'TEXT COLLATE "C"', integer: 'BIGINT' };

/** In a namespace. */
export function viewsSchema(namespace: string): OwnSchema {
  const name = schemaName('views', namespace);
  return {
    ...{ name, called: 'a views database', meta: ['wayledger-views', FORMAT] },
    creation: ownTables(POSTGRES_TYPES).join(';\n'),
    replacesOlder: true,
  };
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
  if (error instanceof SchemaRefused) {
    return new ViewsRefused(
      `${error.message}. Views are built anew from the log wherever they are.`,
    );
  }
  const message = REFUSALS[sqlStateOf(error) ?? '']?.(address, messageOf(error));
  if (message === undefined) return error;
  return new ViewsRefused(`${address.described} cannot be used. ${message}`, { cause: error });
}
