import { deriveId, type EventId, type PrescriptionId } from '#kernel';
import {
  isLive,
  type MissedClass,
  type Prescription,
  type ReferralEvent,
  type ReferralFact,
} from '#referral';
import { dayAt, indexOfDay } from './log.js';
import type { Step } from './plans.js';
import type { ReferralWorld } from './referral-world.js';

const MISSED: MissedClass[] = ['acceptable', 'not-acceptable', 'provider-logistics', 'not-stated'];

/** One of a list, if there is any. */
export function pickOf<T>(list: readonly T[], pick: number): T | undefined {
  return list[pick % (list.length || 1)];
}

/** A day of a prescription's life on which something may have happened. */
function dayOf({ prescribedOn, endedOn }: Prescription, today: number, { late }: Step): number {
  const last = endedOn === undefined ? today : Math.min(today, indexOfDay(endedOn));
  return Math.max(indexOfDay(prescribedOn), last - late);
}

export function session(world: ReferralWorld, today: number, step: Step): void {
  const given = pickOf(world.state.prescriptions, step.first);
  if (given === undefined) return;
  const { prescription, plannedSessions = 1, recorded } = given;
  const number = 1 + (step.second % (plannedSessions + 2));
  const which = deriveId<'session'>('session', prescription, String(recorded.length));
  const data = { prescription, session: which, number };
  const on = dayOf(given, today, step);
  if (step.what === 'attend') {
    const evidence = { kind: 'register', by: world.anchor } as const;
    world.happen({ type: 'Attended', data: { ...data, evidence } }, on, step);
    return;
  }
  const why = pickOf(MISSED, step.third) ?? 'acceptable';
  const makeUp = step.third % 9 === 0 && { makeUp: true };
  world.happen({ type: 'Missed', data: { ...data, class: why, ...makeUp } }, on, step);
}

export function end(world: ReferralWorld, today: number, step: Step): void {
  const given = pickOf(world.state.prescriptions.filter(isLive), step.first);
  if (given === undefined) return;
  const { prescription } = given;
  const days = given.sessions.map((held) => indexOfDay(held.on));
  const on = Math.max(dayOf(given, today, step), ...days);
  const by = 'anchor' as const;
  const events: ReferralEvent[] = [
    { type: 'PrescriptionCompleted', data: { prescription } },
    { type: 'PrescriptionCompleted', data: { prescription } },
    { type: 'PrescriptionCancelled', data: { prescription, by } },
    { type: 'PrescriptionDeclined', data: { prescription, by: 'person' } },
    { type: 'DroppedOut', data: { scope: 'prescription', prescription } },
    { type: 'DroppedOut', data: { scope: 'prescription', prescription } },
    { type: 'DroppedOut', data: { scope: 'referral' } },
  ];
  if (given.sessions.length === 0) events.push({ type: 'PlaceLapsed', data: { prescription } });
  const event = pickOf(events, step.second);
  if (event !== undefined) world.happen(event, on, step);
}

export function outcome(world: ReferralWorld, today: number, step: Step): void {
  const given = pickOf(world.state.prescriptions, step.first);
  const priced = given?.priced;
  const part = priced?.terms.components.find(({ trigger }) => trigger === 'outcome-met');
  if (given === undefined || priced === undefined || part === undefined) return;
  const { component } = part;
  const { prescription, status } = given;
  const survives: readonly string[] = 'survives' in part ? (part.survives ?? []) : [];
  const isOpen = isLive(given) || status === 'completed' || survives.includes(status);
  const isMet = given.outcomes.some((one) => one.met);
  if (!isOpen || isMet) return;
  const on = Math.max(indexOfDay(given.prescribedOn), today - step.late);
  if (step.what === 'lapse-outcome') {
    if (given.lapsed.length > 0) return;
    // It may be told on a later day than the last of its window.
    const windowEnd = dayAt(Math.max(indexOfDay(given.prescribedOn), on - (step.second % 3)));
    world.happen({ type: 'OutcomeLapsed', data: { prescription, component, windowEnd } }, on, step);
    return;
  }
  const { agreement, version } = priced;
  const scores = ['baseline', 'follow-up'].map((name): EventId => deriveId(name, prescription));
  const [baseline, followUp] = scores as [EventId, EventId]; // As many as names.
  const instrument = 'swemwbs' as typeof agreement;
  const met = step.second % 3 !== 0;
  const data = { prescription, component, instrument, baseline, followUp, met, agreement, version };
  world.happen({ type: 'OutcomeDetermined', data }, on, step);
}

const ENDS = ['DroppedOut', 'PrescriptionCompleted', 'PrescriptionCancelled'];
const AMENDABLE = ['Attended', 'Missed', 'OutcomeDetermined'];

export function correct(world: ReferralWorld, today: number, step: Step): void {
  const types = {
    void: [...AMENDABLE, ...ENDS],
    amend: AMENDABLE,
    'void-correction': ['EntryCorrected'],
  }[step.what as 'void' | 'amend' | 'void-correction'];
  const target = pickOf(
    world.facts.filter(({ type }) => types.includes(type)),
    step.first,
  );
  if (target === undefined) return;
  const kind = step.what === 'amend' ? ('amend' as const) : ('void' as const);
  const amended = kind === 'amend' ? amendedOf(target, today, step) : undefined;
  const event: ReferralEvent = {
    type: 'EntryCorrected',
    data: {
      ...{ corrects: target.id, kind, reasonCode: 'entered-in-error' },
      ...{ requestedBy: world.anchor, ...(amended && { amended }) },
    },
  };
  const crashes = step.third % 11 === 0;
  if (crashes) world.cutOff(event, today, step.third % 2 === 0 ? 'abandoned' : 'waiting');
  else world.happen(event, today, step);
}

function amendedOf({ type, data, metadata }: ReferralFact, today: number, { second, third }: Step) {
  if (type === 'OutcomeDetermined') return { met: !data.met };
  const day = dayAt(Math.min(today, indexOfDay(metadata.occurredOn) + (second % 25) - 12));
  const number = 1 + (third % 6);
  const missed = type === 'Missed' && third % 2 === 0 && { class: pickOf(MISSED, second) };
  return {
    ...(second % 3 !== 1 && { on: day }),
    ...(second % 3 !== 0 && { number }),
    ...missed,
  };
}

export function prescriptionId(world: ReferralWorld, count: number): PrescriptionId {
  return deriveId('prescription', world.id, String(count));
}
