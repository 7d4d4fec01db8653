import {
  isRefusal,
  refuse,
  type PrescriptionId,
  type Refusal,
  type SessionId,
  type Moment,
} from '#kernel';
import {
  known,
  ownSession,
  prescriptionOf,
  type Data,
  type Decided,
  type Protected,
} from './rules.js';
import type { SchemeOf } from './scheme.js';
import { takesNumber, type Prescription, type ReferralState, type Session } from './state.js';

/** Which session: its number may be left out, then it is the lowest that is still open. */
export interface SessionWanted {
  readonly prescription: PrescriptionId;
  readonly session: SessionId;
  readonly number?: number;
  readonly insteadOf?: SessionId;
}

export function attend(
  state: ReferralState,
  wanted: SessionWanted,
  rest: Omit<Data<'Attended'>, keyof SessionWanted>,
  moment: Moment,
): Decided {
  const placed = placeSession(state, wanted, { outcome: 'attended' }, moment);
  if (isRefusal(placed)) return placed;
  return placed === 'recorded' ? [] : [{ type: 'Attended', data: { ...placed, ...rest } }];
}

export function miss(
  state: ReferralState,
  wanted: SessionWanted,
  rest: Omit<Data<'Missed'>, keyof SessionWanted | 'makeUp'>,
  protectedData: Protected<'Missed'>,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const makeUp = state !== null && schemeOf(state.scheme).makeUpSessions === 'allowed';
  const left = makeUp ? { makeUp } : {};
  const was = { outcome: rest.class, ...left };
  const placed = placeSession(state, wanted, was, moment);
  if (isRefusal(placed)) return placed;
  return placed === 'recorded'
    ? []
    : [{ type: 'Missed', data: { ...placed, ...rest, ...left }, protectedData }];
}

/** A further register: one that agrees strengthens, one that does not opens a query. */
export function addEvidence(
  state: ReferralState,
  data: Data<'SessionEvidenceAdded'>,
  moment: Moment,
): Decided {
  const referral = known(state, moment);
  if (isRefusal(referral)) return referral;
  const prescription = prescriptionOf(referral, data.prescription);
  if (isRefusal(prescription)) return prescription;
  const stranger = ownSession(referral, prescription, moment.actor);
  if (stranger !== null) return stranger;
  const session = prescription.sessions.find((held) => held.session === data.session);
  if (session === undefined) {
    return refuse(
      'no-such-session',
      'This prescription has no such session: record it before further evidence of it.',
      { field: 'session' },
    );
  }
  if (moment.on < session.on) {
    return refuse('before-the-session', `${moment.on} is before the session, ${session.on}.`, {
      field: 'at',
      data: { at: moment.on, session: session.on },
    });
  }
  const { evidence, says } = data;
  const told = prescription.evidence.some(
    (further) =>
      further.session === data.session &&
      further.says === says &&
      further.evidence.kind === evidence.kind &&
      further.evidence.by === evidence.by &&
      further.evidence.document === evidence.document,
  );
  return told ? [] : [{ type: 'SessionEvidenceAdded', data }];
}

type SessionWas = Pick<Session, 'outcome' | 'makeUp'>;
type Placed = SessionWanted & { readonly number: number };

/**
 * A session that happened is refused only for its day (before the prescription, after its end,
 * after today), for what contradicts an earlier record, and for a stranger: never for money.
 */
function placeSession(
  state: ReferralState,
  wanted: SessionWanted,
  was: SessionWas,
  moment: Moment,
): Placed | 'recorded' | Refusal {
  const referral = known(state, moment);
  if (isRefusal(referral)) return referral;
  const prescription = prescriptionOf(referral, wanted.prescription);
  if (isRefusal(prescription)) return prescription;
  const stranger = ownSession(referral, prescription, moment.actor);
  if (stranger !== null) return stranger;
  const before = prescription.sessions.find(({ session }) => session === wanted.session);
  if (before !== undefined) return again(before, was, wanted, moment);
  const wrongDay = outsidePrescription(prescription, moment);
  if (wrongDay !== null) return wrongDay;
  const number = numberOf(prescription, wanted, was);
  if (isRefusal(number)) return number;
  const { session, insteadOf } = wanted;
  return {
    prescription: wanted.prescription,
    session,
    number,
    ...(insteadOf && { insteadOf }),
  };
}

function again(
  before: Session,
  { outcome }: SessionWas,
  wanted: SessionWanted,
  { on }: Moment,
): 'recorded' | Refusal {
  const same =
    before.outcome === outcome &&
    before.on === on &&
    (wanted.number === undefined || wanted.number === before.number) &&
    (wanted.insteadOf === undefined || wanted.insteadOf === before.insteadOf);
  if (same) return 'recorded';
  return refuse(
    'session-recorded',
    `This session is recorded already: number ${before.number}, ${before.outcome} on ${before.on}. ` +
      'What was wrong is corrected, not recorded again.',
    { field: 'session' },
  );
}

function outsidePrescription(prescription: Prescription, { on }: Moment): Refusal | null {
  const { prescribedOn, endedOn, status } = prescription;
  if (on < prescribedOn) {
    return refuse(
      'before-the-prescription',
      `${on} is before it was prescribed, ${prescribedOn}.`,
      {
        field: 'at',
        data: { at: on, prescribedOn },
      },
    );
  }
  if (endedOn !== undefined && on > endedOn) {
    return refuse(
      'after-the-end',
      `${on} is after the prescription ended, ${endedOn} (${status}).`,
      {
        field: 'at',
        data: { at: on, endedOn },
      },
    );
  }
  return null;
}

/** A session called off by the provider, or to be made up, leaves its number open. */
function numberOf(
  prescription: Prescription,
  wanted: SessionWanted,
  was: SessionWas,
): number | Refusal {
  const taken = new Set(prescription.sessions.filter(takesNumber).map(({ number }) => number));
  if (wanted.insteadOf !== undefined) {
    return numberInstead(prescription, wanted.insteadOf, wanted.number, taken);
  }
  if (wanted.number !== undefined) {
    // It may take none: another session may have been held already.
    if (!takesNumber(was) || !taken.has(wanted.number)) return wanted.number;
    return refuse(
      'number-taken',
      `Session number ${wanted.number} of this prescription is recorded already.`,
      { field: 'number' },
    );
  }
  return lowestOpen(taken);
}

function numberInstead(
  prescription: Prescription,
  insteadOf: SessionId,
  wanted: number | undefined,
  taken: ReadonlySet<number>,
): number | Refusal {
  const first = prescription.sessions.find(({ session }) => session === insteadOf);
  if (first === undefined || takesNumber(first)) {
    return refuse(
      'nothing-to-replace',
      'A session is held instead of one that the provider called off (provider-logistics) or ' +
        'that may be made up, and this prescription has no such one.',
      { field: 'insteadOf' },
    );
  }
  const chain = chainOf(prescription, first);
  const replaced = prescription.sessions.some(
    (session) =>
      takesNumber(session) && [...chainOf(prescription, session)].some((one) => chain.has(one)),
  );
  if (replaced) {
    return refuse('replaced-already', 'Another session was held instead of that one already.', {
      field: 'insteadOf',
    });
  }
  // Its number may have gone to a session that did not say whose place it takes.
  const number = taken.has(first.number) ? lowestOpen(taken) : first.number;
  if (wanted !== undefined && wanted !== number) {
    return refuse('other-number', `The session in its place has number ${number}.`, {
      field: 'number',
    });
  }
  return number;
}

/** A session and those it was held instead of: they all stand for the one that was first missed. */
function chainOf({ sessions }: Prescription, last: Session): ReadonlySet<SessionId> {
  const chain = new Set<SessionId>();
  let held: Session | undefined = last;
  // What was voided and recorded again may come back to itself.
  while (held !== undefined && !chain.has(held.session)) {
    chain.add(held.session);
    const before: SessionId | undefined = held.insteadOf;
    held = sessions.find(({ session }) => session === before);
  }
  return chain;
}

function lowestOpen(taken: ReadonlySet<number>): number {
  let number = 1;
  while (taken.has(number)) number += 1;
  return number;
}
