import { parseIntoClientConfig } from 'pg-connection-string';
import type { ClientConfig } from 'pg';
import { messageOf } from '#kernel';

/** Where a PostgreSQL database is, and which of the namespaces in it is meant. */
export interface PostgresAddress {
  readonly config: ClientConfig;
  /** Keeps several Wayledgers apart in one database; the default one has no name. */
  readonly namespace: string;
  /** For messages, without credentials. */
  readonly described: string;
}

/** An address that cannot be used; the message holds no password. */
export class PostgresAddressRefused extends Error {
  override readonly name = 'PostgresAddressRefused';
}

const SCHEME = /^postgres(?:ql)?:\/\//u;
const NAMESPACE = /^(?:[a-z][a-z0-9]{0,31})?$/u;

export function isPostgresAddress(text: string): boolean {
  return SCHEME.test(text);
}

/**
 * `postgres://user@host:5432/database?namespace=east`, with libpq's parameters.
 * @throws PostgresAddressRefused
 */
export function parsePostgresAddress(text: string): PostgresAddress {
  if (!isPostgresAddress(text)) {
    throw new PostgresAddressRefused('A PostgreSQL database is given as postgres://…');
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    throw new PostgresAddressRefused('What follows postgres:// is not an address.', {
      cause: error,
    });
  }
  const namespace = url.searchParams.get('namespace') ?? '';
  if (!NAMESPACE.test(namespace)) {
    throw new PostgresAddressRefused(`"${namespace}" is not a namespace`);
  }
  url.searchParams.delete('namespace');
  let config: ClientConfig;
  try {
    config = parseIntoClientConfig(url.href);
  } catch (error) {
    throw new PostgresAddressRefused(messageOf(error), { cause: error });
  }
  const { host, port, database } = config;
  const place = `postgres://${host ?? 'localhost'}:${port ?? 5432}/${database ?? ''}`;
  const described = namespace === '' ? place : `${place}, namespace ${namespace}`;
  return { config, namespace, described };
}
