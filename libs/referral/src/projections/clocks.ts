import type { ReferralId } from '#kernel';
import type { Rows, Table } from '#projection';
import { dueOf, dueOfChanged, type Due } from '../domain/due.js';
import type { Referral, ReferralState } from '../domain/state.js';

/**
 * The timers: what of each referral falls due by itself, derived anew after every fact, so that a
 * correction moves them too. Nothing fires here: a process reads it and gives commands.
 */
export const CLOCK_TABLE: Table = {
  name: 'clock',
  columns: {
    referral: 'text',
    what: 'text',
    /** The prescription, and of an outcome its component; empty for the whole referral. */
    prescription: 'text',
    component: 'text',
    anchor: 'text',
    /** Its last day; of a quiet referral the day on which something was last heard. */
    day: 'text',
    scheme: 'text',
    scheme_version: 'integer',
  },
  key: ['referral', 'what', 'prescription', 'component'],
  indexes: [['what', 'day']],
};

export function reduceClocks(
  id: ReferralId,
  before: ReferralState,
  after: Referral,
  rows: Rows,
): void {
  const { was, is } = before === null ? { was: [], is: dueOf(after) } : dueOfChanged(before, after);
  if (was.length + is.length === 0) return;
  const known = new Map(was.map((due) => [nameOf(due), due]));
  const { anchor, scheme } = after;
  for (const due of is) {
    const name = nameOf(due);
    const dueBefore = known.get(name)?.on;
    known.delete(name);
    if (dueBefore === due.on) continue;
    const [what, prescription, component] = keyOf(due);
    rows.put('clock', {
      ...{ referral: id, what, prescription, component, anchor, day: due.on },
      ...{ scheme: scheme.name, scheme_version: BigInt(scheme.version) },
    });
  }
  for (const gone of known.values()) rows.remove('clock', id, ...keyOf(gone));
}

const nameOf = (due: Due) => keyOf(due).join(' ');

function keyOf(due: Due): readonly [Due['what'], string, string] {
  switch (due.what) {
    case 'place':
      return [due.what, due.prescription, ''];
    case 'outcome':
      return [due.what, due.prescription, due.component];
    case 'quiet':
      return [due.what, '', ''];
    default:
      return ((never: never) => never)(due);
  }
}
