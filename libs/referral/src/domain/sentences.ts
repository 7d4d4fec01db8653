import { formatPence } from '#kernel';
import type { pathwayEvents } from './events-pathway.js';
import type { prescriptionEvents } from './events-prescription.js';
import type { supportEvents } from './events-support.js';
import type { ReferralEvent, ReferralEventOf, ReferralFact } from './events.js';

type Sentences<T extends ReferralEvent['type']> = {
  readonly [K in T]: (data: ReferralEventOf<K>['data']) => string;
};
type TypesOf<C> = keyof C & ReferralEvent['type'];

const words = (word: string) => word.replaceAll('-', ' ');
const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
const list = (all: readonly string[]) => all.map(words).join(', ');
/** Enough of an opaque id to tell it from its neighbours. */
const short = (id: string) => id.slice(0, 8);
const after = (lead: string, value: string | undefined) =>
  value === undefined ? '' : `${lead}${value}`;
const past = (override: { readonly by: string } | undefined, what: string) =>
  override === undefined ? '' : `, past ${what} by the ${words(override.by)}`;

type Effort = Pick<
  ReferralEventOf<'ContactMade'>['data'],
  'mode' | 'minutes' | 'place' | 'workerKind' | 'accompanied' | 'override'
>;
const effort = ({ mode, minutes, place, workerKind, accompanied, override }: Effort) =>
  `by ${words(mode)}${after(' at ', place)}, ${counted(minutes, 'minute')}, by a ${words(workerKind)}` +
  `${accompanied === true ? ', accompanied' : ''}${past(override, 'the cap')}`;

const pathway: Sentences<TypesOf<typeof pathwayEvents>> = {
  Referred: ({ anchor, scheme, route, kind, referrer, firstContactDueOn }) =>
    `Referred to ${anchor} by ${words(route)}${after(' of ', referrer)}` +
    `${after(', ', kind)}, under scheme ${scheme.name} version ${scheme.version}` +
    `${after('; first contact is due by ', firstContactDueOn)}.`,
  EligibilityDecided: ({ eligible, policy, rules }) =>
    `Found ${eligible ? '' : 'not '}eligible under ${policy.name} version ${policy.version}: ` +
    `${rules.map(({ rule, result }) => `${words(rule)} ${words(result)}`).join(', ')}.`,
  ReferralAccepted: ({ by }) => `Accepted by the ${by}.`,
  ReferralDeclined: ({ by }) => `Declined by the ${by}.`,
  LinkWorkerAssigned: ({ linkWorker, employer }) =>
    `Assigned to link worker ${linkWorker} of ${employer}.`,
  ConsentRecorded: ({ scopes }) => `Consent given: ${list(scopes)}.`,
  ConsentWithdrawn: ({ scopes }) => `Consent withdrawn: ${list(scopes)}.`,
  ContactPlanned: ({ on, mode, with: whom }) =>
    `A contact was planned for ${on} by ${words(mode)}${after(' with ', whom)}.`,
  ContactAttempted: ({ mode, outcome, minutes }) =>
    `A contact was tried by ${words(mode)}, ${counted(minutes, 'minute')}: ${words(outcome)}.`,
  FirstContactMade: ({ followUpDueOn, ...contact }) =>
    `First contact ${effort(contact)}${after('; follow-up is due by ', followUpDueOn)}.`,
  ContactMade: (contact) => `Contact ${effort(contact)}.`,
  FollowedUp: ({ window, reached, mode, minutes, followUpDueOn }) =>
    `Follow-up (${words(window)}) by ${words(mode)}, ${counted(minutes, 'minute')}: ` +
    `${reached ? 'reached' : 'not reached'}${after('; the next is due by ', followUpDueOn)}.`,
  FeedbackSent: ({ to, covers }) => `Feedback sent to ${to} on ${counted(covers.length, 'fact')}.`,
  FeedbackAcknowledged: ({ by, feedback }) => `Feedback ${short(feedback)} acknowledged by ${by}.`,
  ReferralClosed: () => 'The referral was closed.',
  ReferralReopened: () => 'The referral was reopened.',
};

const support: Sentences<TypesOf<typeof supportEvents>> = {
  BarrierIdentified: () => 'A barrier was identified.',
  NeedUnmet: () => 'A need could not be met.',
  Signposted: ({ service, provider }) =>
    `Signposted${after(' to ', service)}${after(' at ', provider)}.`,
  ConcernRaised: ({ source, because }) =>
    `A concern was raised (${words(source)}${after(', because of event ', because)}).`,
  AssessmentRecorded: ({ instrument, purpose, mode, explainedToPerson }) =>
    `Assessment ${instrument} (${words(purpose)}) by ${words(mode)}, ` +
    `${explainedToPerson ? '' : 'not '}explained to the person.`,
  AssessmentDeclined: ({ instrument, purpose }) =>
    `Assessment ${instrument} (${words(purpose)}) was declined.`,
  ServiceUseRecorded: ({ source, from, to }) =>
    `Service use from ${from} to ${to} was recorded from ${words(source)}.`,
  PlanAgreed: ({ because }) => `A plan was agreed${after(' because of event ', because)}.`,
  PlanAmended: ({ because }) => `The plan was amended${after(' because of event ', because)}.`,
  TierChanged: ({ from, to }) => `Tier changed${after(' from ', from)} to ${to}.`,
  LevelOfSupportSet: ({ from, to }) =>
    `Level of support set to ${words(to)}${after(', before ', from && words(from))}.`,
};

type Priced = ReferralEventOf<'Prescribed'>['data']['priced'];
const priceOf = (priced: Priced) =>
  priced === undefined
    ? ', free of charge'
    : `, for up to ${formatPence(priced.commitment.amount)} under agreement ${priced.agreement} ` +
      `version ${priced.version}`;

type CorrectedData = ReferralEventOf<'EntryCorrected'>['data'];
const amendment = ({ kind, amended = {} }: CorrectedData) => {
  if (kind === 'void') return 'it was not so';
  const changes = Object.entries(amended).map(([field, value]) => `${field} ${String(value)}`);
  return changes.length === 0 ? 'protected values' : changes.join(', ');
};

const prescribing: Sentences<TypesOf<typeof prescriptionEvents>> = {
  Offered: ({ offer, service, provider, levelOfSupport }) =>
    `Offered ${service} at ${provider} (offer ${short(offer)}, ${words(levelOfSupport)}).`,
  OfferRefused: ({ offer }) => `Offer ${short(offer)} was refused.`,
  Prescribed: ({ prescription, continues, service, provider, plannedSessions, ...more }) =>
    `Prescribed ${service} at ${provider} (prescription ${short(prescription)}` +
    after(', in place of ', continues && short(continues)) +
    `${after(', planned sessions: ', plannedSessions?.toString())})${priceOf(more.priced)}` +
    `${past(more.override, 'the capacity')}.`,
  PrescriptionAbandoned: ({ prescription, reservation }) =>
    `Prescription ${short(prescription)} never came to be: ` +
    `${formatPence(reservation.amount)} reserved for it go back to ${reservation.pot}.`,
  PrescriptionDeclined: ({ prescription, by }) =>
    `Prescription ${short(prescription)} was declined by the ${by}.`,
  PrescriptionCancelled: ({ prescription, by }) =>
    `Prescription ${short(prescription)} was cancelled by the ${by}.`,
  PlaceWaitlisted: ({ prescription }) => `Prescription ${short(prescription)} waits for a place.`,
  PlaceOffered: ({ prescription, lapsesOn, override }) =>
    `A place was offered for prescription ${short(prescription)}` +
    `${after(', to be taken up by ', lapsesOn)}${past(override, 'the capacity')}.`,
  PlaceLapsed: ({ prescription }) =>
    `The place for prescription ${short(prescription)} was not taken up and lapsed.`,
  Attended: ({ prescription, number, insteadOf, mode, late, accompaniedBy, evidence }) =>
    `Attended session ${number} of prescription ${short(prescription)}` +
    after(', instead of session ', insteadOf && short(insteadOf)) +
    `${after(', ', mode && words(mode))}${late === true ? ', late' : ''}` +
    `${after(', accompanied by ', accompaniedBy)}; ${words(evidence.kind)} by ${evidence.by}.`,
  Missed: ({ prescription, number, class: missed, makeUp }) =>
    `Missed session ${number} of prescription ${short(prescription)} (${words(missed)})` +
    `${makeUp === true ? '; it can be made up' : ''}.`,
  SessionEvidenceAdded: ({ session, says, evidence }) =>
    `A further ${words(evidence.kind)} by ${evidence.by} says ${says} of session ${short(session)}.`,
  PrescriptionCompleted: ({ prescription }) => `Prescription ${short(prescription)} was completed.`,
  DroppedOut: (data) =>
    data.scope === 'referral'
      ? 'Dropped out of all prescriptions.'
      : `Dropped out of prescription ${short(data.prescription)}.`,
  PrescriptionRepriced: ({ prescription, agreement, version, from }) =>
    `From ${from} on, prescription ${short(prescription)} is priced by agreement ${agreement} ` +
    `version ${version}.`,
  OutcomeDetermined: ({ prescription, component, instrument, met, agreement, version }) =>
    `Outcome ${component} of prescription ${short(prescription)} was ${met ? '' : 'not '}met ` +
    `by ${instrument}, under agreement ${agreement} version ${version}.`,
  OutcomeLapsed: ({ prescription, component, windowEnd }) =>
    `The window of outcome ${component} of prescription ${short(prescription)} ended on ` +
    `${windowEnd} with no outcome.`,
  EntryCorrected: (data) =>
    `${data.kind === 'void' ? 'Voided' : 'Amended'} event ${data.corrects}: ${amendment(data)} ` +
    `(${words(data.reasonCode)}, asked for by ${data.requestedBy}` +
    `${after(', approved by ', data.approvedBy)}).`,
};

const SENTENCES: Sentences<ReferralEvent['type']> = { ...pathway, ...support, ...prescribing };

/** What a fact says, in a sentence; protected values are not in it. */
export function sentenceOf(fact: ReferralFact): string {
  // Each type has the sentence of its own data.
  const tell = SENTENCES[fact.type] as (data: ReferralFact['data']) => string;
  return tell(fact.data);
}
