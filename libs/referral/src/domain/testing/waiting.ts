import type { CivilDate, Slug } from '#kernel';
import type { ReferralEvent } from '../events.js';
import type { Scheme, SchemeOf } from '../scheme.js';
import type { Terms } from '../terms.js';
import {
  PLOT,
  SPRING,
  accepted,
  assigned,
  prescribed,
  pricedOf,
  received,
  schemeOf as castSchemeOf,
} from './cast.js';
import { on } from './given.js';

/** Keeps an offered place for 14 days, and closes what was quiet for 60. */
export const PATIENT: Scheme = {
  ...SPRING,
  name: 'patient' as Slug,
  clocks: { placeDays: 14, quietDays: 60 },
};
export const schemeOf: SchemeOf = (pinned) =>
  pinned.name === PATIENT.name ? PATIENT : castSchemeOf(pinned);

const outcome = (component: string, windowDays: number, survives?: 'dropped-out') => ({
  component: component as Slug,
  trigger: 'outcome-met' as const,
  amount: 7_500n,
  outcome: {
    instrument: 'swemwbs' as Slug,
    change: 'rise' as const,
    atLeastHundredths: 200,
    windowDays,
  },
  ...(survives && { survives: [survives] }),
});
/** A wellbeing outcome within 90 days; a confidence one within 30, which a drop-out leaves open. */
export const BY_OUTCOMES: Terms = {
  components: [outcome('wellbeing', 90), outcome('confidence', 30, 'dropped-out')],
};

export const waitlisted = (prescription = PLOT): ReferralEvent => ({
  type: 'PlaceWaitlisted',
  data: { prescription },
});
export const placeOffered = (lapsesOn?: string, prescription = PLOT): ReferralEvent => ({
  type: 'PlaceOffered',
  data: { prescription, ...(lapsesOn && { lapsesOn: lapsesOn as CivilDate }) },
  protectedData: {},
});
export const placeLapsed = (prescription = PLOT): ReferralEvent => ({
  type: 'PlaceLapsed',
  data: { prescription },
});
export const outcomeLapsed = (component: string, windowEnd: string): ReferralEvent => ({
  type: 'OutcomeLapsed',
  data: { prescription: PLOT, component: component as Slug, windowEnd: windowEnd as CivilDate },
});

export const READY = [
  ...on('2026-04-01', received({ scheme: { name: PATIENT.name, version: 1 } })),
  ...on('2026-04-02', accepted(), assigned()),
];
export const WAITING = [...READY, ...on('2026-04-10', prescribed(), waitlisted())];
/** The place is kept until the end of 18 May. */
export const OFFERED = [...WAITING, ...on('2026-05-04', placeOffered('2026-05-18'))];
/** Windows end on 9 July and on 10 May. */
export const HOPEFUL = [
  ...READY,
  ...on('2026-04-10', prescribed({ priced: pricedOf(BY_OUTCOMES, 0) })),
];
