import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SERVICE = fileURLToPath(new URL('../../../../bin/service.js', import.meta.url));

/** The service as a person starts it, in a process of its own. */
export interface ServiceProcess {
  /** Where it answers, once it said so; fails with what it said if it ended first. */
  readonly url: Promise<string>;
  /** What it printed for a person. */
  told(): string;
  /** What it printed for machines, line by line. */
  lines(): Record<string, unknown>[];
  /** All it printed. */
  everything(): string;
  /** Resolves with the line that says so, or at the end with nothing. */
  said(message: string): Promise<Record<string, unknown> | undefined>;
  signal(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export interface ServiceOptions {
  readonly variables?: Readonly<Record<string, string>>;
  /** The script that starts it. */
  readonly script?: string;
}

export function startService(
  data: string,
  { variables = {}, script = SERVICE }: ServiceOptions = {},
): ServiceProcess {
  const child = spawn(process.execPath, [script], {
    env: { ...plainEnvironment(), WAYLEDGER_DATA: data, WAYLEDGER_PORT: '0', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const heard = new Set<() => void>();
  const hear = () => {
    for (const look of heard) look();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    hear();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    hear();
  });
  const lines = () =>
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  const until = async <T>(find: () => T | undefined): Promise<T | undefined> => {
    const found = new Promise<void>((resolve) => {
      const look = () => {
        if (find() !== undefined) resolve();
      };
      heard.add(look);
      look();
    });
    await Promise.race([found, ended]);
    return find();
  };
  const said = (message: string) => until(() => lines().find(({ msg }) => msg === message));
  const url = until(() => /^Wayledger answers at (\S+):/mu.exec(stderr)?.[1]).then((found) => {
    if (found !== undefined) return found;
    throw new Error(`The service ended: ${stderr}`);
  });
  url.catch(() => undefined); // Who waits for it hears of it.
  return {
    ...{ url, lines, said, ended },
    told: () => stderr,
    everything: () => stdout + stderr,
    signal(signal) {
      child.kill(signal);
    },
  };
}

/** The tester's own, without what it says about Wayledger. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const all = Object.entries(process.env);
  return Object.fromEntries(all.filter(([name]) => !name.startsWith('WAYLEDGER_')));
}

/** Runs it while the work is done, and ends it whatever happens. */
export async function whileServing<T>(
  data: string,
  work: (service: ServiceProcess, url: string) => Promise<T>,
  options: ServiceOptions = {},
): Promise<T> {
  const service = startService(data, options);
  try {
    return await work(service, await service.url);
  } finally {
    service.signal('SIGKILL');
    await service.ended;
  }
}

/** As it was printed at the first start. */
export function tokenIn({ told }: ServiceProcess): string {
  const [, token] = /^ {2}([\w-]{43})$/mu.exec(told()) ?? [];
  if (token === undefined) throw new Error(`No token was printed: ${told()}`);
  return token;
}
