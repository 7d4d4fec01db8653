import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { deriveId, type CivilDate, type PrescriptionId, type ReferralId, type Slug } from '#kernel';
import { BalancesQuery, EntriesQuery, type AccountBalance, type LedgerEntry } from '#funding';
import { CaseloadQuery, ReferralQuery } from '#referral';
import { importFile } from '../importer.js';
import { EXIT, bold, dim, good, pounds, print, table } from '../terminal/output.js';
import { progressLine } from '../terminal/progress.js';
import type { OpenOptions, Wayledger } from '#engine';
import { balancesText } from './balances.js';
import { caseloadText } from './caseload.js';
import { catchUpShown, storesOf, withWayledger, type CommonOptions } from './common.js';
import { checkText, conclusion, runChecks } from './verify.js';

const YEAR = fileURLToPath(
  new URL('../../../../../apps/cli/demo/north-year.ndjson', import.meta.url),
);
const NAMESPACE = 'north-year';
const NORTH = 'north' as Slug;
const LINK_WORKER = 'lw-b' as Slug;
/** The last day of the year. */
const TODAY = '2026-03-31' as CivilDate;
/** Whose money is told: a missed session, a late register and a drop-out are in it. */
const PERSON = 'ref-28';
const PRESCRIPTION = 'ref-28-gardening';
const FOLDER = './data/demo';

export function addDemo(program: Command): void {
  program
    .command('demo')
    .summary('a year of one invented anchor, from import to proven books')
    .description(
      'Imports an invented year of one anchor through the real command handlers into a durable log ' +
        "on disk, and shows a caseload, one person's money, the books, and the checks. " +
        `Works in ${FOLDER} unless --data names another folder, and takes no log from the environment.`,
    )
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CommonOptions>();
      const isGiven = (option: string) => command.parent?.getOptionValueSource(option) === 'cli';
      const data = isGiven('data') ? flags.data : FOLDER;
      // Invented people must never come into a log that only the environment names.
      const stores = isGiven('log') ? storesOf({ ...flags, data }) : { data };
      process.exitCode = await withWayledger(stores, (wayledger) => show(wayledger, stores));
    });
}

async function show(wayledger: Wayledger, { data, log }: OpenOptions): Promise<number> {
  await print(
    `${bold('Wayledger: a year of one anchor')}\n` +
      dim('Everything here is invented: people, providers, prices.\n\n'),
  );
  const refused = await loadYear(wayledger);
  const caseload = await caseloadText(wayledger, new CaseloadQuery(LINK_WORKER, TODAY), 12);
  await print(`\n${caseload}\n`);
  await print(`${await personText(wayledger)}\n`);
  const balances = await wayledger.query(new BalancesQuery(NORTH));
  await print(`${balancesText(NORTH, withCommitmentsFolded(balances))}\n`);
  await print(`${bold('Proof')}\n`);
  const checks = await runChecks(wayledger, (check) => print(checkText(check)));
  const failed = checks.filter(({ ok }) => !ok).length;
  await print(conclusion(checks.length, failed));
  const where = `--data ${data}${log === undefined ? '' : ' --log …'}`;
  await print(
    `\nLook around:\n` +
      `  npx wayledger balances --anchor north ${where}\n` +
      `  npx wayledger caseload --link-worker lw-a --today 2026-03-31 ${where}\n` +
      `  npx wayledger export journal --anchor north ${where} > north.journal\n`,
  );
  return failed === 0 && refused === 0 ? EXIT.done : EXIT.notAll;
}

async function loadYear(wayledger: Wayledger): Promise<number> {
  const started = performance.now();
  let events = 0;
  const bar = progressLine('importing a year', 'bytes');
  const summary = await importFile(
    wayledger,
    { file: YEAR, namespace: NAMESPACE, asRecorded: true },
    (result, done, total) => {
      if (result.status === 'accepted') events += result.events.length;
      bar.update(done, total);
    },
  );
  bar.end();
  await catchUpShown(wayledger, 'settle');
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { lines, accepted, unchanged, refused } = summary;
  const known = unchanged > 0 ? `, ${unchanged} known from an earlier run` : '';
  await print(
    `${good(String(accepted))} of ${lines} commands accepted${known}, ${refused} refused: ` +
      `${events} events, and what follows from them, on disk in ${seconds} s\n`,
  );
  return refused;
}

function idOf<K extends 'referral' | 'prescription'>(kind: K, name: string) {
  return deriveId<K>('name', NAMESPACE, kind, name);
}

async function personText(wayledger: Wayledger): Promise<string> {
  const referral: ReferralId = idOf('referral', PERSON);
  const prescription: PrescriptionId = idOf('prescription', PRESCRIPTION);
  const view = await wayledger.query(new ReferralQuery(referral));
  const entries = await wayledger.query(new EntriesQuery(NORTH, { prescription }));
  const taken = view?.state.prescriptions.find((each) => each.prescription === prescription);
  const title =
    `${bold(`The money that follows ${view?.name ?? 'one person'}`)}: ${taken?.service ?? ''} ` +
    `at ${taken?.provider ?? ''}, ${taken?.plannedSessions ?? 0} sessions planned\n`;
  const rows = entries.map((entry) => {
    const { occurred, recorded, rule } = entry;
    const late = recorded > occurred ? `recorded ${recorded}` : '';
    const moved = (head: string) => pounds(-sumOf(entry, head));
    return [occurred, rule, moved('committed'), moved('accrued'), moved('available'), late];
  });
  const heads = ['happened', 'what', 'committed', 'earned', 'back to the pot', ''];
  return title + table(heads, rows, ['left', 'left', 'right', 'right', 'right', 'left']);
}

function sumOf({ lines }: LedgerEntry, head: string): bigint {
  return lines
    .filter(({ account }) => account.includes(`:${head}:`))
    .reduce((total, { amount }) => total + amount, 0n);
}

/** One line for all commitments to a provider: a page has no room for every person. */
function withCommitmentsFolded(balances: readonly AccountBalance[]): AccountBalance[] {
  const folded = new Map<string, AccountBalance>();
  for (const line of balances) {
    const account = line.account.replace(/:committed:[^:]+:([^:]+):.*$/u, ':committed:…:$1');
    const balance = (folded.get(account)?.balance ?? 0n) + line.balance;
    folded.set(account, { ...line, account, balance });
  }
  return [...folded.values()].sort((a, b) => (a.account < b.account ? -1 : 1));
}
