import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInMemory, machineOf, versions } from './machine.ts';
import { HELP, UsageError, readOptions, type Options } from './options.ts';
import { NoPostgres, openDatabases } from './postgres-server.ts';
import { keep, type RowResult } from './results.ts';
import type { Context, Row } from './row.ts';
import { append } from './rows/append.ts';
import { asKnown } from './rows/as-known.ts';
import { command } from './rows/command.ts';
import { growth } from './rows/growth.ts';
import { lag } from './rows/lag.ts';
import { ledger } from './rows/ledger.ts';
import { rebuild } from './rows/rebuild.ts';
import { tableOf } from './table.ts';
import { targetsOf, verdictsOf } from './targets.ts';

const ROWS: readonly Row[] = [append, command, rebuild, ledger, asKnown, lag, growth];
const ROOT = join(import.meta.dirname, '..', '..');
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_STORE = 3;
/** As a shell says that a signal ended something. */
const SIGNALLED = 128;
const RESULTS = join(ROOT, 'bench', 'results');

/** Progress goes to the terminal's side channel, so that the table alone can be kept. */
function say(text: string): void {
  const seconds = Math.round(performance.now() / 1_000);
  process.stderr.write(
    `[${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}] ${text}\n`,
  );
}

/** What fails takes nothing from the others: a run is long. */
async function resultOf(
  row: Row,
  given: Omit<Context, 'say'>,
  stopped: AbortSignal,
): Promise<RowResult> {
  const { name, title } = row;
  const tell = (text: string): void => {
    say(`${name}: ${text}`);
  };
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  try {
    const figures = await row.run({ ...given, say: tell });
    return { name, title, seconds: seconds(), figures };
  } catch (error) {
    // What was stopped in the middle fails.
    if (!stopped.aborted) {
      tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const failed = error instanceof Error ? error.message : String(error);
    return { name, title, seconds: seconds(), figures: [], failed };
  }
}

async function bench(options: Options): Promise<void> {
  const at = new Date().toISOString();
  const scratch = mkdtempSync(join(tmpdir(), 'wayledger-bench-'));
  const folder = () => mkdtempSync(join(scratch, 'data-'));
  const postgres = await openDatabases().catch((error: unknown) => {
    rmSync(scratch, { recursive: true, force: true });
    throw error;
  });
  const clear = async (): Promise<void> => {
    await postgres.stop();
    rmSync(scratch, { recursive: true, force: true });
  };
  const stopped = onStop(clear);
  try {
    const machine = machineOf(scratch);
    if (isInMemory(scratch)) say(`${tmpdir()} is in memory: nothing durable can be measured there`);
    const rows: RowResult[] = [];
    for (const row of ROWS) {
      if (options.only.length > 0 && !options.only.includes(row.name)) continue;
      rows.push(await resultOf(row, { options, postgres, folder }, stopped));
      if (stopped.aborted) return;
    }
    if (rows.some(({ failed }) => failed !== undefined)) process.exitCode = EXIT_FAILED;
    const measured = rows.flatMap(({ figures }) => figures);
    const results = {
      ...{ at, machine, versions: versions(ROOT, postgres.version) },
      ...{ postgresSettings: postgres.settings, options, rows },
      verdicts: options.quick ? [] : verdictsOf(targetsOf(options), measured),
    };
    process.stdout.write(`\n${tableOf(results)}\n`);
    for (const file of await keep(results, RESULTS)) process.stdout.write(`${file}\n`);
  } finally {
    if (!stopped.aborted) await clear();
  }
}

/** Who stops a run is left without results, and without gigabytes that nobody needs. */
function onStop(clear: () => Promise<void>): AbortSignal {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopped.signal.aborted) return;
      say('stopped: clearing up');
      stopped.abort();
      void clear().finally(() => process.exit(SIGNALLED + constants.signals[signal]));
    });
  }
  return stopped.signal;
}

try {
  const options = readOptions(
    process.argv.slice(2),
    ROWS.map(({ name }) => name),
  );
  if (options === null) process.stdout.write(HELP);
  else await bench(options);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof NoPostgres)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_STORE;
}
