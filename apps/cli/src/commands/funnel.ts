import type { Command } from 'commander';
import type { CivilDate, Slug } from '#kernel';
import { FunnelQuery, type FunnelCounted, type FunnelSpan } from '#referral';
import { barChart, wrapped, type BarRow } from '../terminal/charts.js';
import { EXIT, bold, dim, print, printJson } from '../terminal/output.js';
import {
  catchUpShown,
  dateArgument,
  slugArgument,
  withExisting,
  type CommonOptions,
} from './common.js';

interface FunnelFlags extends CommonOptions {
  readonly anchor: Slug;
  readonly from?: CivilDate;
  readonly to?: CivilDate;
}

export function addFunnel(program: Command): void {
  program
    .command('funnel')
    .summary('how far the people referred came, how long they waited, why they stopped')
    .description(
      'Of the referrals that an anchor received in a span of days, counts how many came how far by ' +
        'now, each number with what it is counted out of; waits for the first contact; how ' +
        'prescriptions ended; and why people stopped, as far as they said so by a code.',
    )
    .requiredOption('--anchor <slug>', 'whose referrals', slugArgument)
    .option('--from <date>', 'only those received on this day or after it', dateArgument)
    .option('--to <date>', 'only those received on this day or before it', dateArgument)
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<FunnelFlags>();
      const { anchor, from, to } = flags;
      if (from !== undefined && to !== undefined && to < from) {
        command.error(`error: --to ${to} is before --from ${from}: nothing can lie between them`);
      }
      process.exitCode = await withExisting(flags, async (wayledger) => {
        await catchUpShown(wayledger, 'read');
        const funnel = await wayledger.query(new FunnelQuery(anchor, { from, to }));
        if (flags.json === true) await printJson({ anchor, from, to, ...funnel });
        else {
          await print(bold(`Referrals to ${anchor}${spanText({ from, to })}\n`));
          await print(funnelText(funnel));
        }
        return EXIT.done;
      });
    });
}

function spanText({ from, to }: FunnelSpan): string {
  return `${from === undefined ? '' : ` from ${from}`}${to === undefined ? '' : ` up to ${to}`}`;
}

/** Lines of text that is no table. */
const TEXT_COLUMNS = 78;
/** So that the bars of all charts begin in the same column. */
const LABEL_COLUMNS = 22;

export function funnelText(funnel: FunnelCounted): string {
  if (receivedOf(funnel) === 0) return 'No referrals were received.\n';
  const parts = [stepsText, waitsText, prescriptionsText, dropOutsText];
  return parts
    .map((part) => part(funnel))
    .filter((text) => text !== '')
    .join('\n');
}

type Step = FunnelCounted['steps'][number]['step'];

const STEP_WORDS: Readonly<Record<Step, string>> = {
  received: 'referred',
  accepted: 'accepted',
  seen: 'seen by a link worker',
  prescribed: 'prescribed',
  attended: 'attendance recorded',
  completed: 'completed at least one',
};

const receivedOf = ({ steps }: FunnelCounted) =>
  steps.find(({ step }) => step === 'received')?.count ?? 0;

function stepsText(funnel: FunnelCounted): string {
  const { steps, declined, acceptedThenDeclined, undecided } = funnel;
  const countOf = (step: Step) => steps.find((one) => one.step === step)?.count ?? 0;
  const rows = steps.map(({ step, of, count }): BarRow => {
    const label = STEP_WORDS[step];
    return of === null
      ? { label, count }
      : { label, count, note: dim(`of ${countOf(of)} ${STEP_WORDS[of]}`) };
  });
  const no = Object.values(declined).reduce((total, count) => total + count);
  const by = [
    [declined.person, 'by the person'],
    [declined.anchor, 'by the anchor'],
    [declined.provider, 'by a provider'],
  ] as const;
  const who = by.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  const first = acceptedThenDeclined === 0 ? '' : `; ${acceptedThenDeclined} after being accepted`;
  const declinedWords = no === 0 ? '0 declined' : `${no} declined (${who.join(', ')}${first})`;
  const last = `Of ${receivedOf(funnel)} referred ${declinedWords}, ${undecided} not yet decided.`;
  // Else it looks like a mistake: a funnel that grows wider.
  const noRegister =
    countOf('completed') > countOf('attended') ? ' Not every service keeps a register.' : '';
  const chart = barChart(rows, { whole: receivedOf(funnel), labelColumns: LABEL_COLUMNS });
  return chart + wrapped(`${last}${noRegister}`, TEXT_COLUMNS, '  ');
}

function waitsText({ firstContact }: FunnelCounted): string {
  const { bands, medianDays, waiting, endedUnseen } = firstContact;
  const seen = bands.reduce((total, { count }) => total + count, 0);
  const unseen = `${waiting} still waiting, ${endedUnseen} ended without one`;
  if (medianDays === null) return `Nobody had a first contact: ${unseen}.\n`;
  const rows = bands.map(({ days, count }, index): BarRow => {
    const before = index === 0 ? null : (bands[index - 1]?.days ?? null);
    const from = before === null ? 'within' : `${before + 1} to`;
    const label = days === null ? `longer than ${before ?? 0} days` : `${from} ${days} days`;
    return { label, count };
  });
  const title = `First contact: days that the ${seen} who were seen had waited`;
  return (
    `${bold(title)} (median ${medianDays})\n` +
    barChart(rows, { labelColumns: LABEL_COLUMNS }) +
    `  Not among them: ${unseen}.\n`
  );
}

function prescriptionsText({ prescriptions }: FunnelCounted): string {
  const counts = Object.entries(prescriptions).filter(([, count]) => count > 0);
  if (counts.length === 0) return '';
  const made = counts.reduce((total, [, count]) => total + count, 0);
  const rows = counts.map(([status, count]) => ({ label: status.replaceAll('-', ' '), count }));
  return (
    `${bold(`How the ${made} prescriptions stand`)}\n` +
    barChart(rows, { labelColumns: LABEL_COLUMNS })
  );
}

function dropOutsText({ dropOuts }: FunnelCounted): string {
  const { fromPrescription, fromReferral, reasons } = dropOuts;
  const all = fromPrescription + fromReferral;
  if (all === 0) return 'Nobody dropped out.\n';
  const { codes, notStated, inWords, erased, unreadable } = reasons;
  const others = [
    [notStated, 'not stated'],
    [inWords, 'in their own words'],
    [erased, 'erased'],
    [unreadable, 'unreadable'],
  ] as const;
  const rows = [
    ...codes.map(({ code, count }) => ({ label: code.replaceAll('-', ' '), count })),
    ...others.filter(([count]) => count > 0).map(([count, label]) => ({ label, count })),
  ];
  return (
    `${bold('Why people stopped')}\n` +
    barChart(rows, { labelColumns: LABEL_COLUMNS }) +
    `  ${all} drop-outs: ${fromPrescription} from one prescription, ` +
    `${fromReferral} from the whole support.\n`
  );
}
