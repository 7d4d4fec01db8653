import {
  assert,
  eventIdOf,
  type CommandId,
  type EventId,
  type Slug,
  type StreamName,
} from '#kernel';
import { EVENTS_PER_APPEND_MAX, type EventToStore } from '#event-log';
import { budgetStream } from '#funding';

/** A fact as it lies in a log, wherever that is. */
export interface Happened extends EventToStore {
  readonly stream: StreamName;
}

/** An event on its way into a log: the versions of a stream follow from the order. */
export interface Planned {
  readonly stream: StreamName;
  readonly event: EventToStore;
}

/** How facts happen again: to whom, and when. */
export interface Time {
  /** Another number, other ids. 0 are those of the template. */
  readonly whose: number;
  readonly yearsLater: number;
}

interface Metadata {
  readonly anchor: Slug;
  readonly commandId: CommandId;
  readonly causationId: string;
}

interface Budget {
  readonly anchor: Slug;
  readonly fund: Slug;
  readonly year: number;
}

/** What the id of an event follows from. */
interface Cause {
  readonly command: CommandId;
  readonly stream: StreamName;
  readonly index: number;
}

/** What a person adds to streams that are there for all of them. */
const OF_PEOPLE = ['FundsReserved', 'FundsReleased', 'FundsDrawn', 'PlaceTaken', 'PlaceFreed'];
/** An odd step visits all eight digits before it meets one again. */
const STEP = 0x9e3779b1;
const HEADS = 0x100000000;

/**
 * All that becomes another: ids, days and moments, months, years of money. Years also stand in the
 * names of awards and of accounts: `"volunteers-2026"`, `…:2026:…`.
 */
const CHANGING = new RegExp(
  [
    '"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?=")',
    '"(\\d{4})(-\\d{2}(?:-\\d{2})?)(?=["T])',
    '("year":|"[a-z]+-(?=\\d+")|:(?=\\d+:))(20\\d{2})(?=[",:}])',
  ].join('|'),
  'g',
);

/** As it is. */
export function toPlan({ stream, ...event }: Happened): Planned {
  const { id, type, schemaVersion, data, metadata } = event;
  return { stream, event: { id, type, schemaVersion, data, protected: event.protected, metadata } };
}

export function isOfPeople({ stream, type }: Happened): boolean {
  return stream.startsWith('referral-') || OF_PEOPLE.includes(type);
}

/** The same day in another year; 28 February where that year has no 29th. */
export function yearsAfter(year: string, day: string, years: number): string {
  const moved = Number(year) + years;
  const isLeap = moved % 4 === 0 && (moved % 100 !== 0 || moved % 400 === 0);
  return `${moved}${day === '-02-29' && !isLeap ? '-02-28' : day}`;
}

/**
 * Lets facts happen again under other ids, and years later. Each stays one that the handlers made
 * but for ids and dates, and what follows from ids follows again: an event's id from its command,
 * by which a reservation is found too, and a budget's stream from its year. To be told all facts of
 * the template first.
 */
export class Again {
  readonly #budgets = new Map<StreamName, Budget>();
  readonly #causes = new Map<string, Cause>();

  note({ id, stream, type, data, metadata }: Happened): void {
    const { anchor, commandId, causationId } = JSON.parse(metadata) as Metadata;
    if (type === 'BudgetOpened') {
      const { fund, year } = JSON.parse(data) as Omit<Budget, 'anchor'>;
      this.#budgets.set(stream, { anchor, fund, year });
    }
    // What another event caused has its id from that.
    if (causationId !== commandId) return;
    let index = 0;
    while (eventIdOf(commandId, stream, index) !== id) {
      index += 1;
      assert(index < EVENTS_PER_APPEND_MAX, `${type} ${id} has the id that its command gives it`);
    }
    this.#causes.set(id, { command: commandId, stream, index });
  }

  tell(happened: Happened, time: Time): Planned {
    const { id, type, schemaVersion, data, metadata } = happened;
    const told = (text: string) => (text === '{}' ? text : this.#told(text, time));
    return {
      stream: this.#stream(happened.stream, time),
      event: {
        id: this.#id(id, time) as EventId, // A uuid for a uuid.
        ...{ type, schemaVersion },
        data: told(data),
        protected: told(happened.protected),
        metadata: told(metadata),
      },
    };
  }

  #told(text: string, time: Time): string {
    const { yearsLater } = time;
    const change = (
      _found: string,
      id: string | undefined,
      year: string | undefined,
      day: string | undefined,
      before: string | undefined,
      ofMoney: string | undefined,
    ): string => {
      if (id !== undefined) return `"${this.#id(id, time)}`;
      if (year !== undefined) return `"${yearsAfter(year, day ?? '', yearsLater)}`;
      return `${before ?? ''}${Number(ofMoney) + yearsLater}`;
    };
    return text.replace(CHANGING, change);
  }

  #id(id: string, time: Time): string {
    const cause = this.#causes.get(id);
    if (cause === undefined) return renamed(id, time);
    // A uuid for a uuid.
    const command = renamed(cause.command, time) as CommandId;
    return eventIdOf(command, this.#stream(cause.stream, time), cause.index);
  }

  /** Only people's own streams are called by ids that become others. */
  #stream(stream: StreamName, time: Time): StreamName {
    const referral = 'referral-';
    if (stream.startsWith(referral)) {
      return `${referral}${renamed(stream.slice(referral.length), time)}` as StreamName; // As above.
    }
    const budget = this.#budgets.get(stream);
    if (budget === undefined || time.yearsLater === 0) return stream;
    return budgetStream(budget.anchor, budget.fund, budget.year + time.yearsLater);
  }
}

/** Another one each time: adding to its head is one to one. */
function renamed(id: string, { whose }: Time): string {
  const head = (parseInt(id.slice(0, 8), 16) + whose * STEP) % HEADS;
  return `${head.toString(16).padStart(8, '0')}${id.slice(8)}`;
}
