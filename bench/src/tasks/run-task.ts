/** The other end of `inChild`. */
import type { Task } from '../child.ts';

// Nobody waits for an answer any more.
process.once('disconnect', () => process.exit());

process.once('message', ({ task, argument }: Task) => {
  void run(task, argument).then(
    (done) => {
      // The kernel counts kibibytes.
      answer({ done, peakMb: (process.resourceUsage().maxRSS * 1_024) / 1e6 });
    },
    (error: unknown) => {
      answer({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    },
  );
});

async function run(task: string, argument: unknown): Promise<unknown> {
  const module = (await import(`./${task}.ts`)) as { default(argument: unknown): Promise<unknown> };
  return module.default(argument);
}

function answer(said: unknown): void {
  process.send?.(said, undefined, undefined, () => {
    process.disconnect?.();
  });
}
