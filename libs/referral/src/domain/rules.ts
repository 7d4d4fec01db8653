import {
  inTheFuture,
  refuse,
  type Actor,
  type Decision,
  type Moment,
  type PrescriptionId,
  type Refusal,
  type Slug,
} from '#kernel';
import type { ReferralEvent, ReferralEventOf } from './events.js';
import { needsOf, type Scheme } from './scheme.js';
import type { Prescription, Referral, ReferralState } from './state.js';

export type Decided = Decision<ReferralEvent>;
export type Data<T extends ReferralEvent['type']> = ReferralEventOf<T>['data'];
export type Protected<T extends ReferralEvent['type']> = Exclude<
  ReferralEventOf<T>['protectedData'],
  undefined
>;

/** What every command on a referral must satisfy; the referral it is about, or why not. */
export function open(state: ReferralState, moment: Moment): Referral | Refusal {
  const referral = known(state, moment);
  if ('refused' in referral) return referral;
  return ownAnchor(referral, moment.actor) ?? notEnded(referral, moment) ?? referral;
}

/** As `open`; and what happened on a day up to the end may also be recorded after it. */
export function happened(state: ReferralState, moment: Moment): Referral | Refusal {
  const referral = known(state, moment);
  if ('refused' in referral) return referral;
  if (referral.endedOn !== undefined && moment.on <= referral.endedOn) {
    return ownAnchor(referral, moment.actor) ?? referral;
  }
  return open(state, moment);
}

/** As `known`, for its own anchor: what may be told at any time, long after the end too. */
export function anyTime(state: ReferralState, moment: Moment): Referral | Refusal {
  const referral = known(state, moment);
  if ('refused' in referral) return referral;
  return ownAnchor(referral, moment.actor) ?? referral;
}

/** The referral, whether it has ended or not, for a day that it can be about. */
export function known(state: ReferralState, moment: Moment): Referral | Refusal {
  const { on } = moment;
  if (state === null) {
    return refuse('no-such-referral', 'There is no such referral: refer the person first.', {
      field: 'referral',
    });
  }
  const future = inTheFuture(moment);
  if (future !== null) return future;
  if (on < state.receivedOn) {
    return refuse(
      'before-the-referral',
      `${on} is before the referral was received, ${state.receivedOn}.`,
      { field: 'at', data: { at: on, receivedOn: state.receivedOn } },
    );
  }
  return state;
}

export function ownAnchor(referral: Referral, actor: Actor): Refusal | null {
  if (actor.organisation === referral.anchor) return null;
  return notTheirs(actor.organisation, `anchor ${referral.anchor}`);
}

/** Sessions may also come from the provider that held them. */
export function ownSession(
  referral: Referral,
  prescription: Prescription,
  actor: Actor,
): Refusal | null {
  const { anchor } = referral;
  const { provider } = prescription;
  if ([anchor, provider].includes(actor.organisation)) return null;
  return notTheirs(actor.organisation, `anchor ${anchor} or provider ${provider}`);
}

function notTheirs(organisation: Slug, owners: string): Refusal {
  return refuse(
    'not-your-referral',
    `${organisation} cannot do this: the referral is with ${owners}.`,
    { field: 'actor.organisation' },
  );
}

function notEnded(referral: Referral, { on }: Moment): Refusal | null {
  if (referral.endedOn === undefined) return null;
  if (referral.declinedBy !== undefined) {
    return refuse('referral-declined', `The referral was declined on ${referral.endedOn}.`);
  }
  return refuse(
    'referral-closed',
    `The referral was closed on ${referral.endedOn}; ${on} cannot change it any more.`,
  );
}

/** A referral ends on or after the last day on which something is recorded of it. */
export function beforeWhatHappened(referral: Referral, { on }: Moment): Refusal | null {
  const { firstContactOn, lastContactOn, prescriptions, reopenedOn, receivedOn } = referral;
  const days = prescriptions.flatMap(({ prescribedOn, sessions, endedOn }) => [
    prescribedOn,
    endedOn,
    ...sessions.map((session) => session.on),
  ]);
  const last = [receivedOn, firstContactOn, lastContactOn, reopenedOn, ...days].reduce(
    (latest, day) => (day !== undefined && (latest === undefined || day > latest) ? day : latest),
    undefined,
  );
  if (last === undefined || on >= last) return null;
  return refuse(
    'ends-too-early',
    `${on} is before the last day on which something is recorded of it, ${last}.`,
    { field: 'at', data: { at: on, last } },
  );
}

export function prescriptionOf(referral: Referral, id: PrescriptionId): Prescription | Refusal {
  const found = referral.prescriptions.find(({ prescription }) => prescription === id);
  if (found !== undefined) return found;
  const abandoned = referral.abandoned.some((given) => given.prescription === id);
  return refuse(
    abandoned ? 'prescription-abandoned' : 'no-such-prescription',
    abandoned
      ? 'This prescription was abandoned: its money was reserved and it was never prescribed.'
      : 'This referral has no such prescription: check its id, or prescribe first.',
    { field: 'prescription' },
  );
}

/** What the scheme wants done before anything is prescribed; `null`: all of it is. */
export function supportMissing(referral: Referral, scheme: Scheme): Refusal | null {
  const { linkWorker, plan } = needsOf(scheme, referral.kind);
  if (linkWorker === 'needed' && referral.linkWorker === undefined) {
    return refuse(
      'link-worker-needed',
      `Scheme ${scheme.name} prescribes through a link worker: assign one first.`,
    );
  }
  if (plan === 'needed' && referral.planAgreedOn === undefined) {
    return refuse(
      'plan-needed',
      `Scheme ${scheme.name} prescribes what a plan says: agree one with the person first.`,
    );
  }
  return null;
}
