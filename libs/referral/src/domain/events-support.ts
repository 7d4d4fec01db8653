import { shape } from '#kernel';
import { note, reason } from './events-pathway.js';
import { ASSESSMENT_PURPOSES, CONCERN_SOURCES, CONTACT_MODES, SUPPORT_LEVELS } from './words.js';

const coded = shape.object({ code: shape.optional(shape.text('a code of a reason list')), note });
const because = shape.optional(shape.eventId());
const plan = {
  version: 1,
  data: shape.object({ because }),
  protectedData: shape.object({
    goals: shape.optional(shape.array(shape.text())),
    steps: shape.optional(shape.array(shape.text())),
  }),
} as const;

/** What the link worker learns of the person's life, and what the two agree on. */
export const supportEvents = {
  BarrierIdentified: {
    version: 1,
    about: 'What stands in the way of the person.',
    data: shape.object({}),
    protectedData: coded,
  },
  NeedUnmet: {
    version: 1,
    about: 'Needed and not to be had: intelligence for who pays, never held against anybody.',
    data: shape.object({}),
    protectedData: coded,
  },
  Signposted: {
    version: 1,
    about: 'Told where help is, without a prescription.',
    data: shape.object({
      service: shape.optional(shape.slug('service')),
      provider: shape.optional(shape.slug('provider')),
    }),
    protectedData: coded,
  },
  ConcernRaised: {
    version: 1,
    about: 'Safeguarding.',
    data: shape.object({ source: shape.word(CONCERN_SOURCES), because }),
    protectedData: coded,
  },
  AssessmentRecorded: {
    version: 1,
    about: 'Scores of a named instrument: appended, never overwritten; asked for, never required.',
    data: shape.object({
      assessment: shape.id('assessment'),
      instrument: shape.slug('instrument'),
      /** Of the scoring rule (and conversion table) it was scored by. */
      scoring: shape.integer({ minimum: 1 }),
      purpose: shape.word(ASSESSMENT_PURPOSES),
      contact: shape.optional(shape.eventId()),
      mode: shape.word(CONTACT_MODES),
      explainedToPerson: shape.flag(),
      /** The tenant's own licence of an instrument that needs one. */
      licence: shape.optional(shape.text()),
    }),
    protectedData: shape.object({
      /** By item number, in order; an item left out is null; no wording. */
      answers: shape.optional(shape.array(shape.union([shape.integer(), shape.nothing()]))),
      raw: shape.optional(shape.integer({ description: 'the sum of the answers' })),
      /** What a change is measured on: hundredths of a point. Absent: an item is missing. */
      scoreHundredths: shape.optional(shape.integer({ description: 'hundredths of a point' })),
      band: shape.optional(shape.text()),
    }),
  },
  AssessmentDeclined: {
    version: 1,
    about: 'The person was asked and would rather not be scored.',
    data: shape.object({
      instrument: shape.slug('instrument'),
      purpose: shape.word(ASSESSMENT_PURPOSES),
    }),
    protectedData: shape.object({ reason }),
  },
  ServiceUseRecorded: {
    version: 1,
    about: 'Visits to a practice, to a hospital, days in bed: before and after.',
    data: shape.object({ source: shape.slug('source'), from: shape.date(), to: shape.date() }),
    protectedData: shape.object({
      counts: shape.optional(
        shape.array(
          shape.object({ of: shape.slug('service use'), count: shape.integer({ minimum: 0 }) }),
        ),
      ),
    }),
  },
  PlanAgreed: { ...plan, about: 'What the person wants and the steps to it.' },
  PlanAmended: { ...plan, about: 'The plan changed.' },
  TierChanged: {
    version: 1,
    about: 'How much support the scheme means for the person, in either direction.',
    data: shape.object({ from: shape.optional(shape.slug('tier')), to: shape.slug('tier') }),
    protectedData: shape.object({ reason }),
  },
  LevelOfSupportSet: {
    version: 1,
    about: 'How far the person is accompanied.',
    data: shape.object({
      from: shape.optional(shape.word(SUPPORT_LEVELS)),
      to: shape.word(SUPPORT_LEVELS),
    }),
    protectedData: shape.object({ reason }),
  },
} as const;
