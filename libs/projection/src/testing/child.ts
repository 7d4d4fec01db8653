import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Store } from './store.js';

export interface Child {
  /** Resolves with the line when it was said; fails when the child ends without it. */
  said(line: string): Promise<void>;
  go(): void;
  /** SIGKILL: it gets no chance to finish anything. */
  kill(): Promise<void>;
  /** All it said, once it has ended by itself and well. */
  readonly output: Promise<readonly string[]>;
}

export type Task = 'catch-up' | 'rebuild' | 'compare' | 'hang';

/** A builder in a process of its own. */
export function startBuilder(store: Store, task: Task): Child {
  const script = fileURLToPath(new URL('./builder.js', import.meta.url));
  const child = spawn(process.execPath, [script, store.folder, store.address(), task], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const waiting = new Map<string, () => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    waiting.get(line)?.();
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    async said(line) {
      if (lines.includes(line)) return;
      const heard = new Promise<void>((resolve) => waiting.set(line, resolve));
      const failed = ended.then((code) => {
        if (!lines.includes(line)) throw new Error(`ended with ${String(code)} before ${line}`);
      });
      await Promise.race([heard, failed]);
    },
    go() {
      child.stdin.end('GO\n');
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    output: ended.then((code) => {
      if (code !== 0 && child.signalCode === null) throw new Error(`ended with ${String(code)}`);
      return lines;
    }),
  };
}
