import { dayOf, type CommandId, type Metadata } from '#kernel';
import { LOG_START, type EventLog, type StoredEvent } from '#event-log';
import { FileNames } from '#interop';
import type { SimulatedArea } from '#simulation';

const PAGE_EVENTS = 1_000;

/** Everything in a log, from its first event. */
export async function* allOf(log: Pick<EventLog, 'readLog'>): AsyncGenerator<StoredEvent> {
  for await (const page of log.readLog({ after: LOG_START, max: PAGE_EVENTS })) yield* page;
}

/**
 * How much of these areas a log holds: `none` of it as it is empty, `part` of it as it was cut off,
 * the `whole` of it, or something `else`. The lines of an area are given day by day, so its first
 * day says whose they are, and its last whether they are all there.
 */
export async function whatIsThere(
  log: Pick<EventLog, 'readLog'>,
  areas: readonly SimulatedArea[],
  namespace: string,
): Promise<'none' | 'part' | 'whole' | 'else'> {
  const { first, last } = daysOf(areas, namespace);
  let isFirst = true;
  for await (const { metadata } of allOf(log)) {
    const { commandId } = JSON.parse(metadata) as Metadata;
    if (isFirst && !first.has(commandId)) return 'else';
    isFirst = false;
    last.delete(commandId);
  }
  return isFirst ? 'none' : last.size === 0 ? 'whole' : 'part';
}

/** The commands of the first and of the last day of each area. */
function daysOf(areas: readonly SimulatedArea[], namespace: string) {
  const names = new FileNames(namespace);
  const first = new Set<CommandId>();
  const last = new Set<CommandId>();
  for (const area of areas) {
    let begun: string | undefined;
    let day: string | undefined;
    let ofDay: string[] = [];
    for (const { id, recordedAt } of area.lines()) {
      const on = dayOf(recordedAt);
      begun ??= on;
      if (on === begun) first.add(names.commandIdOf(id));
      if (on !== day) ofDay = [];
      day = on;
      ofDay.push(id);
    }
    for (const id of ofDay) last.add(names.commandIdOf(id));
  }
  return { first, last };
}
