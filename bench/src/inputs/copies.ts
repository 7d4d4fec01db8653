import type { EventToStore, StoredEvent } from '#event-log';
import type { StreamName } from '#kernel';

/** An event on its way into a log: the versions of a stream follow from the order. */
export interface Planned {
  readonly stream: StreamName;
  readonly event: EventToStore;
}

const UUID = /[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/gu;
/** What a further person adds to streams that are there already. */
const OF_PEOPLE = ['FundsReserved', 'FundsReleased', 'FundsDrawn', 'PlaceTaken', 'PlaceFreed'];

/** As it is. */
export function toPlan(event: StoredEvent): Planned {
  return { stream: event.stream, event: toStore(event, (text) => text) };
}

/**
 * The same areas with so many times the people, in the order of time: each referral of the template
 * happens again under other ids, and asks budgets and places again. Funds, budgets, agreements and
 * the directory are there once. Every fact is one that the handlers made, with other ids in it.
 */
export function* copiesOf(
  template: readonly StoredEvent[],
  copies: number,
): Generator<Planned, void, undefined> {
  const own = idsOfPeople(template);
  for (const event of template) {
    for (let copy = 0; copy < copies; copy += 1) {
      if (copy === 0) yield toPlan(event);
      else if (isOfPeople(event)) {
        const renamed = (text: string) =>
          text.replace(UUID, (head) => renamedHead(head, copy, own));
        yield {
          stream: renamed(event.stream) as StreamName, // A uuid for a uuid.
          event: toStore(event, renamed),
        };
      }
    }
  }
}

/** How many events that makes. */
export function countOf(template: readonly StoredEvent[], copies: number): number {
  return template.length + (copies - 1) * template.filter(isOfPeople).length;
}

/** How many copies make at least so many events. */
export function copiesFor(template: readonly StoredEvent[], events: number): number {
  const more = Math.max(0, events - template.length);
  return 1 + Math.ceil(more / template.filter(isOfPeople).length);
}

function isOfPeople({ stream, type }: StoredEvent): boolean {
  return stream.startsWith('referral-') || OF_PEOPLE.includes(type);
}

/**
 * The first eight digits of every id that no shared stream is called by; a second of the same
 * eight would be renamed with it, which a copy does not mind.
 */
function idsOfPeople(template: readonly StoredEvent[]): ReadonlySet<string> {
  const shared = new Set(
    template.flatMap(({ stream }) => (stream.startsWith('referral-') ? [] : headsIn(stream))),
  );
  const own = new Set<string>();
  for (const event of template) {
    if (!isOfPeople(event)) continue;
    const texts = [event.id, event.stream, event.data, event.protected, event.metadata];
    for (const head of texts.flatMap(headsIn)) if (!shared.has(head)) own.add(head);
  }
  return own;
}

function headsIn(text: string): readonly string[] {
  return text.match(UUID) ?? [];
}

/** Another one for each copy: adding is one to one. */
function renamedHead(head: string, copy: number, own: ReadonlySet<string>): string {
  if (!own.has(head)) return head;
  // A step that is odd visits all of them before it meets one again.
  const moved = (parseInt(head, 16) + copy * 0x9e3779b1) % 0x100000000;
  return moved.toString(16).padStart(8, '0');
}

function toStore(event: StoredEvent, renamed: (text: string) => string): EventToStore {
  const { id, type, schemaVersion, data, metadata } = event;
  return {
    id: renamed(id) as EventToStore['id'], // A uuid for a uuid.
    ...{ type, schemaVersion },
    data: renamed(data),
    protected: renamed(event.protected),
    metadata: renamed(metadata),
  };
}
