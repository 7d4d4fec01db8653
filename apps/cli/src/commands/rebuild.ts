import type { Command } from 'commander';
import { EXIT, good, print, printJson } from '../terminal/output.js';
import { progressLine } from '../terminal/progress.js';
import { catchUpShown, withExisting, type CommonOptions } from './common.js';

export function addRebuild(program: Command): void {
  program
    .command('rebuild')
    .summary('build all read models anew from the log')
    .description(
      'Builds all read models anew from the log, beside the ones that serve; each takes over once ' +
        'it has caught up.',
    )
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CommonOptions>();
      process.exitCode = await withExisting(flags, async (wayledger) => {
        await catchUpShown(wayledger, 'read');
        const started = performance.now();
        const bar = progressLine('rebuilding', 'events');
        let events = 0;
        await wayledger.runner.rebuild(undefined, (progress) => {
          events = progress.events;
          bar.follow(progress);
        });
        bar.end();
        const seconds = (performance.now() - started) / 1000;
        if (flags.json === true) await printJson({ events, seconds });
        else {
          const rate = Math.round(events / seconds);
          await print(
            `${good('Rebuilt')} from ${events} events in ${seconds.toFixed(1)} s (${rate}/s)\n`,
          );
        }
        return EXIT.done;
      });
    });
}
