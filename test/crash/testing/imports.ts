import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openSqliteEventLog } from '#event-log/sqlite';
import type { EventLog, StoredEvent } from '#event-log';

const BIN = fileURLToPath(new URL('../../../../bin/wayledger.js', import.meta.url));
const HASTY = fileURLToPath(new URL('./hasty-import.js', import.meta.url));

/** What one line of `import --json` says. */
export interface Answer {
  readonly line: number;
  readonly id: string;
  readonly status: 'accepted' | 'unchanged' | 'refused';
  readonly events?: readonly { readonly id: string }[];
  readonly reasons?: readonly { readonly code: string }[];
}
export interface Summary {
  readonly lines: number;
  readonly accepted: number;
  readonly unchanged: number;
  readonly refused: number;
}

export interface Import {
  readonly answers: readonly Answer[];
  /** Once it has ended by itself. */
  readonly summary: Summary | undefined;
  /** Resolves when this holds, looked at after every line that is answered; or at the end. */
  until(holds: () => boolean): Promise<void>;
  /** SIGKILL, wherever it is. */
  kill(): void;
  /** SIGSTOP, wherever it is, until it is resumed or killed. */
  pause(): void;
  resume(): void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** What it complained of. */
  complaints(): string;
}

/** `hasty` answers before it commits. */
export type Importer = 'wayledger' | 'hasty';

export interface ImportOptions {
  readonly importer?: Importer;
  /** In the data folder unless given. */
  readonly log?: string;
  /** Further words of the command line. */
  readonly more?: readonly string[];
}

export function startImport(
  file: string,
  data: string,
  { importer = 'wayledger', log, more = [] }: ImportOptions = {},
): Import {
  const stores = ['--data', data, ...(log === undefined ? [] : ['--log', log])];
  const args =
    importer === 'hasty'
      ? [HASTY, file, data, ...more]
      : [BIN, 'import', file, '--json', ...stores, ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const answers: Answer[] = [];
  let summary: Summary | undefined;
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const checks = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (text) => {
    const said = wholeLine(text);
    if (said === undefined) return;
    if ('line' in said) answers.push(said);
    else summary = said;
    for (const check of checks) check();
  });
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  return {
    answers,
    get summary() {
      return summary;
    },
    async until(holds) {
      let check: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        check = () => {
          if (holds()) resolve();
        };
      });
      checks.add(check);
      check();
      await Promise.race([held, ended]);
      checks.delete(check);
    },
    kill() {
      child.kill('SIGKILL');
    },
    pause() {
      child.kill('SIGSTOP');
    },
    resume() {
      child.kill('SIGCONT');
    },
    ended,
    complaints: () => complaints,
  };
}

/** A line that the kill cut in two says nothing. */
function wholeLine(text: string): Answer | Summary | undefined {
  try {
    return JSON.parse(text) as Answer | Summary;
  } catch {
    return undefined;
  }
}

/** The ids of the events that were said to be on disk. */
export function acknowledgedIn(answers: readonly Answer[]): string[] {
  return answers.flatMap(({ events = [] }) => events.map(({ id }) => id));
}

export async function eventsIn(data: string): Promise<StoredEvent[]> {
  return eventsOf(await openSqliteEventLog({ path: `${data}/log.db` }));
}

/** All there is; the log is closed afterwards. */
export async function eventsOf(log: EventLog): Promise<StoredEvent[]> {
  try {
    const events: StoredEvent[] = [];
    for await (const page of log.readLog({ after: 0n, max: 1_000 })) events.push(...page);
    return events;
  } finally {
    await log.close();
  }
}

/** Those of the acknowledged events that are not in the log. */
export async function lostOf(acknowledged: Iterable<string>, data: string): Promise<string[]> {
  const there = new Set((await eventsIn(data)).map(({ id }) => id as string));
  return [...acknowledged].filter((id) => !there.has(id));
}

/** One command line, run to its end; the last line of what it printed, as JSON. */
export function wayledgerJson(...args: readonly string[]): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, [BIN, ...args, '--json'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (last === '') throw new Error(`wayledger ${args.join(' ')} printed nothing: ${stderr}`);
  return JSON.parse(last);
}
