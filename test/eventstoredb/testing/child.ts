import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** One that does not end by itself is ended, and fails its test. */
const CHILD_MAX_MS = 20_000;

export interface Child {
  readonly lines: readonly string[];
  readonly complaints: readonly string[];
  readonly ended: Promise<number | null>;
  tell(line: string): void;
}

/** Runs a script of this folder in a process of its own. */
export function startChild(script: string, args: readonly string[]): Child {
  const path = fileURLToPath(new URL(`./${script}.js`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: CHILD_MAX_MS,
    killSignal: 'SIGKILL',
  });
  const [lines, complaints]: [string[], string[]] = [[], []];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => complaints.push(line));
  return {
    lines,
    complaints,
    ended: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    }),
    tell: (line) => {
      child.stdin.write(`${line}\n`);
    },
  };
}
