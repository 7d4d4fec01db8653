import { readFileSync } from 'node:fs';
import { parse, toClientConfig, type ConnectionOptions } from 'pg-connection-string';
import type { ClientConfig } from 'pg';

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

const SCHEME = /^\s*postgres(?:ql)?:\/\//u;
const NAMESPACE = /^(?:[a-z][a-z0-9]{0,31})?$/u;
const FORM = 'postgres://user@host:port/database?key=value';

/** As libpq spells them; the first two are our own. */
const PARAMETERS = [
  'namespace',
  'passwordFile',
  'host',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'application_name',
  'options',
] as const;
type Parameter = (typeof PARAMETERS)[number];
type Parameters = ReadonlyMap<Parameter, string>;

/** https://www.postgresql.org/docs/current/libpq-ssl.html; `allow` and `prefer` protect nobody. */
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'];

export function isPostgresAddress(text: string): boolean {
  return SCHEME.test(text);
}

/**
 * Reads `postgres://user@host:5432/database?namespace=east&passwordFile=/run/secrets/x`, with
 * libpq's names for the rest, and the files it names. On this machine in clear, elsewhere by TLS
 * with a certificate that is verified, unless `sslmode` says otherwise.
 * @throws PostgresAddressRefused
 */
export function parsePostgresAddress(text: string): PostgresAddress {
  if (!isPostgresAddress(text)) {
    throw new PostgresAddressRefused(`A PostgreSQL database is given as ${FORM}.`);
  }
  const [base = '', query = '', ...more] = text.trim().split('?');
  // Then a part of the user or the password was taken for parameters.
  if (more.length > 0 || query.includes('@') || text.includes('#')) throw notOfTheForm();
  const given = parametersIn(query);
  const namespace = given.get('namespace') ?? '';
  if (!NAMESPACE.test(namespace)) {
    throw new PostgresAddressRefused(
      'A namespace is one lower-case letter, then up to 31 letters and digits.',
    );
  }
  const config = configOf(base, given);
  const { host, port, database } = config;
  const at = host?.startsWith('/') === true ? `/${String(database)}?host=${host}` : undefined;
  const place =
    at ?? `${host === '' ? 'localhost' : String(host)}:${port ?? 5432}/${String(database)}`;
  const described = `postgres://${place}${namespace === '' ? '' : `, namespace ${namespace}`}`;
  return { config, namespace, described };
}

function parametersIn(query: string): Parameters {
  const given = new Map<Parameter, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const known = PARAMETERS.find((each) => each === name);
    if (known === undefined) {
      const shown = /^[a-z_]{1,40}$/iu.test(name) ? `"${name}"` : 'One of the keys';
      throw new PostgresAddressRefused(
        `${shown} is no key of a PostgreSQL address: there are ${PARAMETERS.join(', ')}.`,
      );
    }
    if (given.has(known)) {
      throw new PostgresAddressRefused(`${known} is given twice: give it once.`);
    }
    if (value === '') {
      throw new PostgresAddressRefused(`${known} has no value: give one, or leave it out.`);
    }
    given.set(known, value);
  }
  return given;
}

function configOf(base: string, given: Parameters): ClientConfig {
  const address = withoutFiles(base, given);
  const host = address.host ?? '';
  if (/[,\s]/u.test(host)) {
    throw new PostgresAddressRefused(
      'An address names one host: give the one that can be written.',
    );
  }
  if ((address.database ?? '') === '') {
    throw new PostgresAddressRefused(`The address names no database: give ${FORM}.`);
  }
  const password = passwordIn(given.get('passwordFile'), address);
  const sslmode = sslModeFor(host, given);
  const rest = new URLSearchParams([...given].filter(([name]) => OF_THE_CLIENT.has(name)));
  rest.set('sslmode', sslmode);
  try {
    const config = toClientConfig(parse(`${base}?${rest.toString()}`, { useLibpqCompat: true }));
    return { ...config, ...(password !== undefined && { password }) };
  } catch (error) {
    // All that is left to go wrong is with the files.
    const { path, code } = error as NodeJS.ErrnoException;
    throw new PostgresAddressRefused(
      `The file "${String(path)}" that the address names cannot be read: ${String(code)}.`,
      { cause: error },
    );
  }
}

const OF_THE_CLIENT = new Set<Parameter>([
  'host',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'application_name',
  'options',
]);

/** Only what lies before the parameters, and the host: enough to judge the rest by. */
function withoutFiles(base: string, given: Parameters): ConnectionOptions {
  try {
    const host = given.get('host');
    return parse(host === undefined ? base : `${base}?host=${encodeURIComponent(host)}`);
  } catch {
    // What was thrown may hold the text.
    throw notOfTheForm();
  }
}

function notOfTheForm(): PostgresAddressRefused {
  return new PostgresAddressRefused(
    `The address is not of the form ${FORM}: write "/", "?", "#", "@", ":" and "%" inside a user ` +
      'name or a password as %2F, %3F, %23, %40, %3A and %25.',
  );
}

function passwordIn(file: string | undefined, { password }: ConnectionOptions): string | undefined {
  if (file === undefined) return undefined;
  if ((password ?? '') !== '') {
    throw new PostgresAddressRefused(
      'The address has a password and a passwordFile: give one of them.',
    );
  }
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/\r?\n$/u, '');
  } catch (error) {
    throw new PostgresAddressRefused(
      `The file "${file}" that passwordFile names cannot be read: ${String((error as NodeJS.ErrnoException).code)}.`,
      { cause: error },
    );
  }
  if (text !== '') return text;
  throw new PostgresAddressRefused(`The file "${file}" that passwordFile names is empty.`);
}

/** What does not leave this machine needs no TLS; elsewhere a password is not sent to anybody. */
function sslModeFor(host: string, given: Parameters): string {
  const mode = given.get('sslmode');
  if (mode === undefined) {
    return isThisMachine(host) && !given.has('sslrootcert') ? 'disable' : 'verify-full';
  }
  if (mode === 'verify-ca' && !given.has('sslrootcert')) {
    throw new PostgresAddressRefused(
      'sslmode=verify-ca needs sslrootcert, the certificate of the authority: name it, or use ' +
        'verify-full.',
    );
  }
  if (SSL_MODES.includes(mode)) return mode;
  throw new PostgresAddressRefused(
    `sslmode is one of ${SSL_MODES.join(', ')}, as PostgreSQL itself calls them.`,
  );
}

function isThisMachine(host: string): boolean {
  return ['', 'localhost', '127.0.0.1', '::1'].includes(host) || host.startsWith('/');
}
