import { createRequire } from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import { CommandRefused, messageOf } from '#kernel';
import { CopyRefused, LogAddressRefused, LogDamaged, LogUnavailable } from '#event-log';
import { KeyStoreBusy, KeyStoreRefused } from '#people';
import { RebuildStopped, ViewsRefused, ViewsUnavailable } from '#projection';
import { SchemeRefused } from '#referral';
import { SheetFileRefused } from '#interop';
import { folderArgument } from './commands/common.js';
import { addBalances } from './commands/balances.js';
import { addCaseload } from './commands/caseload.js';
import { addClocks } from './commands/clocks.js';
import { addChanges } from './commands/changes.js';
import { addClose } from './commands/close.js';
import { addCopyLog } from './commands/copy-log.js';
import { addDemo } from './commands/demo.js';
import { addExport } from './commands/export-journal.js';
import { addFunnel } from './commands/funnel.js';
import { addImport } from './commands/import.js';
import { addPlaces } from './commands/places.js';
import { addRebuild } from './commands/rebuild.js';
import { addReplay } from './commands/replay.js';
import { addSchema } from './commands/schema.js';
import { addSimulate } from './commands/simulate.js';
import { addStatement } from './commands/statement.js';
import { addVerify } from './commands/verify.js';
import { addVolumes } from './commands/volumes.js';
import { EXIT, notice } from './terminal/output.js';
import { DataRefused, StoreAddressRefused } from '#engine';

const { version: VERSION } = createRequire(import.meta.url)('../../../../package.json') as {
  version: string;
};

const HELP = `
Exit codes:
  0  done
  1  something was refused, or a check or copy does not hold: the output says which
  2  the command line cannot be understood
  3  the stores or files could not be used

Try it:
  npx wayledger demo                       a year of invented areas, people and money, proven
  npx wayledger import commands.ndjson     give the commands of a file
  npx wayledger verify                     prove the books from the log`;

function buildProgram(): Command {
  const program = new Command('wayledger')
    .version(VERSION, '--version', 'print the version')
    .description(
      'The engine under social prescribing: referrals as facts, and the money that follows them.',
    )
    .addOption(
      new Option('--data <folder>', 'the folder of log, keys and read models')
        .argParser(folderArgument)
        .default('./data')
        .env('WAYLEDGER_DATA'),
    )
    .addOption(
      new Option(
        '--log <where>',
        'where the log is, if not in that folder: sqlite:<file>, postgres://… or esdb://…',
      ).env('WAYLEDGER_LOG'),
    )
    .addOption(
      new Option(
        '--keys <where>',
        'where the keys are, if not in that folder: sqlite:<file> or postgres://…',
      ).env('WAYLEDGER_KEYS'),
    )
    .addOption(
      new Option(
        '--views <where>',
        'where the read models are, if not in that folder: sqlite:<file> or postgres://…',
      ).env('WAYLEDGER_VIEWS'),
    )
    .option('--json', 'print JSON for machines: amounts in whole pence')
    .addHelpText('after', HELP)
    .showHelpAfterError('(add --help for what there is)')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const add of [
    addImport,
    addSchema,
    addCaseload,
    addPlaces,
    addClocks,
    addVolumes,
    addFunnel,
    addBalances,
    addStatement,
    addReplay,
    addClose,
    addChanges,
    addExport,
    addVerify,
    addRebuild,
    addCopyLog,
    addDemo,
    addSimulate,
  ]) {
    add(program);
  }
  return program;
}

/** What can be wrong with stores and files; their messages say what to do. */
const KNOWN_FAILURES = [
  DataRefused,
  LogAddressRefused,
  StoreAddressRefused,
  CopyRefused,
  LogUnavailable,
  LogDamaged,
  KeyStoreBusy,
  KeyStoreRefused,
  ViewsRefused,
  ViewsUnavailable,
  RebuildStopped,
  SchemeRefused,
  SheetFileRefused,
];

/** Runs one command line and sets the process's exit code. */
export async function run(argv: readonly string[]): Promise<void> {
  // A closed pipe (`| head`) is the reader's right, and no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
  try {
    await buildProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandRefused) {
    notice(error.message);
    return EXIT.notAll;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const isKnown =
    KNOWN_FAILURES.some((kind) => error instanceof kind) ||
    (error as NodeJS.ErrnoException).code !== undefined;
  // Of what nobody foresaw, where it happened is worth more than a short answer.
  const text = isKnown || !(error instanceof Error) ? messageOf(error) : (error.stack ?? '');
  notice(text);
  return EXIT.failed;
}
