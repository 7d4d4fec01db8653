import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import {
  COMMAND_HASHER,
  Codec,
  EVENT_LOG,
  SEALER,
  Streams,
  type CommandHasher,
  type EventLog,
  type Sealer,
} from '#event-log';
import { DirectoryModule, Places } from '#directory';
import { KEY_STORE, type KeyStore } from '#people';
import { AcceptReferral, AcceptReferralHandler } from './commands/accept-referral.js';
import {
  AcknowledgeFeedback,
  AcknowledgeFeedbackHandler,
} from './commands/acknowledge-feedback.js';
import { AddSessionEvidence, AddSessionEvidenceHandler } from './commands/add-session-evidence.js';
import { AgreePlan, AgreePlanHandler } from './commands/agree-plan.js';
import { AmendPlan, AmendPlanHandler } from './commands/amend-plan.js';
import { AssignLinkWorker, AssignLinkWorkerHandler } from './commands/assign-link-worker.js';
import { CancelPrescription, CancelPrescriptionHandler } from './commands/cancel-prescription.js';
import { ChangeTier, ChangeTierHandler } from './commands/change-tier.js';
import { CloseReferral, CloseReferralHandler } from './commands/close-referral.js';
import {
  CompletePrescription,
  CompletePrescriptionHandler,
} from './commands/complete-prescription.js';
import { CorrectEntry, CorrectEntryHandler } from './commands/correct-entry.js';
import { DecideEligibility, DecideEligibilityHandler } from './commands/decide-eligibility.js';
import { DeclineAssessment, DeclineAssessmentHandler } from './commands/decline-assessment.js';
import {
  DeclinePrescription,
  DeclinePrescriptionHandler,
} from './commands/decline-prescription.js';
import { DeclineReferral, DeclineReferralHandler } from './commands/decline-referral.js';
import { LapseOutcome, LapseOutcomeHandler } from './commands/lapse-outcome.js';
import { LapsePlace, LapsePlaceHandler } from './commands/lapse-place.js';
import { OfferPlace, OfferPlaceHandler } from './commands/offer-place.js';
import { DetermineOutcome, DetermineOutcomeHandler } from './commands/determine-outcome.js';
import { IdentifyBarrier, IdentifyBarrierHandler } from './commands/identify-barrier.js';
import { Offer, OfferHandler } from './commands/offer.js';
import { PlanContact, PlanContactHandler } from './commands/plan-contact.js';
import { Prescribe, PrescribeHandler } from './commands/prescribe.js';
import { RaiseConcern, RaiseConcernHandler } from './commands/raise-concern.js';
import { RecordAssessment, RecordAssessmentHandler } from './commands/record-assessment.js';
import { RecordAttendance, RecordAttendanceHandler } from './commands/record-attendance.js';
import { RecordConsent, RecordConsentHandler } from './commands/record-consent.js';
import {
  RecordContactAttempt,
  RecordContactAttemptHandler,
} from './commands/record-contact-attempt.js';
import { RecordContact, RecordContactHandler } from './commands/record-contact.js';
import { RecordDropOut, RecordDropOutHandler } from './commands/record-drop-out.js';
import { RecordFollowUp, RecordFollowUpHandler } from './commands/record-follow-up.js';
import { RecordMissed, RecordMissedHandler } from './commands/record-missed.js';
import { RecordServiceUse, RecordServiceUseHandler } from './commands/record-service-use.js';
import { RecordUnmetNeed, RecordUnmetNeedHandler } from './commands/record-unmet-need.js';
import { Refer, ReferHandler } from './commands/refer.js';
import { Referrals } from './commands/referrals.js';
import { RefuseOffer, RefuseOfferHandler } from './commands/refuse-offer.js';
import { ReopenReferral, ReopenReferralHandler } from './commands/reopen-referral.js';
import { RESERVATIONS, type Reservations } from './commands/reservations.js';
import { Scores } from './commands/scores.js';
import { SendFeedback, SendFeedbackHandler } from './commands/send-feedback.js';
import { SetLevelOfSupport, SetLevelOfSupportHandler } from './commands/set-level-of-support.js';
import { Signpost, SignpostHandler } from './commands/signpost.js';
import { WithdrawConsent, WithdrawConsentHandler } from './commands/withdraw-consent.js';
import { referralEvents } from './domain/events.js';
import { Schemes } from './domain/scheme.js';
import { parseScheme } from './domain/scheme-file.js';
import { evolve } from './domain/evolve.js';
import { initialState } from './domain/state.js';
import { CaseloadHandler } from './queries/caseload.js';
import { ClocksHandler } from './queries/clocks.js';
import { FindReferralHandler } from './queries/find-referral.js';
import { FunnelHandler } from './queries/funnel.js';
import { IdentityReader } from './queries/identity.js';
import { PlacesHandler } from './queries/places.js';
import { ReasonReader } from './queries/reasons.js';
import { ReferralHandler } from './queries/referral.js';
import { VolumesHandler } from './queries/volumes.js';

/** Commands by the name under which they are given. */
export const referralCommands = {
  Refer,
  DecideEligibility,
  AcceptReferral,
  DeclineReferral,
  AssignLinkWorker,
  RecordConsent,
  WithdrawConsent,
  PlanContact,
  RecordContactAttempt,
  RecordContact,
  IdentifyBarrier,
  RecordUnmetNeed,
  Signpost,
  RaiseConcern,
  RecordAssessment,
  DeclineAssessment,
  RecordServiceUse,
  AgreePlan,
  AmendPlan,
  ChangeTier,
  SetLevelOfSupport,
  Offer,
  RefuseOffer,
  Prescribe,
  OfferPlace,
  LapsePlace,
  LapseOutcome,
  DeclinePrescription,
  CancelPrescription,
  RecordAttendance,
  RecordMissed,
  AddSessionEvidence,
  CompletePrescription,
  RecordDropOut,
  DetermineOutcome,
  RecordFollowUp,
  SendFeedback,
  AcknowledgeFeedback,
  CloseReferral,
  ReopenReferral,
  CorrectEntry,
};

/** The folder of scheme files. */
export const SCHEMES_FOLDER = Symbol('SchemesFolder');

/** @throws SchemeRefused naming file, line and key */
export async function loadSchemes(folder: string): Promise<Schemes> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  const texts = files.map((file) => readFile(join(folder, file), 'utf8'));
  return new Schemes(
    (await Promise.all(texts)).map((text, index) => parseScheme(text, files[index] ?? '')),
  );
}

@Module({
  imports: [CqrsModule, DirectoryModule],
  providers: [
    {
      provide: Schemes,
      inject: [SCHEMES_FOLDER],
      useFactory: (folder: string) => loadSchemes(folder),
    },
    {
      provide: Referrals,
      inject: [EVENT_LOG, SEALER, COMMAND_HASHER, RESERVATIONS, Places, Schemes],
      useFactory: (
        log: EventLog,
        sealer: Sealer,
        hasher: CommandHasher,
        reservations: Reservations,
        places: Places,
        schemes: Schemes,
      ) => {
        const fold = { initialState: initialState, evolve };
        const streams = new Streams(log, new Codec(referralEvents, sealer), hasher, fold);
        return new Referrals(streams, reservations, places, schemes);
      },
    },
    ReferHandler,
    AcceptReferralHandler,
    DeclineReferralHandler,
    AssignLinkWorkerHandler,
    RecordConsentHandler,
    PlanContactHandler,
    RecordContactAttemptHandler,
    RecordContactHandler,
    OfferHandler,
    RefuseOfferHandler,
    PrescribeHandler,
    OfferPlaceHandler,
    LapsePlaceHandler,
    LapseOutcomeHandler,
    CancelPrescriptionHandler,
    RecordAttendanceHandler,
    RecordMissedHandler,
    CompletePrescriptionHandler,
    RecordDropOutHandler,
    RecordFollowUpHandler,
    DecideEligibilityHandler,
    WithdrawConsentHandler,
    IdentifyBarrierHandler,
    RecordUnmetNeedHandler,
    SignpostHandler,
    RaiseConcernHandler,
    RecordAssessmentHandler,
    DeclineAssessmentHandler,
    RecordServiceUseHandler,
    AgreePlanHandler,
    AmendPlanHandler,
    ChangeTierHandler,
    SetLevelOfSupportHandler,
    SendFeedbackHandler,
    AcknowledgeFeedbackHandler,
    CloseReferralHandler,
    ReopenReferralHandler,
    CorrectEntryHandler,
    DeclinePrescriptionHandler,
    AddSessionEvidenceHandler,
    DetermineOutcomeHandler,
    {
      provide: Scores,
      inject: [KEY_STORE],
      useFactory: (keys: KeyStore) => new Scores(keys),
    },
    {
      provide: IdentityReader,
      inject: [KEY_STORE],
      useFactory: (keys: KeyStore) => new IdentityReader(keys),
    },
    {
      provide: ReasonReader,
      inject: [EVENT_LOG, KEY_STORE],
      useFactory: (log: EventLog, keys: KeyStore) => new ReasonReader(log, keys),
    },
    CaseloadHandler,
    ClocksHandler,
    PlacesHandler,
    ReferralHandler,
    VolumesHandler,
    FindReferralHandler,
    FunnelHandler,
  ],
  exports: [Referrals, Schemes],
})
export class ReferralModule {}
