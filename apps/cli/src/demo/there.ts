import type { CommandId, Metadata } from '#kernel';
import { LOG_START, type EventLog, type StoredEvent } from '#event-log';
import { FileNames } from '#interop';
import type { SimulatedArea } from '#simulation';

const PAGE_EVENTS = 1_000;

/** Everything in a log, from its first event. */
export async function* allOf(log: Pick<EventLog, 'readLog'>): AsyncGenerator<StoredEvent> {
  let after = LOG_START;
  for (;;) {
    let last = after;
    for await (const page of log.readLog({ after, max: PAGE_EVENTS })) {
      yield* page;
      last = page.at(-1)?.position ?? last;
    }
    if (last === after) return;
    after = last;
  }
}

/**
 * How much of these areas a log holds: `none` of it as it is empty, `part` of it as it was cut off,
 * the `whole` of it, or something `else`.
 */
export async function whatIsThere(
  log: Pick<EventLog, 'readLog'>,
  areas: readonly SimulatedArea[],
  namespace: string,
): Promise<'none' | 'part' | 'whole' | 'else'> {
  const known = new Set<CommandId>();
  let first: CommandId | undefined;
  for await (const { metadata } of allOf(log)) {
    const { commandId } = JSON.parse(metadata) as Metadata;
    first ??= commandId;
    known.add(commandId);
  }
  if (first === undefined) return 'none';
  const names = new FileNames(namespace);
  let begunHere = false;
  let missing = 0;
  for (const area of areas) {
    for (const { id } of area.lines()) {
      const commandId = names.commandIdOf(id);
      begunHere ||= commandId === first;
      if (!known.has(commandId)) missing += 1;
    }
  }
  if (!begunHere) return 'else';
  return missing === 0 ? 'whole' : 'part';
}
