import type { Command } from 'commander';
import type { Month, Slug } from '#kernel';
import { StatementQuery, type Statement } from '#funding';
import { EXIT, bold, pounds, print, printJson, table } from '../terminal/output.js';
import {
  catchUpShown,
  monthArgument,
  slugArgument,
  withExisting,
  type CommonOptions,
} from './common.js';
import { knownByOf, withKnownAt, type KnownAtFlag } from './known-at.js';

interface StatementFlags extends CommonOptions, KnownAtFlag {
  readonly anchor: Slug;
  readonly provider: Slug;
  readonly period: Month;
}

export function addStatement(program: Command): void {
  withKnownAt(program.command('statement'))
    .summary('what a provider earned in a month, line by line')
    .description(
      'Shows what a provider earned by the books of an anchor: what was owed before the month, each ' +
        'line that was posted in it with the day it is about, and what is owed after it. ' +
        'Prescriptions are named by their ids; no person is.',
    )
    .requiredOption('--anchor <slug>', 'whose books', slugArgument)
    .requiredOption('--provider <slug>', 'whose earnings', slugArgument)
    .requiredOption('--period <month>', 'the month, as YYYY-MM', monthArgument)
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<StatementFlags>();
      process.exitCode = await withExisting(flags, async (wayledger) => {
        await catchUpShown(wayledger, 'read');
        const { anchor, provider, period } = flags;
        const knownBy = await knownByOf(wayledger, anchor, flags);
        const statement = await wayledger.query(
          new StatementQuery(anchor, provider, period, knownBy),
        );
        const knownAt = flags.knownAt?.text;
        if (flags.json === true) await printJson({ ...statement, knownAt, knownBy });
        else await print(statementText(statement, knownAt));
        return EXIT.done;
      });
    });
}

function statementText(statement: Statement, knownAt?: string): string {
  const { anchor, provider, month, own, opening, lines, earned, closing, payable } = statement;
  const known = knownAt === undefined ? '' : `, as known at ${knownAt}`;
  const title = bold(`${provider} in the books of ${anchor}, ${month}${known}`);
  const rows = lines.map((line) => [
    line.occurred,
    line.posted,
    line.rule.replaceAll('-', ' '),
    line.prescription ?? '',
    line.agreement ?? '',
    line.corrects === undefined ? '' : `corrects ${line.corrects}`,
    pounds(line.amount),
  ]);
  const total = (what: string, amount: bigint) => [bold(what), '', '', '', '', '', pounds(amount)];
  const all = [
    total(own ? 'delivered before' : 'owed before', opening),
    ...rows,
    total('this month', earned),
    total(own ? 'delivered in all' : 'owed after', closing),
    total('payable', payable),
  ];
  const head = ['day', 'posted', 'what', 'prescription', 'agreement', '', 'GBP'];
  const align = ['left', 'left', 'left', 'left', 'left', 'left', 'right'] as const;
  return (
    `${title}\n` +
    (lines.length === 0 ? `Nothing was posted for ${provider} in ${month}.\n` : '') +
    table(head, all, align) +
    (own ? `${provider} is the anchor itself: its service is shown and owed to nobody.\n` : '')
  );
}
