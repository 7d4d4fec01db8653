import { messageOf } from '#kernel';
import { checkNamespace, LogAddressRefused } from '#event-log';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface Host {
  /** In lower case; an IPv6 address with its brackets. */
  readonly address: string;
  readonly port: number;
}

/** What the string says. Whether its files exist is found out when the log is opened. */
export interface ConnectionSettings {
  /** The members of the cluster are asked for under the one name that is given. */
  readonly discover: boolean;
  /** At least one. */
  readonly hosts: readonly Host[];
  /** `null`: in clear. */
  readonly tls: {
    readonly caFile?: string;
    readonly userCertFile?: string;
    readonly userKeyFile?: string;
  } | null;
  readonly credentials?: Credentials;
  /** `''`: the default one. */
  readonly namespace: string;
  readonly connectionName?: string;
  readonly appendDeadlineMs?: number;
  readonly keepAliveIntervalMs?: number;
  readonly keepAliveTimeoutMs?: number;
  readonly gossipTimeoutSeconds?: number;
  readonly maxDiscoverAttempts?: number;
  readonly discoveryIntervalMs?: number;
}

const DEFAULT_PORT = 2113;
const PORT_MAX = 65_535;
/** A longer timer of Node's fires at once. */
const TIMER_MS_MAX = 2_147_483_647;

/** As EventStoreDB spells them; `namespace` is our own. */
const KEYS = [
  'namespace',
  'tls',
  'tlsCAFile',
  'tlsVerifyCert',
  'userCertFile',
  'userKeyFile',
  'connectionName',
  'defaultDeadline',
  'keepAliveInterval',
  'keepAliveTimeout',
  'gossipTimeout',
  'maxDiscoverAttempts',
  'discoveryInterval',
  'nodePreference',
  'throwOnAppendFailure',
] as const;
type Key = (typeof KEYS)[number];
type Values = ReadonlyMap<Key, string>;

const SHAPE = new RegExp(
  [
    /^esdb(?<discover>\+discover)?:\/\//u,
    /(?:(?<user>[^/?#]*)@)?/u,
    /(?<hosts>[^/?#@]*)\/?/u,
    /(?:\?(?<query>[^#@]*))?$/u,
  ]
    .map(({ source }) => source)
    .join(''),
  'u',
);
const SCHEME = /^esdb(?:\+discover)?:\/\//u;
const HOST = /^(?<address>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?<port>.*))?$/u;

/**
 * Reads `esdb://[user:password@]host[:port][,…][?key=value&…]` or `esdb+discover://…`. Pure.
 * `given` are credentials from elsewhere, for a string without its own.
 * @throws LogAddressRefused with one sentence that never holds the password
 */
export function parseConnectionString(text: string, given?: Credentials): ConnectionSettings {
  const parts = partsOf(text);
  const discover = parts['discover'] !== undefined;
  const hosts = hostsOf(parts['hosts'] ?? '', discover);
  const values = valuesOf(parts['query']);
  const tls = tlsOf(values);
  const credentials = credentialsOf(parts['user'], given);
  checkWhoComesIn(tls, credentials);
  checkFixed(values);
  return {
    discover,
    hosts,
    tls,
    namespace: namespaceOf(values),
    ...(credentials && { credentials }),
    ...optional('connectionName', values.get('connectionName')),
    ...optional('appendDeadlineMs', numberOf(values, 'defaultDeadline', MILLISECONDS)),
    ...optional('keepAliveIntervalMs', numberOf(values, 'keepAliveInterval', KEEP_ALIVE)),
    ...optional('keepAliveTimeoutMs', numberOf(values, 'keepAliveTimeout', KEEP_ALIVE)),
    ...optional('gossipTimeoutSeconds', numberOf(values, 'gossipTimeout', SECONDS)),
    ...optional('maxDiscoverAttempts', numberOf(values, 'maxDiscoverAttempts', TIMES)),
    ...optional('discoveryIntervalMs', numberOf(values, 'discoveryInterval', MILLISECONDS)),
  };
}

/**
 * Whether the string brings credentials of its own.
 * @throws LogAddressRefused
 */
export function bringsCredentials(text: string): boolean {
  return partsOf(text)['user'] !== undefined;
}

/** For messages: where it is, without credentials. */
export function describeConnection({ discover, hosts, namespace }: ConnectionSettings): string {
  const all = hosts.map(({ address, port }) => `${address}:${port}`).join(',');
  const within = namespace === '' ? '' : `, namespace ${namespace}`;
  return `${discover ? 'esdb+discover' : 'esdb'}://${all}${within}`;
}

/** Nothing of the string is repeated: where it is misread, any part may be of the password. */
function partsOf(text: string): Readonly<Record<string, string | undefined>> {
  const trimmed = text.trim();
  if (!SCHEME.test(trimmed)) {
    throw new LogAddressRefused(
      'An EventStoreDB log is given as esdb://… or esdb+discover://…: begin with one of these.',
    );
  }
  const parts = SHAPE.exec(trimmed)?.groups;
  if (parts !== undefined) return parts;
  throw new LogAddressRefused(
    'The address of the log is not of the form esdb://user:password@host:port?key=value: write ' +
      '"/", "?", "#" and "@" inside a user name, a password or a value as %2F, %3F, %23 and %40.',
  );
}

function hostsOf(text: string, discover: boolean): Host[] {
  if (text === '') {
    throw new LogAddressRefused('The address of the log names no host: give esdb://host:port.');
  }
  const hosts = text.split(',').map(hostOf);
  const seen = new Set<string>();
  for (const { address, port } of hosts) {
    const name = `${address}:${port}`;
    if (seen.has(name)) throw new LogAddressRefused(`${name} is named twice: name each host once.`);
    seen.add(name);
  }
  if (discover && hosts.length > 1) {
    throw new LogAddressRefused(
      'With esdb+discover only the first host would be asked: name one, or list all members of ' +
        'the cluster after esdb://.',
    );
  }
  return hosts;
}

function hostOf(text: string): Host {
  const { address, port } = HOST.exec(text.trim().toLowerCase())?.groups ?? {};
  if (address === undefined) {
    throw new LogAddressRefused(
      'A host of the log is empty or has characters that no host has: give esdb://host:port, with ' +
        'commas between several hosts.',
    );
  }
  if (port === undefined) return { address, port: DEFAULT_PORT };
  const number = /^\d{1,5}$/u.test(port) ? Number(port) : 0;
  if (number >= 1 && number <= PORT_MAX) return { address, port: number };
  // Not shown: of "esdb://user:password" without a host it is the password.
  throw new LogAddressRefused(
    `What comes after the colon of a host is no port: give a number from 1 to ${PORT_MAX}, and a ` +
      '"?" before the first key.',
  );
}

function valuesOf(query: string | undefined): Values {
  const values = new Map<Key, string>();
  for (const pair of query === undefined ? [] : query.split('&')) {
    const [name = '', ...rest] = pair.split('=');
    const key = name === '' || rest.length === 0 ? undefined : keyOf(name);
    const value = decoded(rest.join('='), `The value of ${key ?? 'a setting'}`).trim();
    if (key === undefined || value === '') {
      throw new LogAddressRefused(
        'A setting of the log has no name or no value: write ?key=value, with & between several.',
      );
    }
    if (values.has(key)) throw new LogAddressRefused(`${key} is given twice: give it once.`);
    values.set(key, value);
  }
  return values;
}

/** Spelt in any case, with dashes and underscores anywhere: as EventStoreDB's own clients do. */
function keyOf(name: string): Key {
  const flat = (text: string) => text.trim().toLowerCase().replace(/[_-]/gu, '');
  const key = KEYS.find((known) => flat(known) === flat(name));
  if (key !== undefined) return key;
  const shown = /^[\w-]{1,40}$/u.test(name) ? `"${name}"` : 'One of the keys';
  throw new LogAddressRefused(
    `${shown} is no setting of an EventStoreDB log: there are ${KEYS.join(', ')}.`,
  );
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new LogAddressRefused(
      `${what} is not percent-encoded text: write "%" as %25, and what it stands for as UTF-8.`,
    );
  }
}

function credentialsOf(
  user: string | undefined,
  given: Credentials | undefined,
): Credentials | undefined {
  if (user === undefined) return given;
  const colon = user.indexOf(':');
  if (colon < 1 || colon === user.length - 1) {
    throw new LogAddressRefused(
      'A user name and a password go together: write esdb://user:password@host.',
    );
  }
  if (given !== undefined) {
    throw new LogAddressRefused(
      'Credentials are given twice, in the address of the log and beside it: give them once.',
    );
  }
  return {
    username: decoded(user.slice(0, colon), 'The user name'),
    password: decoded(user.slice(colon + 1), 'The password'),
  };
}

function tlsOf(values: Values): ConnectionSettings['tls'] {
  const isOn = flagOf(values, 'tls') ?? true;
  const verifies = flagOf(values, 'tlsVerifyCert') ?? true;
  if (!isOn) {
    const needless = (['tlsCAFile', 'tlsVerifyCert', 'userCertFile', 'userKeyFile'] as const).find(
      (key) => values.has(key),
    );
    if (needless === undefined) return null;
    throw new LogAddressRefused(
      `${needless} says how TLS is done and tls=false that it is not: leave out one of them.`,
    );
  }
  if (!verifies) {
    throw new LogAddressRefused(
      'tlsVerifyCert=false has no effect in the client: give tlsCAFile, the certificate of ' +
        'the authority that signed that of the server.',
    );
  }
  const userCertFile = values.get('userCertFile');
  const userKeyFile = values.get('userKeyFile');
  if ((userCertFile === undefined) !== (userKeyFile === undefined)) {
    throw new LogAddressRefused(
      'A user certificate and its key go together: give both userCertFile and userKeyFile.',
    );
  }
  return {
    ...optional('caFile', values.get('tlsCAFile')),
    ...optional('userCertFile', userCertFile),
    ...optional('userKeyFile', userKeyFile),
  };
}

function checkWhoComesIn(
  tls: ConnectionSettings['tls'],
  credentials: Credentials | undefined,
): void {
  if (tls === null && credentials !== undefined) {
    throw new LogAddressRefused(
      'Credentials are never sent without TLS: leave out tls=false, or the credentials.',
    );
  }
  if (tls !== null && tls.userCertFile === undefined && credentials === undefined) {
    throw new LogAddressRefused(
      'EventStoreDB lets nobody in without a user: give user:password@ before the host, name the ' +
        'user apart from the address, or give a user certificate (userCertFile and userKeyFile).',
    );
  }
}

/** What other programs may choose, and Wayledger may not. */
function checkFixed(values: Values): void {
  if ((values.get('nodePreference') ?? 'leader').toLowerCase() !== 'leader') {
    throw new LogAddressRefused(
      'Decisions are made on what the leader knows: leave out nodePreference, or make it leader.',
    );
  }
  if (flagOf(values, 'throwOnAppendFailure') === false) {
    throw new LogAddressRefused(
      'A refused append must not look like one that was written: leave out throwOnAppendFailure.',
    );
  }
}

function namespaceOf(values: Values): string {
  const namespace = values.get('namespace') ?? '';
  try {
    checkNamespace(namespace);
    return namespace;
  } catch (error) {
    throw new LogAddressRefused(
      `${messageOf(error)}: it has up to 32 lower-case letters and digits, a letter first.`,
      { cause: error },
    );
  }
}

function flagOf(values: Values, key: Key): boolean | undefined {
  const value = values.get(key);
  if (value === undefined) return undefined;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new LogAddressRefused(`${key} is either true or false.`);
}

interface NumberKind {
  readonly what: string;
  readonly max: number;
  readonly why?: string;
}
const MILLISECONDS: NumberKind = { what: 'milliseconds', max: TIMER_MS_MAX };
const KEEP_ALIVE: NumberKind = {
  ...MILLISECONDS,
  why: '; what is below, as -1, would break the connection again and again',
};
const SECONDS: NumberKind = { what: 'seconds', max: Math.floor(TIMER_MS_MAX / 1000) };
const TIMES: NumberKind = { what: 'attempts', max: 1_000_000 };

function numberOf(values: Values, key: Key, { what, max, why = '' }: NumberKind) {
  const value = values.get(key);
  if (value === undefined) return undefined;
  const number = /^\d{1,15}$/u.test(value) ? Number(value) : 0;
  if (number >= 1 && number <= max) return number;
  throw new LogAddressRefused(`${key} is a whole number of ${what} from 1 to ${max}${why}.`);
}

/** An absent setting is no field, so that settings can be spread into what the client takes. */
function optional<K extends string, V>(key: K, value: V | undefined): { readonly [_ in K]?: V } {
  // A computed key widens to `string`: the compiler loses which one it is.
  return (value === undefined ? {} : { [key]: value }) as { readonly [_ in K]?: V };
}
