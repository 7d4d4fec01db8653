import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { HolderAnswer, HolderTask } from './key-holder.js';

export interface Holder {
  ask(task: HolderTask): Promise<HolderAnswer>;
  /** SIGKILL: the process gets no chance to finish or close anything. */
  kill(): Promise<void>;
}

export async function forkHolder(): Promise<Holder> {
  const child = fork(fileURLToPath(new URL('./key-holder.js', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  await nextMessage(child);
  return {
    async ask(task) {
      const answer = nextMessage(child);
      child.send(task);
      return (await answer) as HolderAnswer;
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as unknown),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`The key holder ended with code ${String(code)} and no answer`);
      }),
    ]);
  } finally {
    settled.abort();
  }
}
