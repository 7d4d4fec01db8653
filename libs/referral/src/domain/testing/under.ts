import { assert, deriveId, isRefusal, type Actor, type Moment, type Slug } from '#kernel';
import * as deciders from '../decide.js';
import type { ReferralEvent, ReferralEventOf, ReferralFact } from '../events.js';
import { Schemes, type Scheme } from '../scheme.js';
import type { ReferralKind, WorkerKind } from '../words.js';
import {
  ALLOTMENTS,
  GARDENING,
  IDENTITY,
  JO,
  NORTH,
  PHONED,
  PLOT,
  REFERRED,
  prescriptionId,
} from './cast.js';
import { factsOf, fold, type Decide } from './given.js';

export const assessmentId = (name: string) => deriveId<'assessment'>('assessment', name);
export const ANCHOR: Actor = { id: 'manager-1', role: 'anchor', organisation: NORTH };

interface ContactSaid {
  readonly mode?: ReferralEventOf<'ContactMade'>['data']['mode'];
  /** `null`: the command says none. */
  readonly minutes?: number | null;
  readonly workerKind?: WorkerKind;
  readonly because?: string;
}
interface Assessed {
  readonly id?: string;
  readonly purpose?: ReferralEventOf<'AssessmentRecorded'>['data']['purpose'];
  readonly score?: number;
  readonly band?: string;
}

/** The commands in the words of the stories, under the versions of one scheme. */
export function commandsUnder(...versions: readonly [Scheme, ...Scheme[]]) {
  const [scheme] = versions;
  const schemes = new Schemes(versions);
  const schemeOf = ({ name, version }: Pick<Scheme, 'name' | 'version'>, on?: Moment['on']) => {
    const found = on === undefined ? schemes.version(name, version) : schemes.inForce(name, on);
    assert(found !== undefined, `there is a version of ${name} for it`);
    return found;
  };
  const pinned = { name: scheme.name, version: scheme.version };
  return {
    schemeOf,
    refer:
      (
        more: Partial<ReferralEventOf<'Referred'>['data']> = {},
        identity: Record<string, string> = IDENTITY,
      ): Decide =>
      (state, moment) =>
        deciders.refer(state, { ...REFERRED, ...more }, identity, scheme, moment),
    /** As it was received: for stories that begin later. */
    received: (kind?: ReferralKind, more: Partial<ReferralEventOf<'Referred'>['data']> = {}) =>
      ({
        type: 'Referred',
        data: { ...REFERRED, scheme: pinned, ...(kind && { kind }), ...more },
        protectedData: IDENTITY,
      }) satisfies ReferralEvent,
    eligibility:
      (conditions?: readonly string[], age?: number): Decide =>
      (state, moment) =>
        deciders.decideEligibility(
          state,
          { ...(conditions && { conditions }), ...(age !== undefined && { age }) },
          schemeOf,
          moment,
        ),
    accept: (): Decide => (state, moment) =>
      deciders.accept(state, { by: 'person' }, {}, schemeOf, moment),
    assign:
      (linkWorker = JO, employer: Slug = NORTH): Decide =>
      (state, moment) =>
        deciders.assignLinkWorker(state, { linkWorker, employer }, moment),
    tier:
      (to: string): Decide =>
      (state, moment) =>
        deciders.changeTier(state, { to: to as Slug }, {}, schemeOf, moment),
    contact:
      ({ mode = 'visit', minutes = 20, workerKind = 'link-worker', because }: ContactSaid = {}) =>
      (...[state, moment]: Parameters<Decide>) =>
        deciders.recordContact(
          state,
          {
            ...{ mode, workerKind },
            ...(minutes !== null && { minutes }),
            ...(because !== undefined && { override: { reason: because } }),
          },
          {},
          schemeOf,
          moment,
        ),
    followUp:
      (window: string, reached = true): Decide =>
      (state, moment) =>
        deciders.followUp(
          state,
          { window: window as Slug, reached, mode: 'phone', minutes: 10 },
          {},
          schemeOf,
          moment,
        ),
    assess:
      (
        instrument: string,
        answers?: readonly (number | null)[],
        { id = 'first', purpose = 'baseline', score, band }: Assessed = {},
      ): Decide =>
      (state, moment) =>
        deciders.recordAssessment(
          state,
          {
            ...{ assessment: assessmentId(id), instrument: instrument as Slug, purpose },
            ...{ mode: 'visit', explainedToPerson: true },
          },
          {
            ...(answers && { answers }),
            ...(score !== undefined && { scoreHundredths: score }),
            ...(band !== undefined && { band }),
          },
          schemeOf,
          moment,
        ),
    declineAssessment:
      (instrument: string): Decide =>
      (state, moment) =>
        deciders.declineAssessment(
          state,
          { instrument: instrument as Slug, purpose: 'baseline' },
          {},
          schemeOf,
          moment,
        ),
    barrier:
      (code?: string, note?: string): Decide =>
      (state, moment) =>
        deciders.identifyBarrier(
          state,
          { ...(code && { code }), ...(note && { note }) },
          schemeOf,
          moment,
        ),
    agreePlan: (): Decide => (state, moment) =>
      deciders.agreePlan(state, undefined, { goals: ['Out of the house.'] }, moment),
    prescribe:
      (name?: string): Decide =>
      (state, moment) =>
        deciders.prescribe(
          state,
          {
            prescription: name === undefined ? PLOT : prescriptionId(name),
            levelOfSupport: 'supported-introduction',
            listed: { service: GARDENING, provider: ALLOTMENTS, directoryVersion: 0 },
          },
          schemeOf,
          moment,
        ),
  };
}

/** A conversation of the second time or later. */
export const visited = (
  more: Partial<ReferralEventOf<'ContactMade'>['data']> = {},
  overrideReason?: string,
): ReferralEvent => ({
  type: 'ContactMade',
  data: { ...PHONED, mode: 'visit', ...more },
  protectedData: { ...(overrideReason && { overrideReason }) },
});

/** What the commands left, told one after the other and each of them taken. */
export function told(...steps: readonly (readonly [Decide, Moment])[]): readonly ReferralFact[] {
  const facts: ReferralFact[] = [];
  for (const [index, [decide, moment]] of steps.entries()) {
    const decision = decide(fold(facts), moment);
    assert(!isRefusal(decision), `step ${index + 1} is taken: ${JSON.stringify(decision)}`);
    facts.push(...factsOf(decision, moment, `told ${index}`));
  }
  return facts;
}
