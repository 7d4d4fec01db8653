import type { CivilDate, CommandId, EventId, PrescriptionId, ReferralId, Slug } from '#kernel';
import { LOG_START } from '#event-log';
import {
  standing,
  type Amended,
  type Correction,
  type ReferralEvent,
  type ReferralFact,
} from '#referral';
import type { Wayledger } from '#engine';

const PAGE = 1_000;
const TYPES = [
  ...['Referred', 'ConsentRecorded', 'LinkWorkerAssigned', 'ReferralAccepted', 'Prescribed'],
  ...['FirstContactMade', 'ContactMade', 'Attended', 'Missed', 'DroppedOut', 'EntryCorrected'],
];

/** A fact that an earlier import of the same source recorded, as it is taken to be now. */
export interface PastFact {
  readonly command: CommandId;
  readonly event: EventId;
  readonly referral: ReferralId;
  readonly on: CivilDate;
  /** Without what is sealed in it: a year of it is kept in memory. */
  readonly fact: ReferralEvent;
  readonly voided: boolean;
  /** What a correction says instead. */
  readonly amended?: Amended;
}

/** What the log holds that the rows of a spreadsheet must be held against. */
export interface History {
  readonly byCommand: ReadonlyMap<CommandId, PastFact>;
  readonly prescriptions: ReadonlyMap<PrescriptionId, ReferralId>;
  /** Who supports whom now, whoever said so. */
  readonly linkWorkers: ReadonlyMap<ReferralId, Slug>;
}

/** `actor`: under whose id the source is imported. */
export async function historyOf(
  { log, codec }: Pick<Wayledger, 'log' | 'codec'>,
  actor: { readonly id: string; readonly organisation: string },
): Promise<History> {
  const corrections = new Map<ReferralId, Correction[]>();
  const facts: Omit<PastFact, 'voided'>[] = [];
  const prescriptions = new Map<PrescriptionId, ReferralId>();
  const linkWorkers = new Map<ReferralId, Slug>();
  const pages = log.readLog({ after: LOG_START, max: PAGE, filter: { types: TYPES } });
  for await (const page of pages) {
    for (const stored of page) {
      const referral = stored.stream.replace(/^referral-/u, '') as ReferralId; // Only those.
      const fact = codec.decode(stored) as ReferralFact; // By the types asked for.
      const { id: event, metadata } = fact;
      if (fact.type === 'EntryCorrected') {
        const before = corrections.get(referral) ?? [];
        const { corrects, kind, amended } = fact.data;
        corrections.set(referral, before);
        before.push({ event, corrects, kind, ...(amended && { amended }) });
      }
      if (fact.type === 'Prescribed') prescriptions.set(fact.data.prescription, referral);
      if (fact.type === 'LinkWorkerAssigned') linkWorkers.set(referral, fact.data.linkWorker);
      const { id, organisation } = metadata.actor;
      if (id !== actor.id || organisation !== actor.organisation) continue;
      if (fact.type === 'EntryCorrected') continue;
      const { commandId: command, occurredOn: on } = metadata;
      facts.push({ command, event, referral, on, fact: clearOf(fact) });
    }
  }
  const past = facts.map((one) => correctedBy(corrections.get(one.referral) ?? [], one));
  return {
    ...{ prescriptions, linkWorkers },
    byCommand: new Map(past.map((one) => [one.command, one])),
  };
}

function clearOf({ type, data }: ReferralFact): ReferralEvent {
  return { type, data } as ReferralEvent; // The pair of one fact.
}

function correctedBy(all: readonly Correction[], one: Omit<PastFact, 'voided'>): PastFact {
  const correction = standing(all, one.event);
  if (correction === undefined) return { ...one, voided: false };
  const amended = correction.kind === 'amend' ? (correction.amended ?? {}) : undefined;
  return { ...one, voided: correction.kind === 'void', ...(amended && { amended }) };
}
