import { InvalidArgumentError, type Command } from 'commander';
import {
  CommandRefused,
  dayOf,
  randomId,
  systemClock,
  type CommandMeta,
  type Month,
  type Slug,
} from '#kernel';
import { ClosePeriod, ClosePreviewQuery, TrialBalanceQuery, type TrialBalance } from '#funding';
import { EXIT, bold, dim, good, pounds, print, printJson, table } from '../terminal/output.js';
import type { Wayledger } from '#engine';
import {
  catchUpShown,
  monthArgument,
  slugArgument,
  withExisting,
  type CommonOptions,
} from './common.js';

interface CloseFlags extends CommonOptions {
  readonly anchor: Slug;
  readonly period: Month;
  readonly by?: string;
  readonly dryRun?: boolean;
}

export function addClose(program: Command): void {
  program
    .command('close')
    .summary("close a month of an anchor's books, and print what is signed")
    .description(
      "Closes a month of an anchor's books: signs what they carry up to its last day, for ever. " +
        'What is learned of the month later is posted to an open one, and shown by "changes". ' +
        'Months close in order, once they are over. Cut off in between, the same command does the ' +
        'rest.',
    )
    .requiredOption('--anchor <slug>', 'whose books', slugArgument)
    .requiredOption('--period <month>', 'the month, as YYYY-MM', monthArgument)
    .option('--by <name>', 'who signs (default: the anchor)', signerArgument)
    .option('--dry-run', 'print what would be signed and write nothing')
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CloseFlags>();
      process.exitCode = await withExisting(flags, (wayledger) => close(wayledger, flags));
    });
}

function signerArgument(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('The name of who signs.');
}

async function close(wayledger: Wayledger, flags: CloseFlags): Promise<number> {
  const { anchor, period: month, dryRun = false, json = false } = flags;
  const meta = metaOf(flags);
  if (dryRun) {
    await catchUpShown(wayledger, 'read');
    const preview = await wayledger.query(new ClosePreviewQuery(meta, anchor, month));
    if (preview.refusal !== null) throw new CommandRefused([preview.refusal]);
    if (json) await printJson({ anchor, month, dryRun, ...signedOf(preview) });
    else await print(signedText(anchor, month, preview, 'would be signed (nothing was written)'));
    return EXIT.done;
  }
  await catchUpShown(wayledger, 'settle');
  const { events } = await wayledger.execute(
    Object.assign(new ClosePeriod(), { anchor, month, meta }),
  );
  await catchUpShown(wayledger, 'settle');
  const signed = await wayledger.query(new TrialBalanceQuery(anchor, month));
  if (json) await printJson({ anchor, month, dryRun, events, ...signedOf(signed) });
  else await print(signedText(anchor, month, signed, good('signed')));
  return EXIT.done;
}

function metaOf({ anchor, period, by = anchor }: CloseFlags): CommandMeta {
  const recordedAt = systemClock.now();
  const occurredOn = dayOf(recordedAt);
  const actor = { id: by, role: 'anchor', organisation: anchor } as const;
  const commandId = randomId<'command'>();
  const canonical = JSON.stringify({ close: period, anchor, actor, commandId });
  const correlationId = randomId<'correlation'>();
  return { commandId, correlationId, actor, occurredOn, recordedAt, canonical };
}

function signedOf({ lines, accounts, hash }: TrialBalance) {
  return { trialBalance: lines, accounts, hash };
}

function signedText(
  anchor: Slug,
  month: Month,
  { lines, accounts, hash }: TrialBalance,
  what: string,
): string {
  const rows = lines.map(({ account, balance }) => [account, pounds(balance)]);
  const total = lines.reduce((sum, { balance }) => sum + balance, 0n);
  return (
    `${bold(`Trial balance of ${anchor}, ${month}`)}: ${what}\n` +
    table(
      ['account', 'GBP'],
      [...rows, [bold('adds up to'), bold(pounds(total))]],
      ['left', 'right'],
    ) +
    `${accounts} accounts, SHA-256 ${hash}\n` +
    dim('Commitments of one provider are one line; the hash is over every single account.\n')
  );
}
