import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A child that does not end fails its test, and does not stay behind: less than jest waits. */
const CHILD_MAX_MS = 45_000;

export interface Child {
  readonly lines: readonly string[];
  /** Resolves with the exit code once the child has ended and all it said is in `lines`. */
  readonly ended: Promise<number | null>;
  said(line: string): boolean;
  tell(line: string): void;
}

/** Runs a script in a process of its own. */
export function startChild(script: URL, args: readonly string[], under: string[] = []): Child {
  const path = fileURLToPath(script);
  const [command, ...before] = [...under, process.execPath];
  const child = spawn(command, [...before, path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: CHILD_MAX_MS,
    killSignal: 'SIGKILL',
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return {
    lines,
    ended: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    }),
    said: (line) => lines.includes(line),
    tell: (line) => {
      child.stdin.end(`${line}\n`);
    },
  };
}
