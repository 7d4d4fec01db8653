import type { Command } from 'commander';
import { startOfDay, type CivilDate } from '#kernel';
import { ClocksQuery, type Fired, type Timer } from '#referral';
import { EXIT, bold, dim, good, print, printJson, table } from '../terminal/output.js';
import { catchUpShown, dateArgument, goesOn, withExisting, type CommonOptions } from './common.js';

interface ClocksFlags extends CommonOptions {
  readonly today?: CivilDate;
  readonly list?: boolean;
}

export function addClocks(program: Command): void {
  program
    .command('clocks')
    .summary('record what fell due by itself: places, outcome windows, quiet referrals')
    .description(
      'Records what fell due by itself: an offered place that nobody took up lapses, the window ' +
        'of an outcome ends, a referral that has been quiet for as long as its scheme says is ' +
        'closed. Each on the day it fell due, however late this is run, and once, however often.',
    )
    .option(
      '--today <date>',
      'the day it is, and on which all this is recorded (default: today)',
      dateArgument,
    )
    .option('--list', 'show what is still to come, and record nothing')
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ClocksFlags>();
      process.exitCode = await withExisting(flags, async (wayledger) => {
        if (flags.list === true) {
          await catchUpShown(wayledger, 'read');
          const timers = await wayledger.query(new ClocksQuery());
          if (flags.json === true) await printJson({ timers });
          else await print(timersText(timers));
          return EXIT.done;
        }
        await catchUpShown(wayledger, 'settle');
        const now = flags.today && startOfDay(flags.today);
        const fired = await goesOn('Run it again: it goes on from here.', () =>
          wayledger.runClocks(now),
        );
        await catchUpShown(wayledger, 'settle');
        if (flags.json === true) await printJson({ fired });
        else await print(firedText(fired));
        return EXIT.done;
      });
    });
}

const WHAT: Readonly<Record<Timer['what'], string>> = {
  place: 'an offered place lapses',
  outcome: 'the window of an outcome ends',
  quiet: 'a quiet referral is closed',
};

const rowOf = ({ lastDay, what, component, referral, anchor }: Timer): string[] => [
  lastDay,
  `${WHAT[what]}${component === undefined ? '' : ` (${component})`}`,
  anchor,
  referral,
];

function timersText(timers: readonly Timer[]): string {
  const title = bold('What falls due when its last day is over');
  if (timers.length === 0) return `${title}\nNothing.\n`;
  return `${title}\n${table(['last day', 'what', 'anchor', 'referral'], timers.map(rowOf))}`;
}

function firedText(fired: readonly Fired[]): string {
  if (fired.length === 0) return 'Nothing fell due.\n';
  const rows = fired.map((one) => [...rowOf(one), cameText(one)]);
  return (
    `${bold('What fell due')}\n` +
    table(['last day', 'what', 'anchor', 'referral', 'came to'], rows) +
    `${fired.filter(({ came }) => came === 'recorded').length} recorded\n`
  );
}

function cameText({ came, because = '' }: Fired): string {
  if (came === 'recorded') return good('recorded');
  return dim(came === 'known' ? 'recorded by another run' : `not due any more: ${because}`);
}
