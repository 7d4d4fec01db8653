import { EVENTS_PER_APPEND_MAX, type EventLog, type EventToStore } from '#event-log';
import type { StreamName } from '#kernel';
import type { Planned } from './again.ts';

/** Appends side by side; a log writes what waits for it together. */
const UNDER_WAY_MAX = 512;

/** Runs of one stream, in the order in which they come. */
interface Run {
  readonly stream: StreamName;
  readonly events: EventToStore[];
}

/** Writes what was planned, in its order, many appends at a time. Answers how many events. */
export async function fill(
  log: EventLog,
  planned: Iterable<Planned> | AsyncIterable<Planned>,
): Promise<number> {
  const versions = new Map<StreamName, number>();
  let count = 0;
  let wave: Run[] = [];
  let inWave = new Set<StreamName>();
  const write = async (): Promise<void> => {
    await Promise.all(
      wave.map(({ stream, events }) => {
        const version = versions.get(stream);
        versions.set(stream, (version ?? -1) + events.length);
        return log.append(stream, version ?? 'none', events);
      }),
    );
    [wave, inWave] = [[], new Set()];
  };
  for await (const { stream, event } of planned) {
    count += 1;
    const last = wave.at(-1);
    if (last?.stream === stream && last.events.length < EVENTS_PER_APPEND_MAX) {
      last.events.push(event);
      continue;
    }
    // Appends to one stream must not overtake each other.
    if (inWave.has(stream) || wave.length === UNDER_WAY_MAX) await write();
    wave.push({ stream, events: [event] });
    inWave.add(stream);
  }
  await write();
  return count;
}
