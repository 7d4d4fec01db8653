/**
 * A process of its own that gives commands. It says `ready` when its stores are open, gives its
 * commands all at once when it is told to, answers what they came to, and stays until its parent
 * goes. Where its task says so it dies, or stands still, just before it appends an event.
 */
import { present } from '#kernel';
import { before, give, openEngine, type Line, type Outcome } from './engine.js';

export interface Task {
  readonly data: string;
  readonly lines: readonly Line[];
  readonly before?: string;
  readonly how?: 'SIGKILL' | 'SIGSTOP' | 'exit';
}
export type Said = 'ready' | 'there' | readonly Outcome[];

const send = present(process.send, 'a prescriber is forked').bind(process);
const say = (said: Said) =>
  new Promise<void>((resolve) => {
    send(said, undefined, undefined, () => {
      resolve();
    });
  });

async function work({ data, lines, before: type = '', how = 'exit' }: Task): Promise<void> {
  const wrap = before(type, async () => {
    await say('there');
    if (how === 'exit') process.exit(7);
    process.kill(process.pid, how);
  });
  const engine = await openEngine({ data, wrap });
  const told = new Promise((resolve) => process.once('message', resolve));
  await say('ready');
  await told;
  await say(await Promise.all(lines.map((line) => give(engine, line))));
}

process.once('message', (task: Task) => {
  void work(task);
});
process.once('disconnect', () => process.exit());
