export { Referrals, referralStream, type ReferralAnswer } from './commands/referrals.js';
export {
  RESERVATIONS,
  type QuoteWanted,
  type Reservations,
  type Reserved,
  type TermsVersion,
} from './commands/reservations.js';
export { abandonPrescription } from './domain/decide.js';
export {
  referralEvents,
  type ReferralEvent,
  type ReferralFact,
  type ReferralFactOf,
} from './domain/events.js';
export {
  effective,
  standing,
  type Amended,
  type Correction,
  type Entry,
} from './domain/entries.js';
export { instrumentOf, scoreOf } from './domain/instruments.js';
export { SchemeRefused } from './domain/scheme.js';
export { offsetInYaml } from './domain/scheme-file.js';
export { sentenceOf } from './domain/sentences.js';
export { evolve as evolveReferral } from './domain/evolve.js';
export {
  PRESCRIPTION_STATUSES,
  REFERRAL_STATUSES,
  initialState as initialReferral,
  isLive,
  statusOf,
  type EndStatus,
  type Prescription,
  type Referral,
  type ReferralState,
  type ReferralStatus,
} from './domain/state.js';
export {
  EARLY_ENDS,
  FEE_CLASSES,
  MISSED_CLASSES,
  PRICE_BASES,
  RECOGNITIONS,
  componentOf,
  sessionPrice,
  termsShape,
  type Component,
  type ComponentOf,
  type EarlyEnd,
  type MissedClass,
  type Priced,
  type Recognition,
  type Reservation,
  type Terms,
} from './domain/terms.js';
export {
  ReferralModule,
  SCHEMES_FOLDER,
  loadSchemes,
  referralCommands,
} from './referral.module.js';
export { NEXT_ACTIONS } from './projections/caseload.js';
export { volumes } from './projections/volumes.js';
export { referral } from './projections/referral.js';
export { Clocks, type Fired } from './processes/clocks.js';
export { PLACE_WAIT_MS, PlaceSettlement } from './processes/place-settlement.js';
export { CaseloadQuery, type Caseload, type CaseloadItem } from './queries/caseload.js';
export { VolumesQuery, type Volume } from './queries/volumes.js';
export { type KnownBy } from './queries/known.js';
export { ReferralQuery, type ReferralView } from './queries/referral.js';
export { ClocksQuery } from './queries/clocks.js';
export { PlacesQuery, type ServicePlaces, type WaitingForPlace } from './queries/places.js';
export { type Timer } from './queries/timers.js';
export { FindReferralQuery, type FoundReferral } from './queries/find-referral.js';
export { FUNNEL_STEPS } from './domain/funnel.js';
export { FunnelQuery, type FunnelCounted, type FunnelSpan } from './queries/funnel.js';
export { CONTACT_MODES, REFERRAL_KINDS, DECIDERS, ROUTES } from './domain/words.js';
