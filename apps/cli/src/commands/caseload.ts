import type { Command } from 'commander';
import { dayOf, systemClock, type CivilDate, type Slug } from '#kernel';
import { CaseloadQuery, type CaseloadItem } from '#referral';
import { EXIT, bad, bold, dim, print, printJson, table } from '../terminal/output.js';
import {
  catchUpShown,
  dateArgument,
  slugArgument,
  withExisting,
  type CommonOptions,
} from './common.js';
import { dayOfCut, knownBy, withKnownAt, type KnownAtFlag } from './known-at.js';
import type { Wayledger } from '../wayledger.js';

interface CaseloadFlags extends CommonOptions, KnownAtFlag {
  readonly linkWorker: Slug;
  readonly today?: CivilDate;
}

export function addCaseload(program: Command): void {
  withKnownAt(program.command('caseload'))
    .summary("a link worker's open referrals, by what is due")
    .description("Shows a link worker's open referrals, by next action, overdue first.")
    .requiredOption('--link-worker <slug>', 'whose caseload', slugArgument)
    .option(
      '--today <date>',
      'the day to look from (default: today, or that of --known-at)',
      dateArgument,
    )
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CaseloadFlags>();
      process.exitCode = await withExisting(flags, async (wayledger) => {
        await catchUpShown(wayledger, 'read');
        const query = await queryOf(wayledger, flags);
        if (flags.json === true) {
          const knownAt = flags.knownAt?.text;
          await printJson({ ...(await wayledger.query(query)), knownAt });
        } else await print(await caseloadText(wayledger, query));
        return EXIT.done;
      });
    });
}

async function queryOf(
  wayledger: Wayledger,
  { linkWorker, knownAt, today }: CaseloadFlags,
): Promise<CaseloadQuery> {
  const now = dayOf(systemClock.now());
  if (knownAt === undefined) return new CaseloadQuery(linkWorker, today ?? now);
  const known = await knownBy(wayledger, knownAt);
  return new CaseloadQuery(linkWorker, today ?? (await dayOfCut(wayledger, knownAt)) ?? now, known);
}

export async function caseloadText(
  wayledger: Pick<Wayledger, 'query'>,
  query: CaseloadQuery,
  max = Infinity,
): Promise<string> {
  const { linkWorker, today } = query;
  const { items, totals } = await wayledger.query(query);
  const title = bold(`Caseload of ${linkWorker} on ${today}`);
  if (items.length === 0) return `${title}\nNo open referrals are assigned to ${linkWorker}.\n`;
  const shown = items.slice(0, max);
  const rows = shown.map((item) => rowOf(item));
  const more = items.length - shown.length;
  return (
    `${title}\n` +
    table(['due', 'what', 'person', 'state', 'waiting', 'last contact', 'live', 'changed'], rows) +
    (more > 0 ? dim(`… and ${more} more\n`) : '') +
    `${totals.open} open, ${totals.overdue} overdue, ` +
    `${totals.waitingForFirstContact} waiting for a first contact, ` +
    `${totals.livePrescriptions} live prescriptions\n`
  );
}

function rowOf(item: CaseloadItem): string[] {
  const due = item.nextActionOn ?? '-';
  return [
    item.overdue ? bad(due) : due,
    `${item.nextAction ?? '-'}${item.consent ? '' : dim(' (ask consent)')}`,
    item.name ?? dim(item.referral.slice(0, 8)),
    item.status,
    item.daysWaiting === null ? '-' : `${item.daysWaiting} days`,
    item.lastContact ?? '-',
    String(item.livePrescriptions),
    `${item.lastChange} ${item.lastChangeOn}`,
  ];
}
