import type { Command } from 'commander';
import {
  LOG_START,
  LogAddressRefused,
  copyLog,
  type CopiedLog,
  type CopyProgress,
  type EventLog,
  type HashedLog,
} from '#event-log';
import { DataRefused, type LogAddress, sideOfCopy } from '#engine';
import { EXIT, bad, bold, good, notice, print, printJson, table } from '../terminal/output.js';
import { progressLine, type ProgressLine } from '../terminal/progress.js';
import { goesOn, type CommonOptions } from './common.js';

interface CopyFlags extends CommonOptions {
  readonly from: string;
  readonly to: string;
}

export function addCopyLog(program: Command): void {
  program
    .command('copy-log')
    .summary('copy a log into another store, and prove the copy')
    .description(
      'Copies a log event by event into another store, then reads both from the start and compares ' +
        'their hashes. Cut off anywhere, the same command goes on where it was. Nothing else may ' +
        'write to the target meanwhile. --log, --data and WAYLEDGER_LOG play no part in it.',
    )
    .requiredOption('--from <where>', 'the log to copy: sqlite:<file>, postgres://… or esdb://…')
    .requiredOption('--to <where>', 'where it goes: sqlite:<file>, postgres://… or esdb://…')
    .addHelpText('after', HELP)
    .action(async (_flags: unknown, command: Command) => {
      if (command.parent?.getOptionValueSource('log') === 'cli') {
        command.error('copy-log takes its two logs from --from and --to: leave out --log.');
      }
      process.exitCode = await runCopy(command.optsWithGlobals<CopyFlags>());
    });
}

const HELP = `
keys.db is no part of a log and is not copied. Take it along to the data folder that will be used with
the copy: without the keys, names, needs and notes in it are lost for ever.

What is proven is what the source held when the proof began. If it has gained events since, the output
says so: run the same command again. For the last time, let nothing write to the source any more.

WAYLEDGER_LOG_USER and WAYLEDGER_LOG_PASSWORD_FILE are for a log at esdb://… that names no user.`;

async function runCopy(flags: CopyFlags): Promise<number> {
  const from = sideOfCopy(flags.from, process.env);
  const to = sideOfCopy(flags.to, process.env);
  if (from.places().some((place) => to.places().includes(place))) {
    throw new LogAddressRefused(
      `--from and --to are the same log, ${to.describe()}: name another one to copy into.`,
    );
  }
  if (!from.exists()) throw new DataRefused(`There is no log in ${from.describe()}: check --from.`);
  const result = await withLog(from, async (source) => {
    // Before the target is made.
    if ((await source.head()) === LOG_START) {
      throw new DataRefused(`The log in ${from.describe()} is empty: check --from.`);
    }
    return withLog(to, (target) => copyShown(source, target));
  });
  if (flags.json === true) {
    await printJson({ from: from.describe(), to: to.describe(), ...result });
  } else await print(resultText(from, to, result));
  return result.equal ? EXIT.done : EXIT.notAll;
}

async function withLog<T>(address: LogAddress, work: (log: EventLog) => Promise<T>): Promise<T> {
  const log = await address.open(notice);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

async function copyShown(source: EventLog, target: EventLog): Promise<CopiedLog> {
  let phase: CopyProgress['phase'] | undefined;
  let bar: ProgressLine | undefined;
  const onProgress = (progress: CopyProgress): void => {
    if (bar === undefined || progress.phase !== phase) {
      bar?.end();
      bar = progressLine(progress.phase, 'events');
      phase = progress.phase;
    }
    bar.follow(progress);
  };
  try {
    return await goesOn('Run the same command again: it goes on from here.', () =>
      copyLog(source, target, onProgress),
    );
  } finally {
    bar?.end();
  }
}

function resultText(from: LogAddress, to: LogAddress, result: CopiedLog): string {
  const { copied, source, target, equal, sourceMovedOn } = result;
  const row = (address: LogAddress, { events, hash }: HashedLog) => {
    return [address.describe(), String(events), hash];
  };
  const rows = [row(from, source), row(to, target)];
  return (
    `${bold(String(copied))} events copied\n` +
    table(['log', 'events', 'SHA-256'], rows, ['left', 'right']) +
    (equal
      ? `${good('Both logs are equal.')}\n`
      : `${bad('The logs are not equal')}: something else writes to the target. End it, then copy ` +
        'into an empty log.\n') +
    (sourceMovedOn
      ? `${from.describe()} has gained events since: run the same command again to copy them too.\n`
      : '')
  );
}
