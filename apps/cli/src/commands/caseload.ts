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
import type { Wayledger } from '#engine';

interface CaseloadFlags extends CommonOptions, KnownAtFlag {
  readonly linkWorker?: Slug;
  readonly referrer?: Slug;
  readonly today?: CivilDate;
}

export function addCaseload(program: Command): void {
  withKnownAt(program.command('caseload'))
    .summary("a link worker's open referrals, by what is due")
    .description(
      "Shows a link worker's open referrals (or a referring practice's, or the practice's share of " +
        "a link worker's), by next action, overdue first.",
    )
    .option('--link-worker <slug>', 'whose caseload', slugArgument)
    .option('--referrer <slug>', 'only who was referred by this organisation', slugArgument)
    .option(
      '--today <date>',
      'the day to look from (default: today, or that of --known-at)',
      dateArgument,
    )
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<CaseloadFlags>();
      if (flags.linkWorker === undefined && flags.referrer === undefined) {
        command.error(
          "error: say whose caseload: '--link-worker <slug>', '--referrer <slug>' or both",
        );
      }
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
  { linkWorker, referrer, knownAt, today }: CaseloadFlags,
): Promise<CaseloadQuery> {
  const now = dayOf(systemClock.now());
  if (knownAt === undefined) return new CaseloadQuery(linkWorker, today ?? now, referrer);
  const known = await knownBy(wayledger, knownAt);
  const on = today ?? (await dayOfCut(wayledger, knownAt)) ?? now;
  return new CaseloadQuery(linkWorker, on, referrer, known);
}

function waited(days: number | null): string {
  return days === null ? '-' : `${days} day${days === 1 ? '' : 's'}`;
}

/** What a row of a caseload says, column by column. */
const COLUMNS = {
  due: ({ overdue, nextActionOn }) => (overdue ? bad(nextActionOn ?? '-') : (nextActionOn ?? '-')),
  what: ({ nextAction }) => nextAction ?? '-',
  person: ({ name, referral }) => name ?? dim(referral.slice(0, 8)),
  state: ({ status, tier }) => (tier === null ? status : `${status}, ${tier}`),
  waiting: ({ daysWaiting }) => waited(daysWaiting),
  'last contact': ({ lastContact }) => lastContact ?? '-',
  live: ({ livePrescriptions }) => String(livePrescriptions),
  'to ask': (item, today) => dim(askedText(item, today)),
  changed: ({ lastChange, lastChangeOn }) => `${lastChange} ${lastChangeOn}`,
} satisfies Record<string, (item: CaseloadItem, today: CivilDate) => string>;
type Column = keyof typeof COLUMNS;
const ALL_COLUMNS = Object.keys(COLUMNS) as readonly Column[];

/** What of a caseload is shown: all of it unless said otherwise. */
interface CaseloadShown {
  readonly max?: number;
  readonly columns?: readonly Column[];
}

export async function caseloadText(
  wayledger: Pick<Wayledger, 'query'>,
  query: CaseloadQuery,
  { max = Infinity, columns = ALL_COLUMNS }: CaseloadShown = {},
): Promise<string> {
  const { linkWorker, referrer, today } = query;
  const { items, totals } = await wayledger.query(query);
  const by = referrer === undefined ? '' : `referred by ${referrer}`;
  const whose = [linkWorker ?? '', by].filter((part) => part !== '').join(', ');
  const title = bold(`Caseload of ${linkWorker === undefined ? 'those ' : ''}${whose} on ${today}`);
  if (items.length === 0) {
    const are = linkWorker === undefined ? by : `assigned to ${whose}`;
    return `${title}\nNo open referrals are ${are}.\n`;
  }
  const shown = items.slice(0, max);
  const rows = shown.map((item) => columns.map((column) => COLUMNS[column](item, today)));
  const more = items.length - shown.length;
  return (
    `${title}\n` +
    table(columns, rows) +
    (more > 0 ? dim(`… and ${more} more\n`) : '') +
    `${totals.open} open, ${totals.overdue} overdue, ` +
    `${totals.waitingForFirstContact} waiting for a first contact, ` +
    `${totals.livePrescriptions} live prescriptions\n`
  );
}

function askedText({ asks, queries }: CaseloadItem, today: CivilDate): string {
  const { consent, instruments, oneOf, prompt, feedbackDueOn, planReviewOn } = asks;
  const isDue = (on: CivilDate | null) => on !== null && on <= today;
  const cap = prompt?.cap === undefined ? '' : ` of ${prompt.cap}`;
  return [
    ...(consent ? ['consent'] : []),
    ...instruments,
    ...(oneOf.length > 0 ? [oneOf.join(' or ')] : []),
    ...(prompt === null ? [] : [`what next, after ${prompt.contacts}${cap} contacts`]),
    ...(queries > 0 ? [`which register is right, of ${queries}`] : []),
    ...(isDue(planReviewOn) ? ['review of the plan'] : []),
    ...(isDue(feedbackDueOn) ? ['feedback to the referrer'] : []),
  ].join(', ');
}
