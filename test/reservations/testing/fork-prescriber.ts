import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './engine.js';
import type { Said, Task } from './prescriber.js';

export interface Prescriber {
  /** Lets it begin, or go on where it waits. */
  go(): void;
  /** What its commands came to. */
  readonly outcomes: Promise<readonly Outcome[]>;
  /** It reached the append it was to wait, die or stand still at. */
  there(): Promise<unknown>;
  /** And died there. */
  gone(): Promise<void>;
  stopped(): Promise<void>;
  wake(): void;
  end(): Promise<void>;
}

/** Ready to go when this resolves. */
export async function forkPrescriber(task: Task): Promise<Prescriber> {
  const child = fork(fileURLToPath(new URL('./prescriber.js', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const exit = once(child, 'exit');
  const heard = hearing(child);
  child.send(task);
  await heard.ready;
  return {
    go: () => child.send('go'),
    outcomes: heard.outcomes,
    there: () => heard.there,
    async gone() {
      await heard.there;
      await exit;
    },
    async stopped() {
      await heard.there;
      while (stateOf(child.pid) !== 'T') await turn();
    },
    wake: () => child.kill('SIGCONT'),
    async end() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exit;
    },
  };
}

function hearing(child: ChildProcess) {
  const [ready, there] = [Promise.withResolvers<Said>(), Promise.withResolvers<Said>()];
  const outcomes = Promise.withResolvers<readonly Outcome[]>();
  child.on('message', (said: Said) => {
    if (said === 'ready') ready.resolve(said);
    else if (said === 'there') there.resolve(said);
    else outcomes.resolve(said);
  });
  child.on('exit', (code, signal) => {
    const error = new Error(`The prescriber ended with ${signal ?? String(code)}`);
    for (const promise of [ready, there, outcomes]) promise.reject(error);
  });
  // Whoever waits for them hears of it; nobody has to.
  for (const { promise } of [ready, there, outcomes]) promise.catch(() => undefined);
  return { ready: ready.promise, there: there.promise, outcomes: outcomes.promise };
}

/** `T`: stopped. See proc(5); a parent in Node has no other way to know. */
function stateOf(pid: number | undefined): string | undefined {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).at(0);
}
