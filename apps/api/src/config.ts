import { messageOf } from '#kernel';
import { givenKeys, givenLog, givenViews, type OpenOptions } from '#engine';

/** What is reported: this and whatever is graver. */
export const VERBOSITIES = ['error', 'warn', 'info', 'debug'] as const;
export type Verbosity = (typeof VERBOSITIES)[number];

export const PORT_DEFAULT = 3000;
const PORT_MAX = 65_535;
const DATA_DEFAULT = './data';

/** Every variable that Wayledger reads, in the words of the table in the README. */
export const VARIABLES = {
  WAYLEDGER_DATA:
    'the data folder, `./data` if not said; `--data` goes before it; `demo` does not use it',
  WAYLEDGER_LOG:
    'where the log is, if not `log.db` in the data folder: `sqlite:FILE`, `postgres://…` or `esdb://…`; `--log` goes before it; `demo` and `copy-log` do not use it',
  WAYLEDGER_KEYS:
    'where the keys are, if not `keys.db` in the data folder: `sqlite:FILE` or `postgres://…`; `--keys` goes before it; `demo` does not use it',
  WAYLEDGER_VIEWS:
    'where the read models are, if not `views.db` in the data folder: `sqlite:FILE` or `postgres://…`; `--views` goes before it; `demo` does not use it',
  WAYLEDGER_LOG_USER: 'the EventStoreDB user, when the address names none; goes with the next one',
  WAYLEDGER_LOG_PASSWORD_FILE: "a file with that user's password; one newline at its end is cut",
  WAYLEDGER_PORT: `the port of the service on this machine, ${PORT_DEFAULT} if not said; 0 takes any that is free`,
  WAYLEDGER_VERBOSITY: `what the service reports: ${VERBOSITIES.map((each) => `\`${each}\``).join(', ')}, each with those before it; \`info\` if not said`,
} as const;
type Variable = keyof typeof VARIABLES;
const PREFIX = 'WAYLEDGER_';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Config {
  readonly stores: Pick<OpenOptions, 'data' | 'log' | 'keys' | 'views'>;
  readonly port: number;
  readonly verbosity: Verbosity;
  /** What of the environment is Wayledger's: another thread reads its configuration from it. */
  readonly environment: Environment;
}

/** The environment is not as it should be; the message names all that is wrong with it. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';

  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/**
 * What the environment says.
 * @throws ConfigRefused with every fault there is
 */
export function readConfig(all: Environment): Config {
  const environment = Object.fromEntries(
    Object.entries(all).filter(([name, value]) => name.startsWith(PREFIX) && value !== undefined),
  );
  const faults: string[] = Object.keys(environment).filter(isUnknown).map(unknownText);
  const given = (name: Variable) => environment[name];
  const addressIn = <T>(name: Variable, read: (text: string | undefined) => T) => {
    try {
      return read(given(name));
    } catch (error) {
      // It is refused in a sentence that holds no password; nothing else is thrown.
      faults.push(`${name}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const data = given('WAYLEDGER_DATA') ?? DATA_DEFAULT;
  if (data === '') faults.push(faultOf('WAYLEDGER_DATA', 'is empty', 'the name of a folder'));
  const port = portOf(given('WAYLEDGER_PORT'));
  if (port === null) {
    faults.push(faultOf('WAYLEDGER_PORT', 'is no port', `a number from 0 to ${PORT_MAX}`));
  }
  const verbosity = given('WAYLEDGER_VERBOSITY') ?? 'info';
  if (!isVerbosity(verbosity)) {
    faults.push(
      faultOf('WAYLEDGER_VERBOSITY', 'is none of them', `one of ${VERBOSITIES.join(', ')}`),
    );
  }
  const log = addressIn('WAYLEDGER_LOG', (text) => givenLog(text, environment));
  const keys = addressIn('WAYLEDGER_KEYS', givenKeys);
  const views = addressIn('WAYLEDGER_VIEWS', givenViews);
  if (faults.length > 0 || port === null || !isVerbosity(verbosity)) {
    throw new ConfigRefused(faults);
  }
  const stores = { data, ...(log && { log }), ...(keys && { keys }), ...(views && { views }) };
  return { stores, port, verbosity, environment };
}

/** The value is not repeated: what is in the wrong variable may be a secret. */
function faultOf(name: Variable, fault: string, wanted: string): string {
  return `${name} ${fault}: write ${wanted}, or unset it.`;
}

function portOf(text: string | undefined): number | null {
  if (text === undefined) return PORT_DEFAULT;
  return /^\d{1,5}$/u.test(text) && Number(text) <= PORT_MAX ? Number(text) : null;
}

function isVerbosity(text: string): text is Verbosity {
  return (VERBOSITIES as readonly string[]).includes(text);
}

function isUnknown(name: string): boolean {
  return !Object.hasOwn(VARIABLES, name);
}

function unknownText(name: string): string {
  const [nearest = ''] = Object.keys(VARIABLES).sort((a, b) => edits(name, a) - edits(name, b));
  return `${name} is no variable of Wayledger: write ${nearest} if that is meant, or unset it.`;
}

/** How many letters must be put in, left out or exchanged (Levenshtein). */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let at = 0; at < from.length; at += 1) {
    const next = [at + 1];
    for (let index = 1; index <= to.length; index += 1) {
      const exchanged = (row[index - 1] ?? 0) + (from[at] === to[index - 1] ? 0 : 1);
      next.push(Math.min(exchanged, (row[index] ?? 0) + 1, (next[index - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** The effective configuration for the service's own report; credentials are left out. */
export function describeConfig({ stores, port, verbosity }: Config): Record<string, unknown> {
  const { data, log, keys, views } = stores;
  return {
    data,
    log: log?.describe() ?? 'log.db in the data folder',
    keys: keys?.describe() ?? 'keys.db in the data folder',
    views: views?.describe() ?? 'views.db in the data folder',
    port,
    verbosity,
  };
}
