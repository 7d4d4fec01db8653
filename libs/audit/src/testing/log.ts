import {
  addDays,
  deriveId,
  eventIdOf,
  type CivilDate,
  type CommandId,
  type EventId,
  type Instant,
  type Slug,
  type StreamName,
} from '#kernel';
import type { FundingEvent, FundingFact } from '#funding';
import type { ReferralEvent, ReferralFact } from '#referral';

/** A fact of money with its place in the log. */
export type Recorded = (FundingFact | ReferralFact) & {
  readonly stream: StreamName;
  readonly version: number;
  readonly position: bigint;
};

export const slug = (text: string) => text as Slug;

/** More than the steps of a history take; new prices begin a little after. */
const DAYS_MAX = 1_500;
/** Days are counted from the first one of the year that the budgets are for. */
const DAYS = Array.from({ length: DAYS_MAX }, (_, index) =>
  addDays('2026-04-01' as CivilDate, index),
);
const NOONS = DAYS.map((day) => `${day}T12:00:00.000Z` as Instant);

export function dayAt(index: number): CivilDate {
  return DAYS[Math.max(0, Math.min(index, DAYS.length - 1))] as CivilDate; // Within the list.
}

export const indexOfDay = (day: CivilDate) => DAYS.indexOf(day);

export interface Written {
  readonly stream: StreamName;
  readonly anchor: Slug;
  readonly event: FundingEvent | ReferralEvent;
  /** The day it happened. */
  readonly on: number;
  /** The command it is the first event of; otherwise one of its own. */
  readonly command?: CommandId;
  /** Which event of that command in this stream. */
  readonly index?: number;
  readonly because?: EventId;
  /** Days it was recorded before today: imports do not come in order. */
  readonly early?: number;
}

/** The log as it is written, with the day it is written on. */
export class Log {
  readonly facts: Recorded[] = [];
  /** Index of the day. */
  today = 0;
  private readonly versions = new Map<StreamName, number>();
  private commands = 0;

  newCommand(): CommandId {
    this.commands += 1;
    return deriveId('command', String(this.commands));
  }

  /** As it would be if it were written next. */
  draft({ stream, anchor, event, on, command, index, because, early }: Written): Recorded {
    const commandId = command ?? this.newCommand();
    const recorded = Math.max(on, this.today - (early ?? 0));
    const fact = {
      ...event,
      id: because ? deriveId('told', commandId) : eventIdOf(commandId, stream, index ?? 0),
      sealed: {},
      metadata: {
        ...{ commandId, commandHash: 'abc', correlationId: deriveId('correlation', commandId) },
        causationId: because ?? commandId,
        actor: { id: 'ann', role: 'link-worker', organisation: anchor },
        ...{ anchor, occurredOn: dayAt(on) },
        recordedAt: NOONS[Math.min(recorded, this.today)],
      },
      ...{ stream, version: (this.versions.get(stream) ?? -1) + 1 },
      position: BigInt(this.facts.length + 1),
    };
    // An event with its envelope is a fact, whatever its type.
    return fact as unknown as Recorded;
  }

  append(written: Written): Recorded {
    return this.add(this.draft(written));
  }

  add(drafted: Recorded): Recorded {
    // Others may have been written since it was drafted.
    const version = (this.versions.get(drafted.stream) ?? -1) + 1;
    const fact = { ...drafted, version, position: BigInt(this.facts.length + 1) };
    this.versions.set(fact.stream, version);
    this.facts.push(fact);
    return fact;
  }
}
