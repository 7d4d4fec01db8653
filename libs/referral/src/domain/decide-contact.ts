import {
  addDays,
  addMonths,
  isRefusal,
  refuse,
  type CivilDate,
  type Moment,
  type Refusal,
} from '#kernel';
import { allowContact, capsScheme, type ContactWanted } from './caps.js';
import { anyTime, happened, open, type Data, type Decided, type Protected } from './rules.js';
import type { Scheme, SchemeOf } from './scheme.js';
import type { Referral, ReferralState } from './state.js';

/** A conversation as it is told: who went past a cap follows from the actor. */
export type ContactTold = Omit<Data<'ContactMade'>, 'minutes' | 'override'> &
  Pick<ContactWanted, 'minutes' | 'override'>;

export function planContact(
  state: ReferralState,
  data: Data<'ContactPlanned'>,
  moment: Moment,
): Decided {
  const referral = open(state, moment);
  if (isRefusal(referral)) return referral;
  if (data.on < moment.on) {
    return refuse(
      'planned-in-the-past',
      `${data.on} is before the day of planning, ${moment.on}.`,
      {
        field: 'on',
      },
    );
  }
  return [{ type: 'ContactPlanned', data }];
}

export function attemptContact(
  state: ReferralState,
  data: Data<'ContactAttempted'>,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  return isRefusal(referral) ? referral : [{ type: 'ContactAttempted', data }];
}

/** The first conversation is a fact of its own, exactly once; the people need not know which. */
export function recordContact(
  state: ReferralState,
  { override, ...told }: ContactTold,
  { note }: { readonly note?: string | undefined },
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  const wanted = { ...told, ...(override && { override }) };
  const allowed = allowContact(referral, wanted, capsScheme(referral, schemeOf, moment), moment);
  if (isRefusal(allowed)) return allowed;
  const data = { ...told, ...allowed };
  const protectedData = {
    ...(note !== undefined && { note }),
    ...(allowed.override && override && { overrideReason: override.reason }),
  };
  if (referral.firstContactOn !== undefined) return [{ type: 'ContactMade', data, protectedData }];
  const followUpDueOn = firstFollowUp(schemeOf(referral.scheme), referral, moment.on);
  return [
    {
      type: 'FirstContactMade',
      data: { ...data, ...(followUpDueOn && { followUpDueOn }) },
      protectedData,
    },
  ];
}

/** Allowed after closure too: how people are later is worth knowing. */
export function followUp(
  state: ReferralState,
  data: Omit<Data<'FollowedUp'>, 'followUpDueOn'>,
  protectedData: Protected<'FollowedUp'>,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = anyTime(state, moment);
  if (isRefusal(referral)) return referral;
  const { firstContactOn } = referral;
  if (firstContactOn === undefined) {
    return refuse(
      'no-first-contact',
      'A follow-up comes after a first contact, and none is recorded: record the contact first.',
    );
  }
  const scheme = schemeOf(referral.scheme);
  const noWindow = unknownWindow(scheme, data.window);
  if (noWindow !== null) return noWindow;
  const followUpDueOn = nextFollowUp(scheme, { ...referral, firstContactOn }, data, moment.on);
  return [
    {
      type: 'FollowedUp',
      data: { ...data, ...(followUpDueOn && { followUpDueOn }) },
      protectedData,
    },
  ];
}

function unknownWindow({ name, clocks }: Scheme, window: string): Refusal | null {
  const { followUps } = clocks;
  if (followUps === undefined || followUps.some((one) => one.window === window)) return null;
  return refuse(
    'no-such-window',
    `Scheme ${name} has no follow-up window ${window}; it has: ` +
      `${followUps.map((one) => one.window).join(', ')}.`,
    { field: 'window' },
  );
}

/** Nothing is due any more once the referral has ended. */
function firstFollowUp(
  { clocks }: Scheme,
  { endedOn }: Referral,
  on: CivilDate,
): CivilDate | undefined {
  if (endedOn !== undefined) return undefined;
  const [first] = clocks.followUps ?? [];
  if (first !== undefined) return addDays(on, first.fromDays);
  return clocks.followUpMonths === undefined ? undefined : addMonths(on, clocks.followUpMonths);
}

/** A window is asked for until the person was reached in it, or it is over; then the next one. */
function nextFollowUp(
  { clocks }: Scheme,
  { endedOn, firstContactOn }: Referral & { readonly firstContactOn: CivilDate },
  { window, reached }: { readonly window: string; readonly reached: boolean },
  on: CivilDate,
): CivilDate | undefined {
  if (endedOn !== undefined) return undefined;
  const { followUps, followUpMonths } = clocks;
  if (followUps === undefined) {
    return followUpMonths === undefined ? undefined : addMonths(on, followUpMonths);
  }
  const at = followUps.findIndex((one) => one.window === window);
  const next = followUps
    .slice(reached ? at + 1 : at)
    .find(({ toDays }) => on <= addDays(firstContactOn, toDays));
  return next && addDays(firstContactOn, next.fromDays);
}
