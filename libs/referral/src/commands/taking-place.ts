import {
  CommandRefused,
  isRefusal,
  momentOf,
  refuse,
  type CommandMeta,
  type EventId,
  type Moment,
  type PrescriptionId,
  type Slug,
} from '#kernel';
import type { Place, Places } from '#directory';
import { mayOverride, type Placing } from '../domain/decide.js';
import type { Decided } from '../domain/rules.js';
import type { ReferralState } from '../domain/state.js';
import type { Override } from './override.js';
import type { ReferralAnswer, Referrals } from './referrals.js';

export interface PlaceWanted extends Place {
  readonly waitlist?: boolean;
  readonly override?: Override;
  /** The prescription that ends with this one, whose place is taken over. */
  readonly continues?: PrescriptionId;
}

/**
 * Takes a place, then decides on what needs one: two streams are never written in one transaction.
 * What was taken for something that is refused in the end is given back; what a crash leaves is
 * found and freed later.
 * @throws CommandRefused when all places are taken, and neither a list nor a reason was named
 */
export async function decideWithPlace(
  referrals: Referrals,
  places: Places,
  meta: CommandMeta,
  wanted: PlaceWanted,
  decide: (state: ReferralState, moment: Moment, placing?: Placing) => Decided,
): Promise<ReferralAnswer> {
  const { referral } = wanted;
  const { state, commands, version } = await referrals.load(referral);
  const decideOn = (placing?: Placing) =>
    referrals.decideReserved({ meta, referral }, (now, moment) => decide(now, moment, placing));
  const isStale = meta.ifVersion !== undefined && meta.ifVersion !== version;
  if (state === null || isStale || commands.has(meta.commandId)) return decideOn();
  const decision = decide(state, momentOf(meta));
  // No place is taken for what would be refused anyway, or has nothing to do.
  if (isRefusal(decision)) throw new CommandRefused([decision]);
  if (decision.length === 0) return decideOn();
  const { placing, taken } = await takePlace(places, meta, state.anchor, wanted);
  try {
    return await decideOn(placing);
  } catch (error) {
    if (error instanceof CommandRefused && taken !== undefined) {
      await places.giveBack(meta, state.anchor, placeOf(wanted), taken);
    }
    throw error;
  }
}

interface Took {
  readonly placing: Placing;
  readonly taken?: EventId;
}

async function takePlace(
  places: Places,
  meta: CommandMeta,
  anchor: Slug,
  wanted: PlaceWanted,
): Promise<Took> {
  const { waitlist, override, continues } = wanted;
  const not = override && wrongOverride(meta, waitlist);
  if (not) throw new CommandRefused([not]);
  const by = { by: meta.actor.role as string as Slug }; // Every role is a slug.
  const how = { ...(override && { override: by }), ...(continues && { continues }) };
  try {
    const { past, taken } = await places.take(meta, anchor, placeOf(wanted), how);
    const reason = past && override && { override: by, overrideReason: override.reason };
    return { placing: { waitlisted: false, ...reason }, ...(taken && { taken }) };
  } catch (error) {
    const full = error instanceof CommandRefused && error.refusals[0].code === 'places-full';
    if (!full || waitlist !== true) throw error;
    return { placing: { waitlisted: true } };
  }
}

function wrongOverride(meta: CommandMeta, waitlist: boolean | undefined) {
  if (waitlist !== true) return mayOverride(momentOf(meta));
  return refuse(
    'list-or-override',
    'Either on the waiting list or past the capacity: leave one of waitlist and override out.',
    { field: 'waitlist' },
  );
}

function placeOf({ provider, service, prescription, referral }: PlaceWanted): Place {
  return { provider, service, prescription, referral };
}
