/**
 * A process of its own that gives commands. It says `ready` when its stores are open, gives its
 * commands all at once when it is told to, answers what they came to, and stays until its parent
 * goes. Where its task says so it dies, stands still or waits just before it appends an event.
 */
import { present } from '#kernel';
import { before, give, openEngine, type Line, type Outcome } from './engine.js';

export interface Task {
  readonly data: string;
  readonly lines: readonly Line[];
  readonly before?: string;
  /** `wait`: the first time only, and until it is told to go on. */
  readonly how?: 'SIGKILL' | 'SIGSTOP' | 'exit' | 'wait';
}
export type Said = 'ready' | 'there' | readonly Outcome[];

const send = present(process.send, 'a prescriber is forked').bind(process);
const say = (said: Said) =>
  new Promise<void>((resolve) => {
    send(said, undefined, undefined, () => {
      resolve();
    });
  });

const told = () => new Promise((resolve) => process.once('message', resolve));

async function work({ data, lines, before: type = '', how = 'exit' }: Task): Promise<void> {
  let reached = false;
  const wrap = before(type, async () => {
    if (how === 'wait' && reached) return;
    reached = true;
    const toldTo = how === 'wait' ? told() : null;
    await say('there');
    if (how === 'exit') process.exit(7);
    if (how === 'wait') await toldTo;
    else process.kill(process.pid, how);
  });
  const engine = await openEngine({ data, wrap });
  const toldTo = told();
  await say('ready');
  await toldTo;
  await say(await Promise.all(lines.map((line) => give(engine, line))));
}

process.once('message', (task: Task) => {
  void work(task);
});
process.once('disconnect', () => process.exit());
