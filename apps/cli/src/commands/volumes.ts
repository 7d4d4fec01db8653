import type { Command } from 'commander';
import { addMonths, monthOf, type CivilDate, type Month, type Slug } from '#kernel';
import { VolumesQuery, type Volume } from '#referral';
import { EXIT, bold, print, printJson, table } from '../terminal/output.js';
import { catchUpShown, slugArgument, withExisting, type CommonOptions } from './common.js';

interface VolumesFlags extends CommonOptions {
  readonly anchor: Slug;
}

export function addVolumes(program: Command): void {
  program
    .command('volumes')
    .summary('how many referrals came, by which route and from whom')
    .description(
      'Counts the referrals of an anchor by the month they were received in: by route, with the ' +
        'share of each, and by referrer, so that a slow start is seen for what it is.',
    )
    .requiredOption('--anchor <slug>', 'whose referrals', slugArgument)
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<VolumesFlags>();
      const { anchor } = flags;
      process.exitCode = await withExisting(flags, async (wayledger) => {
        await catchUpShown(wayledger, 'read');
        const volumes = await wayledger.query(new VolumesQuery(anchor));
        if (flags.json === true) await printJson({ anchor, volumes });
        else await print(volumesText(anchor, volumes));
        return EXIT.done;
      });
    });
}

export function volumesText(anchor: Slug, volumes: readonly Volume[]): string {
  if (volumes.length === 0) return `${anchor} received no referrals yet.\n`;
  const months = monthsOf(volumes);
  const received = sum(volumes, (one) => one.received);
  const accepted = sum(volumes, (one) => one.accepted);
  const declined = sum(volumes, (one) => one.declined);
  return (
    `${bold(`Referrals to ${anchor}`)}\n` +
    byMonth('route', months, volumes, ({ route }) => route) +
    '\n' +
    byMonth('referrer', months, volumes, ({ referrer }) => referrer ?? '(no organisation)') +
    `${received} received, ${accepted} accepted, ${declined} declined\n`
  );
}

/** From the first to the last, those in which nobody came too. */
function monthsOf(volumes: readonly Volume[]): readonly Month[] {
  const known = volumes.map(({ month }) => month).sort();
  const last = known.at(-1);
  const months = known.slice(0, 1);
  for (let month = months[0]; month !== undefined && last !== undefined && month < last;) {
    month = monthOf(addMonths(`${month}-01` as CivilDate, 1));
    months.push(month);
  }
  return months;
}

/** One row for each of what they are grouped by, one column a month, and the share of the whole. */
function byMonth(
  title: string,
  months: readonly Month[],
  volumes: readonly Volume[],
  groupOf: (volume: Volume) => string,
): string {
  const whole = sum(volumes, ({ received }) => received);
  const groups = [...new Set(volumes.map(groupOf))].sort();
  const rowOf = (name: string, mine: readonly Volume[]) => {
    const total = sum(mine, ({ received }) => received);
    const each = months.map((month) =>
      sum(
        mine.filter((volume) => volume.month === month),
        ({ received }) => received,
      ),
    );
    return [name, ...each.map(String), String(total), `${Math.round((100 * total) / whole)}%`];
  };
  const rows = groups.map((group) =>
    rowOf(
      group,
      volumes.filter((volume) => groupOf(volume) === group),
    ),
  );
  return table([title, ...months, 'all', 'share'], [...rows, rowOf('all', volumes)]);
}

function sum(volumes: readonly Volume[], of: (volume: Volume) => number): number {
  return volumes.reduce((total, volume) => total + of(volume), 0);
}
