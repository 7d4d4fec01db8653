import Type from 'typebox';
import { ACTOR_ROLES, shape } from '#kernel';
import {
  DECIDERS,
  FUNNEL_STEPS,
  NEXT_ACTIONS,
  PRESCRIPTION_STATUSES,
  REFERRAL_STATUSES,
  ROUTES,
} from '#referral';
import { closed, count, knownBy, orNull } from './shapes.js';
import { entryLineShape } from './funding-answers.js';

const { optional, array, text, slug, date, flag, id, eventId, word } = shape;
const name = orNull(text('"erased" once the key is gone; null where none was given'));
const isQueried = count('sessions of which two registers say otherwise');

const sessionShape = closed({
  session: id('session'),
  number: count(),
  outcome: text('attended, or how it was missed'),
  on: date(),
  event: eventId(),
});

const prescriptionShape = closed({
  prescription: id('prescription'),
  offer: optional(id('offer')),
  continues: optional(id('prescription')),
  service: slug('service'),
  provider: slug('provider'),
  status: word(PRESCRIPTION_STATUSES),
  prescribedOn: date(),
  endedOn: optional(date()),
  plannedSessions: optional(count()),
  levelOfSupport: text(),
  commitment: optional(shape.pence({ description: 'what it may cost, in pence' })),
  sessions: array(sessionShape),
});

export const referralAnswer = closed({
  referral: id('referral'),
  knownAt: optional(Type.String()),
  version: count('for If-Match, as the ETag'),
  status: word(REFERRAL_STATUSES),
  name,
  queries: isQueried,
  person: id('person'),
  anchor: slug('anchor'),
  area: slug('area'),
  scheme: closed({ name: slug('scheme'), version: count() }),
  kind: optional(text()),
  referrer: optional(slug('organisation')),
  receivedOn: date(),
  ageAtReferral: optional(count('years')),
  firstContactDueOn: optional(date()),
  eligible: optional(flag()),
  acceptedBy: array(text()),
  declinedBy: optional(text()),
  linkWorker: optional(slug('link worker')),
  consent: array(slug('scope')),
  tier: optional(slug('tier')),
  levelOfSupport: optional(text()),
  planAgreedOn: optional(date()),
  planAmendedOn: optional(date()),
  plannedContact: optional(closed({ on: date(), mode: text() })),
  firstContactOn: optional(date()),
  lastContactOn: optional(date()),
  followUpDueOn: optional(date()),
  contacts: count('conversations that reached the person'),
  minutes: count(),
  concerns: count(),
  offers: array(
    closed({
      offer: id('offer'),
      service: slug('service'),
      provider: slug('provider'),
      answer: optional(word(['refused', 'prescribed'])),
    }),
  ),
  prescriptions: array(prescriptionShape),
  droppedOutOn: optional(date()),
  endedOn: optional(date()),
  reopenedOn: optional(date()),
});

const by = closed({ role: word(ACTOR_ROLES), organisation: slug('organisation') });
const statusOrNull = orNull(word(REFERRAL_STATUSES));

export const historyAnswer = closed({
  referral: id('referral'),
  anchor: slug('anchor'),
  status: statusOrNull,
  ...knownBy,
  steps: array(
    closed({
      event: eventId(),
      type: text(),
      occurred: date(),
      recordedAt: shape.instant(),
      by,
      sentence: text('what happened'),
      before: statusOrNull,
      after: statusOrNull,
      protected: optional(
        Type.Union([Type.Object({}), Type.Literal('erased'), Type.Literal('unreadable')], {
          description: 'what was said of the person; "erased" once the key is gone',
        }),
      ),
      money: array(
        closed({
          rule: text(),
          occurred: date(),
          posted: date(),
          corrects: optional(eventId()),
          moved: array(text('what an account gained or lost, in words')),
          lines: array(entryLineShape),
        }),
      ),
      corrected: optional(
        closed({ kind: word(['void', 'amend']), event: eventId(), on: date(), by }),
      ),
    }),
  ),
});

const asksShape = closed({
  consent: flag(),
  instruments: array(slug('instrument')),
  oneOf: array(slug('instrument')),
  prompt: orNull(closed({ contacts: count(), cap: optional(count()) })),
  feedbackDueOn: orNull(date()),
  planReviewOn: orNull(date()),
});

export const caseloadAnswer = closed({
  linkWorker: optional(slug('link worker')),
  referrer: optional(slug('organisation')),
  today: date(),
  knownAt: optional(Type.String()),
  items: array(
    closed({
      referral: id('referral'),
      name,
      status: word(REFERRAL_STATUSES),
      received: date(),
      nextAction: orNull(word(NEXT_ACTIONS)),
      nextActionOn: orNull(date()),
      overdue: flag(),
      daysWaiting: orNull(Type.Integer({ description: 'until the first contact' })),
      lastContact: orNull(date()),
      plannedContact: orNull(date()),
      contacts: count(),
      minutes: count(),
      livePrescriptions: count(),
      consent: flag(),
      tier: orNull(slug('tier')),
      asks: asksShape,
      queries: isQueried,
      lastChange: text('the type of the newest fact'),
      lastChangeOn: date(),
    }),
    { description: 'by next action, overdue first' },
  ),
  totals: closed(
    {
      open: count(),
      overdue: count(),
      waitingForFirstContact: count(),
      livePrescriptions: count(),
    },
    'of the whole list, not of this page',
  ),
});

export const foundAnswer = closed({
  found: array(closed({ referral: id('referral'), anchor: slug('anchor') })),
});

export const placesAnswer = closed({
  provider: slug('provider'),
  services: array(
    closed({
      service: slug('service'),
      declared: count(),
      taken: count(),
      overridden: count(),
      free: count(),
      over: count(),
      waiting: array(
        closed({
          referral: id('referral'),
          prescription: id('prescription'),
          anchor: slug('anchor'),
          since: date(),
        }),
      ),
    }),
  ),
});

export const clocksAnswer = closed({
  timers: array(
    closed({
      referral: id('referral'),
      anchor: slug('anchor'),
      what: word(['place', 'outcome', 'quiet']),
      prescription: optional(id('prescription')),
      component: optional(slug('component')),
      lastDay: date(),
    }),
  ),
});

export const volumesAnswer = closed({
  anchor: slug('anchor'),
  volumes: array(
    closed({
      month: shape.month(),
      route: word(ROUTES),
      referrer: orNull(slug('organisation')),
      received: count(),
      accepted: count(),
      declined: count(),
    }),
  ),
});

const STEPS = FUNNEL_STEPS.map(({ step }) => step);
const counts = (of: readonly string[]) =>
  closed(Object.fromEntries(of.map((key) => [key, count()])));

export const funnelAnswer = closed({
  anchor: optional(slug('anchor')),
  steps: array(
    closed({
      step: word(STEPS),
      of: orNull(word(STEPS)),
      count: count('referrals'),
    }),
  ),
  declined: counts(DECIDERS),
  acceptedThenDeclined: count('of those that stand declined'),
  undecided: count('neither accepted nor declined'),
  firstContact: closed({
    bands: array(
      closed({ days: orNull(count('at most; null: longer than all others')), count: count() }),
    ),
    medianDays: orNull(Type.Number({ description: 'of those seen' })),
    waiting: count('not seen, and not ended'),
    endedUnseen: count(),
  }),
  prescriptions: counts(PRESCRIPTION_STATUSES),
  dropOuts: closed({
    fromPrescription: count(),
    fromReferral: count(),
    reasons: closed({
      codes: array(closed({ code: slug('reason'), count: count() })),
      notStated: count(),
      inWords: count("said in the person's own words, which no count shows"),
      erased: count(),
      unreadable: count(),
    }),
  }),
});
