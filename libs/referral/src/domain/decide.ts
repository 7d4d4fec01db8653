import { addDays, isRefusal, refuse, type Moment, type Refusal, inTheFuture } from '#kernel';
import {
  anyTime,
  beforeWhatHappened,
  happened,
  open,
  ownAnchor,
  type Data,
  type Decided,
  type Protected,
} from './rules.js';
import { notEligible } from './eligibility.js';
import { kindsOf, needsOf, type Scheme, type SchemeOf } from './scheme.js';
import { isLive, type ReferralState } from './state.js';
import type { ReferralKind } from './words.js';

export * from './decide-assessment.js';
export * from './decide-contact.js';
export * from './decide-correction.js';
export * from './decide-feedback.js';
export * from './decide-outcome.js';
export * from './decide-place.js';
export * from './decide-prescription.js';
export * from './decide-reprice.js';
export * from './decide-session.js';
export * from './decide-support.js';
export { decideEligibility } from './eligibility.js';

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
  const { dateOfBirth } = protectedData;
  if (dateOfBirth !== undefined && dateOfBirth > on) {
    // The date itself is protected, and no message repeats it.
    return refuse('born-after-the-referral', `The date of birth is after the referral, ${on}.`, {
      field: 'dateOfBirth',
    });
  }
  const kind = kindUnder(scheme, data.kind);
  if (isRefusal(kind)) return kind;
  if (needsOf(scheme, kind).identity === 'needed') {
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
        ...(kind && { kind }),
        scheme: { name: scheme.name, version: scheme.version },
        ...(firstContactDays && { firstContactDueOn: addDays(on, firstContactDays) }),
      },
      protectedData,
    },
  ];
}

/** Its kind where the scheme tells kinds apart; the only one goes without saying. */
function kindUnder(
  scheme: Scheme,
  kind: ReferralKind | undefined,
): ReferralKind | undefined | Refusal {
  const kinds = kindsOf(scheme);
  const meant = kind ?? (kinds.length === 1 ? kinds[0] : undefined);
  if (kinds.length === 0 ? kind === undefined : meant !== undefined && kinds.includes(meant)) {
    return meant;
  }
  return kinds.length === 0
    ? refuse(
        'kind-not-used',
        `Scheme ${scheme.name} does not tell kinds of referral apart: leave kind out.`,
        { field: 'kind' },
      )
    : refuse(
        kind === undefined ? 'kind-needed' : 'kind-not-taken',
        `Scheme ${scheme.name} takes referrals of these kinds: ${kinds.join(', ')}; say which.`,
        { field: 'kind' },
      );
}

export function accept(
  state: ReferralState,
  data: Data<'ReferralAccepted'>,
  protectedData: Protected<'ReferralAccepted'>,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  if (referral.acceptedBy.includes(data.by)) return [];
  const not = notEligible(referral, schemeOf(referral.scheme));
  if (not !== null) return not;
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
  const early = beforeWhatHappened(referral, moment);
  if (early !== null) return early;
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

/** At any time, after the end too; scopes that were never consented to have nothing to withdraw. */
export function withdrawConsent(
  state: ReferralState,
  data: Data<'ConsentWithdrawn'>,
  moment: Moment,
): Decided {
  const referral = anyTime(state, moment);
  if (isRefusal(referral)) return referral;
  const scopes = data.scopes.filter((scope) => referral.consent.includes(scope));
  return scopes.length === 0 ? [] : [{ type: 'ConsentWithdrawn', data: { scopes } }];
}

export function close(
  state: ReferralState,
  protectedData: Protected<'ReferralClosed'>,
  moment: Moment,
): Decided {
  const referral = open(state, moment);
  if (isRefusal(referral)) return endedAlready(state, undefined, moment) ? [] : referral;
  if (referral.prescriptions.some(isLive)) return livePrescriptions('closed');
  const early = beforeWhatHappened(referral, moment);
  if (early !== null) return early;
  return [{ type: 'ReferralClosed', data: {}, protectedData }];
}

/** The person comes back, or the end was premature: what was recorded goes on from there. */
export function reopen(
  state: ReferralState,
  protectedData: Protected<'ReferralReopened'>,
  moment: Moment,
): Decided {
  const referral = anyTime(state, moment);
  if (isRefusal(referral)) return referral;
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

function livePrescriptions(verb: string) {
  return refuse(
    'live-prescriptions',
    `A referral with live prescriptions cannot be ${verb}: complete or cancel them, ` +
      'or record the drop-out, first.',
  );
}
