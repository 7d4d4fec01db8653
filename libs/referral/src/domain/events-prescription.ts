import { shape } from '#kernel';
import { override, reason } from './events-pathway.js';
import { MISSED_CLASSES, pricedShape, reservationShape, termsShape } from './terms.js';
import {
  CONTACT_MODES,
  CORRECTION_KINDS,
  CORRECTION_REASONS,
  DECIDERS,
  EVIDENCE_KINDS,
  SESSION_MODES,
  SUPPORT_LEVELS,
} from './words.js';

const prescription = shape.id('prescription');
const session = {
  prescription,
  session: shape.id('session'),
  /** Its place among the planned sessions, from 1: odd pence go by it. */
  number: shape.integer({ minimum: 1 }),
  insteadOf: shape.optional(shape.id('session')),
};
const evidence = shape.object({
  kind: shape.word(EVIDENCE_KINDS),
  by: shape.slug('organisation'),
  document: shape.optional(shape.sha256()),
});
const withReason = shape.object({ reason });

/** From the offer to the last session, and what each session was worth in the end. */
export const prescriptionEvents = {
  Offered: {
    version: 1,
    about: 'A service was put to the person.',
    data: shape.object({
      offer: shape.id('offer'),
      service: shape.slug('service'),
      provider: shape.slug('provider'),
      levelOfSupport: shape.word(SUPPORT_LEVELS),
    }),
  },
  OfferRefused: {
    version: 1,
    about: 'The person would rather not; any number of times.',
    data: shape.object({ offer: shape.id('offer') }),
    protectedData: withReason,
  },
  Prescribed: {
    version: 1,
    about:
      'The person takes up a service. Where it has a price, terms and commitment are copied in.',
    data: shape.object({
      prescription,
      offer: shape.optional(shape.id('offer')),
      /** The one it takes the place of, which ends with it: its money comes over. */
      continues: shape.optional(prescription),
      service: shape.slug('service'),
      provider: shape.slug('provider'),
      plannedSessions: shape.optional(shape.integer({ minimum: 1 })),
      levelOfSupport: shape.word(SUPPORT_LEVELS),
      directoryVersion: shape.integer({ minimum: 0 }),
      override,
      /** Absent: a free service, which posts nothing. */
      priced: shape.optional(pricedShape),
    }),
    protectedData: shape.object({
      overrideReason: shape.optional(shape.text('why it went past the capacity')),
    }),
  },
  PrescriptionAbandoned: {
    version: 1,
    about: 'Money was reserved and nothing was prescribed; it is given back.',
    data: shape.object({
      prescription,
      /** What was reserved and is given back. */
      reservation: reservationShape,
      because: shape.eventId(),
    }),
  },
  PrescriptionDeclined: {
    version: 1,
    about: 'It will not happen: the person, the anchor or the provider says so.',
    data: shape.object({ prescription, by: shape.word(DECIDERS) }),
    protectedData: withReason,
  },
  PrescriptionCancelled: {
    version: 1,
    about: 'Mistyped or overtaken; made again where it is needed.',
    data: shape.object({ prescription, by: shape.word(DECIDERS) }),
    protectedData: withReason,
  },
  PlaceWaitlisted: {
    version: 1,
    about: 'All places are taken: the person waits.',
    data: shape.object({ prescription }),
  },
  PlaceOffered: {
    version: 1,
    about: 'A place is there.',
    data: shape.object({
      prescription,
      override,
      /** Decided under the scheme: not taken up by the end of this day, it lapses. */
      lapsesOn: shape.optional(shape.date()),
    }),
    protectedData: shape.object({
      overrideReason: shape.optional(shape.text('why it went past the capacity')),
    }),
  },
  PlaceLapsed: {
    version: 1,
    about: 'The place was not taken up in time.',
    data: shape.object({ prescription }),
  },
  Attended: {
    version: 1,
    about: 'The person was there: one fact a session.',
    data: shape.object({
      ...session,
      late: shape.optional(shape.flag()),
      mode: shape.optional(shape.word(SESSION_MODES)),
      accompaniedBy: shape.optional(shape.slug('link worker')),
      evidence,
    }),
  },
  Missed: {
    version: 1,
    about:
      "The person was not there, or the session did not happen; the provider's own failures never count against the person.",
    data: shape.object({
      ...session,
      class: shape.word(MISSED_CLASSES),
      /** Under a scheme with make-up sessions: its number stays open, it costs nothing. */
      makeUp: shape.optional(shape.flag()),
    }),
    protectedData: withReason,
  },
  SessionEvidenceAdded: {
    version: 1,
    about:
      'A further register of a session: it overwrites nothing, and opens a query where it differs.',
    data: shape.object({
      prescription,
      session: shape.id('session'),
      says: shape.word(['attended', 'missed']),
      evidence,
    }),
  },
  PrescriptionCompleted: {
    version: 1,
    about: 'The person went through with it.',
    data: shape.object({ prescription }),
  },
  DroppedOut: {
    version: 1,
    about:
      'The person stops, from one prescription or from the referral; a reason is never required.',
    data: shape.union([
      shape.object({ scope: shape.literal('prescription'), prescription }),
      shape.object({ scope: shape.literal('referral') }),
    ]),
    protectedData: withReason,
  },
  PrescriptionRepriced: {
    version: 1,
    about:
      'New terms of an agreement that prices at delivery: from that day on, sessions cost so much.',
    data: shape.object({
      prescription,
      agreement: shape.slug('agreement'),
      version: shape.integer({ minimum: 1 }),
      from: shape.date(),
      terms: termsShape,
      because: shape.eventId(),
    }),
  },
  OutcomeDetermined: {
    version: 1,
    about: 'A paired change of one person, met or not; never an unpaired score.',
    data: shape.object({
      prescription,
      component: shape.slug('component'),
      instrument: shape.slug('instrument'),
      /** The two `AssessmentRecorded`. */
      baseline: shape.eventId(),
      followUp: shape.eventId(),
      met: shape.flag(),
      agreement: shape.slug('agreement'),
      version: shape.integer({ minimum: 1 }),
    }),
  },
  OutcomeLapsed: {
    version: 1,
    about: 'The window of an outcome passed without a second score.',
    data: shape.object({
      prescription,
      component: shape.slug('component'),
      windowEnd: shape.date(),
    }),
  },
  EntryCorrected: {
    version: 1,
    about:
      'From now on state and books behave as if the first fact had not been, or had been otherwise; both stay visible.',
    data: shape.object({
      corrects: shape.eventId(),
      kind: shape.word(CORRECTION_KINDS),
      /** The clear fields that change; the protected ones are beside them. */
      amended: shape.optional(
        shape.object({
          on: shape.optional(shape.date()),
          number: shape.optional(shape.integer({ minimum: 1 })),
          class: shape.optional(shape.word(MISSED_CLASSES)),
          late: shape.optional(shape.flag()),
          mode: shape.optional(shape.word([...CONTACT_MODES, 'in-person'] as const)),
          minutes: shape.optional(shape.integer({ minimum: 0 })),
          reached: shape.optional(shape.flag()),
          met: shape.optional(shape.flag()),
        }),
      ),
      reasonCode: shape.word(CORRECTION_REASONS),
      requestedBy: shape.slug('whoever asked for it'),
      approvedBy: shape.optional(shape.slug('approver')),
      document: shape.optional(shape.sha256()),
    }),
    protectedData: shape.object({
      name: shape.optional(shape.text()),
      contact: shape.optional(shape.text('telephone, e-mail or address')),
      dateOfBirth: shape.optional(shape.date()),
      nhsNumber: shape.optional(shape.text()),
      chiNumber: shape.optional(shape.text()),
      needs: shape.optional(shape.array(shape.text())),
      reason,
      note: shape.optional(shape.text()),
      answers: shape.optional(shape.array(shape.union([shape.integer(), shape.nothing()]))),
      raw: shape.optional(shape.integer()),
      scoreHundredths: shape.optional(shape.integer()),
      band: shape.optional(shape.text()),
    }),
  },
} as const;
