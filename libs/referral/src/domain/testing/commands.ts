import { deriveId, type Slug } from '#kernel';
import * as deciders from '../decide.js';
import type { ReferralEvent, ReferralEventOf, ReferralFact } from '../events.js';
import type { CorrectionWanted } from '../decide-correction.js';
import type { Scheme, SchemeOf } from '../scheme.js';
import type { Terms } from '../terms.js';
import {
  ALLOTMENTS,
  ASKED,
  GARDENING,
  IDENTITY,
  JO,
  NORTH,
  PHONED,
  PLOT,
  PLOT_OFFER,
  REFERRED,
  REGISTER,
  RESERVATION,
  SCORED,
  SPRING,
  assessmentId,
  quoteOf,
  schemeOf as castSchemeOf,
  sessionId,
} from './cast.js';
import { date, type Decide } from './given.js';

type Data<T extends ReferralEvent['type']> = ReferralEventOf<T>['data'];
export type Deciders = typeof deciders;

export interface SessionSaid {
  readonly prescription?: typeof PLOT;
  readonly number?: number;
  readonly insteadOf?: string;
}
export interface PrescriptionSaid {
  readonly prescription?: typeof PLOT;
  readonly offer?: typeof PLOT_OFFER;
  readonly continues?: typeof PLOT;
  readonly service?: Slug;
  readonly provider?: Slug;
  readonly sessions?: number;
  readonly terms?: Terms;
}

/** The commands in the words of the stories, over the real deciders or over broken ones. */
export function commandsOver(use: Deciders, schemeOf: SchemeOf = castSchemeOf) {
  const wanted = (session: string, { prescription = PLOT, number, insteadOf }: SessionSaid) => ({
    prescription,
    session: sessionId(session),
    number,
    ...(insteadOf !== undefined && { insteadOf: sessionId(insteadOf) }),
  });
  return {
    refer:
      (
        more: Partial<Data<'Referred'>> = {},
        identity: Record<string, string> = IDENTITY,
        scheme: Scheme = SPRING,
      ): Decide =>
      (state, moment) =>
        use.refer(state, { ...REFERRED, ...more }, identity, scheme, moment),
    accept:
      (by: Data<'ReferralAccepted'>['by'] = 'person'): Decide =>
      (state, moment) =>
        use.accept(state, { by }, {}, schemeOf, moment),
    decline:
      (by: Data<'ReferralDeclined'>['by'] = 'person'): Decide =>
      (state, moment) =>
        use.decline(state, { by }, {}, moment),
    assign:
      (linkWorker: Slug = JO): Decide =>
      (state, moment) =>
        use.assignLinkWorker(state, { linkWorker, employer: NORTH }, moment),
    consent:
      (...scopes: string[]): Decide =>
      (state, moment) =>
        use.recordConsent(state, { scopes: scopes as Slug[] }, moment),
    plan:
      (on: string): Decide =>
      (state, moment) =>
        use.planContact(state, { on: date(on), mode: 'visit' }, moment),
    attemptContact:
      (minutes = 5): Decide =>
      (state, moment) =>
        use.attemptContact(state, { mode: 'phone', outcome: 'no-answer', minutes }, moment),
    contact: (): Decide => (state, moment) =>
      use.recordContact(state, PHONED, {}, schemeOf, moment),
    followUp:
      (reached = true): Decide =>
      (state, moment) => {
        const data = { window: 'monthly' as Slug, reached, mode: 'phone', minutes: 10 } as const;
        return use.followUp(state, data, {}, schemeOf, moment);
      },
    offer:
      (offer = PLOT_OFFER): Decide =>
      (state, moment) =>
        use.offer(
          state,
          {
            offer,
            service: GARDENING,
            provider: ALLOTMENTS,
            levelOfSupport: 'supported-introduction',
          },
          moment,
        ),
    refuseOffer:
      (offer = PLOT_OFFER): Decide =>
      (state, moment) =>
        use.refuseOffer(state, { offer }, {}, moment),
    prescribe:
      (said: PrescriptionSaid = {}): Decide =>
      (state, moment) => {
        const { prescription = PLOT, offer, continues, sessions, terms } = said;
        const { service = GARDENING, provider = ALLOTMENTS } = said;
        const quote = terms && quoteOf(terms);
        return use.prescribe(
          state,
          {
            prescription,
            offer,
            plannedSessions: sessions,
            levelOfSupport: 'supported-introduction',
            listed: { service, provider, directoryVersion: 0 },
            ...(continues && { continues }),
            ...(quote && { quote }),
          },
          schemeOf,
          moment,
        );
      },
    abandon:
      (prescription = PLOT): Decide =>
      (state) =>
        use.abandonPrescription(state, {
          prescription,
          reservation: RESERVATION,
          because: deriveId<'event'>('reserved'),
        }),
    attend:
      (session: string, said: SessionSaid = {}): Decide =>
      (state, moment) =>
        use.attend(state, wanted(session, said), REGISTER, moment),
    miss:
      (
        session: string,
        missedClass: Data<'Missed'>['class'] = 'not-stated',
        said: SessionSaid = {},
      ): Decide =>
      (state, moment) =>
        use.miss(state, wanted(session, said), { class: missedClass }, {}, schemeOf, moment),
    complete:
      (prescription = PLOT): Decide =>
      (state, moment) =>
        use.completePrescription(state, { prescription }, moment),
    cancel:
      (prescription = PLOT): Decide =>
      (state, moment) =>
        use.cancelPrescription(state, { prescription, by: 'anchor' }, {}, moment),
    dropOut:
      (prescription?: typeof PLOT): Decide =>
      (state, moment) =>
        use.dropOut(
          state,
          prescription === undefined
            ? { scope: 'referral' }
            : { scope: 'prescription', prescription },
          {},
          moment,
        ),
    declinePrescription:
      (prescription = PLOT): Decide =>
      (state, moment) =>
        use.declinePrescription(state, { prescription, by: 'person' }, {}, moment),
    addEvidence:
      (
        session: string,
        says: 'attended' | 'missed',
        kind: Data<'SessionEvidenceAdded'>['evidence']['kind'] = 'worker-accompanied',
        prescription = PLOT,
      ): Decide =>
      (state, moment) => {
        const evidence = { kind, by: NORTH };
        const data = { prescription, session: sessionId(session), says, evidence };
        return use.addEvidence(state, data, moment);
      },
    determine:
      (
        baseline: keyof typeof SCORED,
        followUp: keyof typeof SCORED,
        said: { met?: boolean; component?: string; prescription?: typeof PLOT } = {},
      ): Decide =>
      (state, moment) => {
        const { component, ...rest } = said;
        const scores = new Map(
          Object.entries(SCORED).flatMap(([name, [, score]]) => {
            const is = state?.assessments.find((a) => a.assessment === assessmentId(name));
            return is === undefined || score === undefined ? [] : [[is.event, score] as const];
          }),
        );
        const pair = { baseline: assessmentId(baseline), followUp: assessmentId(followUp) };
        const named = component === undefined ? {} : { component: component as Slug };
        const wanted = { prescription: PLOT, ...rest, ...named, ...pair, scores };
        return use.determineOutcome(state, wanted, moment);
      },
    correct:
      (
        fact: ReferralFact,
        said: Pick<CorrectionWanted, 'kind' | 'amended' | 'protectedData' | 'results'> = {
          kind: 'void',
        },
      ): Decide =>
      (state, moment) =>
        use.correctEntry(state, fact, { ...ASKED, ...said }, moment),
    /** A later version of the agreement, from the day on which it is said. */
    reprice:
      (version: number, terms: Terms, prescription = PLOT): Decide =>
      (state, { on }) => {
        const because = deriveId<'event'>('terms', String(version));
        const { agreement } = quoteOf(terms);
        return use.reprice(state, { prescription, agreement, version, from: on, terms, because });
      },
    reopen: (): Decide => (state, moment) => use.reopen(state, {}, moment),
    close: (): Decide => (state, moment) => use.close(state, {}, moment),
  };
}

export const commands = commandsOver(deciders);
