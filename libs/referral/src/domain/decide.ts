import {
  addDays,
  addMonths,
  isRefusal,
  refuse,
  type CivilDate,
  type Moment,
  inTheFuture,
} from '#kernel';
import {
  happened,
  known,
  open,
  ownAnchor,
  type Data,
  type Decided,
  type Protected,
} from './rules.js';
import type { Scheme, SchemeOf } from './scheme.js';
import { isLive, type Referral, type ReferralState } from './state.js';

export * from './decide-correction.js';
export * from './decide-outcome.js';
export * from './decide-place.js';
export * from './decide-prescription.js';
export * from './decide-reprice.js';
export * from './decide-session.js';

export function refer(
  state: ReferralState,
  data: Omit<Data<'Referred'>, 'scheme' | 'firstContactDueOn'>,
  protectedData: Protected<'Referred'>,
  scheme: Scheme,
  moment: Moment,
): Decided {
  const { on } = moment;
  if (state !== null) {
    return refuse('already-referred', 'This referral exists already: give a new one a new id.', {
      field: 'referral',
    });
  }
  const future = inTheFuture(moment);
  if (future !== null) return future;
  if (!scheme.routes.includes(data.route)) {
    return refuse(
      'route-not-allowed',
      `Scheme ${scheme.name} takes no referrals by the route ${data.route}; ` +
        `it takes: ${scheme.routes.join(', ')}.`,
      { field: 'route' },
    );
  }
  if (scheme.identity === 'needed') {
    const missing = (['name', 'contact'] as const).find((field) => !protectedData[field]);
    if (missing !== undefined) {
      return refuse('identity-needed', `Scheme ${scheme.name} needs a name and a contact.`, {
        field: missing,
      });
    }
  }
  const { firstContactDays } = scheme.clocks;
  return [
    {
      type: 'Referred',
      data: {
        ...data,
        scheme: { name: scheme.name, version: scheme.version },
        ...(firstContactDays && { firstContactDueOn: addDays(on, firstContactDays) }),
      },
      protectedData,
    },
  ];
}

export function accept(
  state: ReferralState,
  data: Data<'ReferralAccepted'>,
  protectedData: Protected<'ReferralAccepted'>,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  if (referral.acceptedBy.includes(data.by)) return [];
  return [{ type: 'ReferralAccepted', data, protectedData }];
}

export function decline(
  state: ReferralState,
  data: Data<'ReferralDeclined'>,
  protectedData: Protected<'ReferralDeclined'>,
  moment: Moment,
): Decided {
  const referral = open(state, moment);
  if (isRefusal(referral)) return endedAlready(state, data.by, moment) ? [] : referral;
  if (referral.prescriptions.some(isLive)) return livePrescriptions('declined');
  return [{ type: 'ReferralDeclined', data, protectedData }];
}

export function assignLinkWorker(
  state: ReferralState,
  data: Data<'LinkWorkerAssigned'>,
  moment: Moment,
): Decided {
  const referral = open(state, moment);
  if (isRefusal(referral)) return referral;
  if (referral.linkWorker === data.linkWorker) return [];
  return [{ type: 'LinkWorkerAssigned', data }];
}

export function recordConsent(
  state: ReferralState,
  data: Data<'ConsentRecorded'>,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  if (data.scopes.every((scope) => referral.consent.includes(scope))) return [];
  return [{ type: 'ConsentRecorded', data }];
}

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
  data: Data<'ContactMade'>,
  protectedData: Protected<'ContactMade'>,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  if (referral.firstContactOn !== undefined) return [{ type: 'ContactMade', data, protectedData }];
  const followUpDueOn = nextFollowUp(referral, schemeOf, moment.on);
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
  const referral = known(state, moment);
  if (isRefusal(referral)) return referral;
  const stranger = ownAnchor(referral, moment.actor);
  if (stranger !== null) return stranger;
  if (referral.firstContactOn === undefined) {
    return refuse(
      'no-first-contact',
      'A follow-up comes after a first contact, and none is recorded: record the contact first.',
    );
  }
  const followUpDueOn = nextFollowUp(referral, schemeOf, moment.on);
  return [
    {
      type: 'FollowedUp',
      data: { ...data, ...(followUpDueOn && { followUpDueOn }) },
      protectedData,
    },
  ];
}

export function close(
  state: ReferralState,
  protectedData: Protected<'ReferralClosed'>,
  moment: Moment,
): Decided {
  const referral = open(state, moment);
  if (isRefusal(referral)) return endedAlready(state, undefined, moment) ? [] : referral;
  if (referral.prescriptions.some(isLive)) return livePrescriptions('closed');
  return [{ type: 'ReferralClosed', data: {}, protectedData }];
}

/** The person comes back, or the end was premature: what was recorded goes on from there. */
export function reopen(
  state: ReferralState,
  protectedData: Protected<'ReferralReopened'>,
  moment: Moment,
): Decided {
  const referral = known(state, moment);
  if (isRefusal(referral)) return referral;
  const stranger = ownAnchor(referral, moment.actor);
  if (stranger !== null) return stranger;
  const { endedOn } = referral;
  if (endedOn === undefined) {
    return refuse('not-ended', 'The referral is neither closed nor declined: it is open.', {
      field: 'referral',
    });
  }
  if (moment.on < endedOn) {
    return refuse('before-the-end', `${moment.on} is before the referral ended, ${endedOn}.`, {
      field: 'at',
      data: { at: moment.on, endedOn },
    });
  }
  return [{ type: 'ReferralReopened', data: {}, protectedData }];
}

/** The same end on the same day again is nothing new, except from a stranger. */
function endedAlready(
  state: ReferralState,
  declinedBy: string | undefined,
  { on, actor }: Moment,
): boolean {
  if (state?.endedOn !== on || state.declinedBy !== declinedBy) return false;
  return ownAnchor(state, actor) === null;
}

/** Nothing is due any more once the referral has ended. */
function nextFollowUp(
  { scheme, endedOn }: Referral,
  schemeOf: SchemeOf,
  on: CivilDate,
): CivilDate | undefined {
  const { followUpMonths } = schemeOf(scheme).clocks;
  if (followUpMonths === undefined || endedOn !== undefined) return undefined;
  return addMonths(on, followUpMonths);
}

function livePrescriptions(verb: string) {
  return refuse(
    'live-prescriptions',
    `A referral with live prescriptions cannot be ${verb}: complete or cancel them, ` +
      'or record the drop-out, first.',
  );
}
