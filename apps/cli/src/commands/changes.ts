import type { Command } from 'commander';
import type { Month, Slug } from '#kernel';
import { ChangesQuery, type PeriodChanges } from '#funding';
import { EXIT, bold, pounds, print, printJson, table } from '../terminal/output.js';
import {
  catchUpShown,
  monthArgument,
  slugArgument,
  withExisting,
  type CommonOptions,
} from './common.js';

interface ChangesFlags extends CommonOptions {
  readonly anchor: Slug;
  readonly period: Month;
}

export function addChanges(program: Command): void {
  program
    .command('changes')
    .summary('what changed since a month was signed')
    .description(
      'Shows what was learned of a closed month (or of an earlier day) too late to be in what was ' +
        'signed: every entry, and every account as signed and as it is known now.',
    )
    .requiredOption('--anchor <slug>', 'whose books', slugArgument)
    .requiredOption('--period <month>', 'the month, as YYYY-MM', monthArgument)
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ChangesFlags>();
      process.exitCode = await withExisting(flags, async (wayledger) => {
        await catchUpShown(wayledger, 'read');
        const changes = await wayledger.query(new ChangesQuery(flags.anchor, flags.period));
        if (flags.json === true) await printJson(changes);
        else await print(changesText(changes));
        return EXIT.done;
      });
    });
}

function changesText({ anchor, month, closedOn, entries, accounts }: PeriodChanges): string {
  const title = bold(`${anchor}, ${month}, signed on ${closedOn}`);
  if (entries.length === 0) {
    return `${title}\nNothing has changed since: no entry about ${month} or before came later.\n`;
  }
  const lines = entries.flatMap(({ event, rule, corrects, occurred, recorded, posted, lines }) =>
    lines.map(({ account, amount }, index) =>
      index === 0
        ? [occurred, recorded, posted, rule, event, corrects ?? '', account, pounds(amount)]
        : ['', '', '', '', '', '', account, pounds(amount)],
    ),
  );
  const sums = accounts.map(({ account, signed, known, difference }) => [
    ...[account, pounds(signed), pounds(known), pounds(difference)],
  ]);
  return (
    `${title}\n` +
    table(
      ['happened', 'recorded', 'posted', 'rule', 'event', 'corrects', 'account', 'GBP'],
      lines,
      ['left', 'left', 'left', 'left', 'left', 'left', 'left', 'right'],
    ) +
    `\n${table(['account', 'as signed', 'as known now', 'difference'], sums, [
      'left',
      'right',
      'right',
      'right',
    ])}`
  );
}
