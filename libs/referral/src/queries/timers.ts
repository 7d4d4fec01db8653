import { addDays, type CivilDate, type PrescriptionId, type ReferralId, type Slug } from '#kernel';
import { reading, type StoredRow, type ViewsDatabase } from '#projection';
import type { Due } from '../domain/due.js';
import type { Schemes } from '../domain/scheme.js';
import { referral as projection } from '../projections/referral.js';

/** Something that falls due by itself when its last day is over. */
export interface Timer {
  readonly referral: ReferralId;
  readonly anchor: Slug;
  readonly what: Due['what'];
  readonly prescription?: PrescriptionId;
  readonly component?: Slug;
  readonly lastDay: CivilDate;
}

/** All whose last day is before this one, or all there are; the earliest first. */
export async function timersOf(
  views: ViewsDatabase,
  schemes: Schemes,
  before?: CivilDate,
): Promise<Timer[]> {
  const quietDays = schemes.all.flatMap(({ name, version, clocks: { quietDays: days } }) =>
    days === undefined ? [] : [{ name, version, days }],
  );
  const timers = await reading(views, projection, async (query, table) => {
    const clock = () => query.selectFrom(table('clock')).selectAll();
    const dated = clock().where('what', 'in', ['place', 'outcome']);
    const due = before === undefined ? dated : dated.where('day', '<', before);
    const found = (await due.execute()).map((row) => timerOf(row));
    for (const { name, version, days } of quietDays) {
      const quiet = clock()
        .where('what', '=', 'quiet')
        .where('scheme', '=', name)
        .where('scheme_version', '=', BigInt(version));
      const since = before && addDays(before, -days);
      const rows = await (since === undefined ? quiet : quiet.where('day', '<', since)).execute();
      found.push(...rows.map((row) => timerOf(row, days)));
    }
    return found;
  });
  return timers.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

const sortKey = ({ lastDay, referral, what, prescription, component }: Timer) =>
  [lastDay, referral, what, prescription, component].join(' ');

function timerOf(row: StoredRow, days = 0): Timer {
  const { prescription, component } = row;
  return {
    referral: row['referral'] as ReferralId,
    anchor: row['anchor'] as Slug,
    what: row['what'] as Due['what'],
    ...(prescription !== '' && { prescription: prescription as PrescriptionId }),
    ...(component !== '' && { component: component as Slug }),
    lastDay: addDays(row['day'] as CivilDate, days),
  };
}
