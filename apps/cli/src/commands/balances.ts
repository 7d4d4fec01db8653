import type { Command } from 'commander';
import type { CivilDate, Slug } from '#kernel';
import { BalancesQuery, SETS, type AccountBalance } from '#funding';
import { EXIT, bad, bold, print, printJson, pounds, table } from '../terminal/output.js';
import {
  catchUpShown,
  dateArgument,
  slugArgument,
  withExisting,
  type CommonOptions,
} from './common.js';
import { knownByOf, withKnownAt, type KnownAtFlag } from './known-at.js';

interface BalanceFlags extends CommonOptions, KnownAtFlag {
  readonly anchor: Slug;
  readonly postedBy?: CivilDate;
  readonly occurredBy?: CivilDate;
}

export function addBalances(program: Command): void {
  withKnownAt(program.command('balances'))
    .summary("the balance of every account of an anchor's books")
    .description(
      "Shows the balance of every account of an anchor's books, zeros too. " +
        'Debits are positive, credits negative; each set of accounts adds up to zero. ' +
        'With --json, amounts are whole pence. The three limits can be combined: all of them hold.',
    )
    .requiredOption('--anchor <slug>', 'whose books', slugArgument)
    .option('--posted-by <date>', 'only what the books carry up to this day', dateArgument)
    .option('--occurred-by <date>', 'only what happened up to this day', dateArgument)
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<BalanceFlags>();
      process.exitCode = await withExisting(flags, async (wayledger) => {
        await catchUpShown(wayledger, 'read');
        const { anchor, postedBy, occurredBy } = flags;
        const knownBy = await knownByOf(wayledger, anchor, flags);
        const balances = await wayledger.query(
          new BalancesQuery(anchor, postedBy, occurredBy, knownBy),
        );
        const knownAt = flags.knownAt?.text;
        if (flags.json === true) {
          await printJson({ anchor, postedBy, occurredBy, knownAt, knownBy, balances });
        } else await print(balancesText(anchor, balances, knownAt));
        return EXIT.done;
      });
    });
}

export function balancesText(
  anchor: string,
  balances: readonly AccountBalance[],
  knownAt?: string,
): string {
  if (balances.length === 0) {
    return knownAt === undefined
      ? `${anchor} has no books yet: no money was received.\n`
      : `${anchor} had no books yet at ${knownAt}: no money was known of.\n`;
  }
  return SETS.flatMap((set) => {
    const mine = balances.filter((balance) => balance.set === set);
    if (mine.length === 0) return [];
    const total = mine.reduce((sum, { balance }) => sum + balance, 0n);
    const rows = mine.map(({ account, balance, overdrawn }) => [
      account,
      pounds(balance),
      overdrawn === true ? bad('overdrawn by late facts') : '',
    ]);
    const all = [...rows, [bold('adds up to'), bold(pounds(total)), '']];
    return [table([`${set} accounts of ${anchor}`, 'GBP', ''], all, ['left', 'right'])];
  }).join('\n');
}
