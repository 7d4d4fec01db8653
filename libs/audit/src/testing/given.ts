import { deriveId, streamOf, type EventId, type PrescriptionId } from '#kernel';
import type { Component, ReferralEvent } from '#referral';
import { Log, slug, type Recorded } from './log.js';

const PRESCRIPTION: PrescriptionId = deriveId('prescription', 'walks');
const STREAM = streamOf('referral', deriveId('referral', 'walks'));

/** Told one after the other: on which day (counted from the first), and what. */
export type Told = readonly [day: number, tell: (told: readonly EventId[]) => ReferralEvent];

/** The log of one prescription, recorded on the days given, `recorded` later than they happened. */
export function told(...facts: readonly (readonly [...Told, recorded?: number])[]): Recorded[] {
  const log = new Log();
  const ids: EventId[] = [];
  for (const [day, tell, recorded = day] of facts) {
    log.today = Math.max(log.today, recorded);
    const event = tell(ids);
    ids.push(log.append({ stream: STREAM, anchor: slug('north'), on: day, event }).id);
  }
  return log.facts;
}

/** 20.00 for two things, of a pot that is not looked at. */
export function prescribed(...components: Component[]): Told[1] {
  const amount = components.reduce((total, component) => total + component.amount, 0n);
  const budget = { fund: slug('grant'), year: 2026, pot: slug('prescribing') };
  return () => ({
    type: 'Prescribed',
    data: {
      ...{ prescription: PRESCRIPTION, service: slug('walks'), provider: slug('allot') },
      ...{ plannedSessions: 2, levelOfSupport: 'supported-intervention', directoryVersion: 0 },
      priced: {
        ...{ agreement: slug('terms'), version: 1, terms: { components } },
        budget: { ...budget, recognition: 'restricted', funder: slug('tnlcf') },
        commitment: {
          amount,
          components: components.map(({ component, amount: part }) => {
            return { component, amount: part };
          }),
        },
      },
    },
  });
}

export const attended: Told[1] = () => ({
  type: 'Attended',
  data: {
    ...{ prescription: PRESCRIPTION, session: deriveId('session', 'first') },
    ...{ number: 1, evidence: { kind: 'register', by: slug('allot') } },
  },
});

export const completed: Told[1] = () => ({
  type: 'PrescriptionCompleted',
  data: { prescription: PRESCRIPTION },
});

/** Of the fact that was told as the nth, from 0. */
export const voided =
  (nth: number): Told[1] =>
  (ids) => {
    const corrects = ids[nth];
    if (corrects === undefined) throw new Error(`Nothing was told as ${nth}.`);
    const requestedBy = slug('north');
    return {
      type: 'EntryCorrected',
      data: { corrects, kind: 'void', reasonCode: 'entered-in-error', requestedBy },
    };
  };
