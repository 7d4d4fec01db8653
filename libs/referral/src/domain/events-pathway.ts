import { shape } from '#kernel';
import {
  CONTACT_MODES,
  CONTACT_OUTCOMES,
  DECIDERS,
  REFERRAL_KINDS,
  ROUTES,
  RULE_RESULTS,
  WORKER_KINDS,
} from './words.js';

export const minutes = shape.integer({ minimum: 0, description: 'minutes' });
export const reason = shape.optional(
  shape.text('why, in the words of a reason list or of the person'),
);
export const note = shape.optional(shape.text());
export const schemeVersion = shape.object({
  name: shape.slug('scheme'),
  version: shape.integer({ minimum: 1 }),
});
/** Who went past a cap or a capacity on purpose; why is protected. */
export const override = shape.optional(shape.object({ by: shape.slug('role') }));

const contact = {
  mode: shape.word(CONTACT_MODES),
  minutes,
  place: shape.optional(shape.slug('place')),
  workerKind: shape.word(WORKER_KINDS),
  accompanied: shape.optional(shape.flag()),
};

/** From the referral to its end: who, by whom, when next, and what was said. */
export const pathwayEvents = {
  Referred: {
    version: 1,
    about: 'A person is referred to an anchor; the stream of a referral begins here.',
    data: shape.object({
      person: shape.id('person'),
      anchor: shape.slug('anchor'),
      area: shape.slug('area'),
      scheme: schemeVersion,
      kind: shape.optional(shape.word(REFERRAL_KINDS)),
      route: shape.word(ROUTES),
      referrer: shape.optional(shape.slug('organisation')),
      prefilledFrom: shape.optional(
        shape.object({ system: shape.slug('system'), at: shape.instant() }),
      ),
      ageAtReferral: shape.optional(shape.integer({ minimum: 0 })),
      /** Decided under the scheme, so that a caseload never looks a policy up again. */
      firstContactDueOn: shape.optional(shape.date()),
    }),
    protectedData: shape.object({
      name: shape.optional(shape.text()),
      contact: shape.optional(shape.text('telephone, e-mail or address')),
      dateOfBirth: shape.optional(shape.date()),
      nhsNumber: shape.optional(shape.text()),
      chiNumber: shape.optional(shape.text()),
      needs: shape.optional(shape.array(shape.text())),
      reason,
    }),
  },
  EligibilityDecided: {
    version: 1,
    about: "The scheme's rules, each with what it came to.",
    data: shape.object({
      policy: schemeVersion,
      eligible: shape.flag(),
      rules: shape.array(
        shape.object({ rule: shape.slug('rule'), result: shape.word(RULE_RESULTS) }),
      ),
    }),
    protectedData: shape.object({
      conditions: shape.optional(shape.array(shape.text())),
      /** At the referral, where it was said only now. */
      age: shape.optional(shape.integer({ minimum: 0 })),
    }),
  },
  ReferralAccepted: {
    version: 1,
    about: 'By the person, the anchor or the provider: three different facts.',
    data: shape.object({ by: shape.word(DECIDERS) }),
    protectedData: shape.object({ reason }),
  },
  ReferralDeclined: {
    version: 1,
    about: 'By the person, the anchor or the provider.',
    data: shape.object({ by: shape.word(DECIDERS) }),
    protectedData: shape.object({ reason }),
  },
  LinkWorkerAssigned: {
    version: 1,
    about: 'Who supports the person from now on.',
    data: shape.object({
      linkWorker: shape.slug('link worker'),
      employer: shape.slug('organisation'),
    }),
  },
  ConsentRecorded: {
    version: 1,
    about: 'What the person consents to.',
    data: shape.object({ scopes: shape.array(shape.slug('consent scope')) }),
  },
  ConsentWithdrawn: {
    version: 1,
    about: 'From now on the scopes are no longer consented to; what was said stays.',
    data: shape.object({ scopes: shape.array(shape.slug('consent scope')) }),
  },
  ContactPlanned: {
    version: 1,
    about: 'The next appointment; a later one takes its place.',
    data: shape.object({
      on: shape.date(),
      mode: shape.word(CONTACT_MODES),
      with: shape.optional(shape.slug('link worker')),
    }),
  },
  ContactAttempted: {
    version: 1,
    about: 'Nobody was reached: it is effort all the same.',
    data: shape.object({
      mode: shape.word(CONTACT_MODES),
      outcome: shape.word(CONTACT_OUTCOMES),
      minutes,
    }),
  },
  FirstContactMade: {
    version: 1,
    about: 'The first conversation or visit between link worker and person.',
    /** The first is never past a cap. */
    data: shape.object({ ...contact, followUpDueOn: shape.optional(shape.date()) }),
    protectedData: shape.object({ note }),
  },
  ContactMade: {
    version: 1,
    about: 'A further conversation or visit; effort adds up.',
    data: shape.object({ ...contact, override }),
    protectedData: shape.object({
      note,
      overrideReason: shape.optional(shape.text('why it went past the cap')),
    }),
  },
  FollowedUp: {
    version: 1,
    about: "How things are, on the scheme's clock; also after the referral was closed.",
    data: shape.object({
      window: shape.slug('follow-up window'),
      reached: shape.flag(),
      mode: shape.word(CONTACT_MODES),
      minutes,
      followUpDueOn: shape.optional(shape.date()),
    }),
    protectedData: shape.object({ note }),
  },
  FeedbackSent: {
    version: 1,
    about: 'The referrer is told what became of the person.',
    data: shape.object({
      to: shape.slug('organisation'),
      /** The facts it tells of. */
      covers: shape.array(shape.eventId()),
    }),
  },
  FeedbackAcknowledged: {
    version: 1,
    about: 'The referrer has seen it.',
    data: shape.object({ feedback: shape.eventId(), by: shape.slug('organisation') }),
  },
  ReferralClosed: {
    version: 1,
    about: 'The episode of support is over.',
    data: shape.object({}),
    protectedData: shape.object({ reason, note }),
  },
  ReferralReopened: {
    version: 1,
    about: 'It goes on after all.',
    data: shape.object({}),
    protectedData: shape.object({ reason, note }),
  },
} as const;
