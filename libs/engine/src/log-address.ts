import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LogAddressRefused, type EventLog } from '#event-log';
import {
  bringsCredentials,
  describeConnection,
  openEventStoreDbEventLog,
  parseConnectionString,
  type Credentials,
} from '#event-log/eventstoredb';
import { openPostgresEventLog } from '#event-log/postgres';
import { openSqliteEventLog } from '#event-log/sqlite';
import {
  isPostgresAddress,
  parsePostgresAddress,
  PostgresAddressRefused,
  type PostgresAddress,
} from '#postgres';

export type OnWaiting = (message: string) => void;

/** Where a log is. Nothing is opened or made before `open`. */
export interface LogAddress {
  /** For messages, without credentials. */
  describe(): string;
  /** `false`: a file that is not there. Whether a server answers is found out by opening. */
  exists(): boolean;
  /**
   * Who waits for a server longer than a moment is told so.
   * @throws LogUnavailable, LogDamaged
   */
  open(onWaiting?: OnWaiting): Promise<EventLog>;
  /** Two addresses that have one of these in common are of the same log. */
  places(): readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const SQLITE = 'sqlite:';
const ESDB = /^\s*esdb(?:\+discover)?:\/\//u;
const USER = 'WAYLEDGER_LOG_USER';
const PASSWORD_FILE = 'WAYLEDGER_LOG_PASSWORD_FILE';

/** The log of the embedded store. */
export function logInFolder(data: string): LogAddress {
  return sqliteLog(join(data, 'log.db'));
}

/**
 * The log that a command line or its environment names; `undefined` when they name none.
 * @throws LogAddressRefused
 */
export function givenLog(
  text: string | undefined,
  environment: Environment,
): LogAddress | undefined {
  const credentials = credentialsIn(environment);
  if (text !== undefined) return logAddress(text, credentials);
  if (credentials !== undefined) throw needlessCredentials();
  return undefined;
}

/**
 * One of two logs: the credentials of the environment are for those that need some and have none.
 * @throws LogAddressRefused
 */
export function sideOfCopy(text: string, environment: Environment): LogAddress {
  const takesCredentials = ESDB.test(text) && !bringsCredentials(text);
  return logAddress(text, takesCredentials ? credentialsIn(environment) : undefined);
}

function logAddress(text: string, credentials: Credentials | undefined): LogAddress {
  // The text is not repeated: a misspelt address has its password somewhere.
  if (ESDB.test(text)) return eventStoreDbLog(text, credentials);
  if (isPostgresAddress(text)) {
    if (credentials === undefined) return postgresLog(text);
    throw new LogAddressRefused(
      `${USER} and ${PASSWORD_FILE} are for EventStoreDB: unset them, and name user and ` +
        'passwordFile in postgres://user@host/database?passwordFile=….',
    );
  }
  if (!text.startsWith(SQLITE) || text === SQLITE) {
    throw new LogAddressRefused(
      'A log is given as sqlite:<file>, postgres://… or esdb://…: what was given is none of these.',
    );
  }
  if (credentials !== undefined) throw needlessCredentials();
  return sqliteLog(text.slice(SQLITE.length));
}

function needlessCredentials(): LogAddressRefused {
  return new LogAddressRefused(
    `A file has no users: unset ${USER} and ${PASSWORD_FILE}, or give the log as esdb://….`,
  );
}

/** The password is in a file, as secrets are mounted. */
function credentialsIn(environment: Environment): Credentials | undefined {
  const username = environment[USER];
  const file = environment[PASSWORD_FILE];
  if (username === undefined && file === undefined) return undefined;
  if (username === undefined || file === undefined) {
    throw new LogAddressRefused(`${USER} and ${PASSWORD_FILE} go together: set both, or neither.`);
  }
  if (username === '') throw new LogAddressRefused(`${USER} is empty: set it, or unset both.`);
  const password = textOf(file).replace(/\r?\n$/u, '');
  if (password !== '') return { username, password };
  throw new LogAddressRefused(`The file "${file}" that ${PASSWORD_FILE} names is empty.`);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // What Node throws for files has a code.
    throw new LogAddressRefused(
      `The file "${file}" that ${PASSWORD_FILE} names cannot be read: ${String((error as NodeJS.ErrnoException).code)}.`,
      { cause: error },
    );
  }
}

function sqliteLog(file: string): LogAddress {
  return {
    describe: () => `${SQLITE}${file}`,
    exists: () => existsSync(file),
    open: () => openSqliteEventLog({ path: file }),
    // However its path is spelt, links too.
    places() {
      const found = statSync(file, { bigint: true, throwIfNoEntry: false });
      return found === undefined ? [] : [`file ${found.dev}:${found.ino}`];
    },
  };
}

function eventStoreDbLog(text: string, credentials: Credentials | undefined): LogAddress {
  const settings = parseConnectionString(text, credentials);
  const { hosts, namespace } = settings;
  return {
    describe: () => describeConnection(settings),
    exists: () => true,
    open: (onWaiting) => openEventStoreDbEventLog({ settings, ...(onWaiting && { onWaiting }) }),
    places: () => hosts.map((host) => `host ${nameOf(host.address)}:${host.port} ${namespace}`),
  };
}

function postgresLog(text: string): LogAddress {
  const address = readPostgresAddress(text);
  const { host = '', port = 5432, database } = address.config;
  const server = host === '' ? 'localhost' : nameOf(host);
  return {
    describe: () => address.described,
    exists: () => true,
    open: () => openPostgresEventLog({ address }),
    places: () => [`database ${server}:${port}/${String(database)} ${address.namespace}`],
  };
}

function readPostgresAddress(text: string): PostgresAddress {
  try {
    return parsePostgresAddress(text);
  } catch (error) {
    if (!(error instanceof PostgresAddressRefused)) throw error;
    throw new LogAddressRefused(error.message, { cause: error });
  }
}

/** This machine has several names for itself. */
function nameOf(address: string): string {
  return ['127.0.0.1', '::1', '[::1]'].includes(address) ? 'localhost' : address;
}
