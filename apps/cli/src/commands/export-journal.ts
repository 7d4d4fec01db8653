import type { Command } from 'commander';
import type { Slug } from '#kernel';
import { BalancesQuery, PostedEntriesQuery } from '#funding';
import { journal } from '#interop';
import { EXIT, print } from '../terminal/output.js';
import { catchUpShown, slugArgument, withExisting, type CommonOptions } from './common.js';
import { knownByOf, withKnownAt, type KnownAtFlag } from './known-at.js';

interface ExportFlags extends CommonOptions, KnownAtFlag {
  readonly anchor: Slug;
}

export function addExport(program: Command): void {
  const exports = program
    .command('export')
    .summary("write an anchor's books for another program")
    .description('Writes what Wayledger holds in the format of another program.');
  withKnownAt(exports.command('journal'))
    .description(
      "Prints an anchor's books as a journal for hledger or ledger: every entry with its event, " +
        'rule and dates. "hledger check -s ordereddates" accepts it.',
    )
    .requiredOption('--anchor <slug>', 'whose books', slugArgument)
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ExportFlags>();
      if (flags.json === true) {
        command.error(
          'error: a journal is text for hledger or ledger: leave --json out ' +
            "('balances --json' prints the accounts as JSON)",
        );
      }
      process.exitCode = await withExisting(flags, async (wayledger) => {
        await catchUpShown(wayledger, 'read');
        const { anchor } = flags;
        const knownBy = await knownByOf(wayledger, anchor, flags);
        // The entries first: accounts that come up later are declared in vain, and not missing.
        const entries = await wayledger.query(new PostedEntriesQuery(anchor, knownBy));
        const accounts = await wayledger.query(
          new BalancesQuery(anchor, undefined, undefined, knownBy),
        );
        for await (const part of journal(anchor, accounts, entries)) await print(part);
        return EXIT.done;
      });
    });
}
