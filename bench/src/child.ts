import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Peaked<T> {
  readonly result: T;
  /** The most memory that the process ever held (RSS), in millions of bytes. */
  readonly peakMb: number;
}

export interface Task {
  /** A file in `tasks/`, without its ending. */
  readonly task: string;
  readonly argument: unknown;
}

/** As the first line of `bin/wayledger.js` says: variables, then `node` and its options. */
const STARTED = readFileSync(new URL('../../bin/wayledger.js', import.meta.url), 'utf8');
const [, VARIABLES = '', OPTIONS = ''] = /^#!.* -S (.*) node (.*)$/mu.exec(STARTED) ?? [];
const ENVIRONMENT = {
  ...(Object.fromEntries(VARIABLES.split(' ').map((each) => each.split('='))) as NodeJS.ProcessEnv),
  // Also keeps what was made of TypeScript: what makes it is no part of a product's memory.
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../.cache/compiled', import.meta.url)),
};

type Said = { readonly done: unknown; readonly peakMb: number } | { readonly failed: string };

/**
 * Runs a task in a process of its own, so that neither memory nor garbage is anybody else's.
 * The argument and the result are plain JSON.
 */
export function inChild<T>(task: string, argument: unknown): Promise<Peaked<T>> {
  return new Promise((resolve, reject) => {
    const script = fileURLToPath(new URL('./tasks/run-task.ts', import.meta.url));
    const child = fork(script, {
      execArgv: [...process.execArgv, ...OPTIONS.split(' ')],
      env: { ...process.env, ...ENVIRONMENT },
    });
    let answered = false;
    child.once('message', (said: Said) => {
      answered = true;
      // The task's own module says what it answers with.
      if ('done' in said) resolve({ result: said.done as T, peakMb: said.peakMb });
      else reject(new Error(`${task}: ${said.failed}`));
    });
    child.once('exit', (code, signal) => {
      if (!answered) reject(new Error(`${task} ended with ${signal ?? String(code)}`));
    });
    child.send({ task, argument } satisfies Task);
  });
}
