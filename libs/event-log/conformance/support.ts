import { setTimeout as pause } from 'node:timers/promises';
import { randomId, streamOf, type StreamName } from '#kernel';
import {
  LOG_START,
  type EventLog,
  type EventToStore,
  type ExpectedVersion,
  type Page,
  type CaughtUp,
  type Position,
  type ReadStreamOptions,
  type StoredEvent,
  type SubscribeOptions,
} from '#event-log';

export function anEvent(more: Partial<EventToStore> = {}): EventToStore {
  return {
    id: randomId(),
    type: 'SomethingHappened',
    schemaVersion: 1,
    data: '{"what":"something"}',
    protected: '{}',
    metadata: '{"by":"somebody"}',
    ...more,
  };
}

export function someEvents(count: number, more: Partial<EventToStore> = {}): EventToStore[] {
  return Array.from({ length: count }, () => anEvent(more));
}

export function aStream(): StreamName {
  return streamOf('probe', randomId());
}

export function idsOf(events: readonly { readonly id: string }[]): string[] {
  return events.map((event) => event.id);
}

/** `[0, 1, … count - 1]` */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function readAll(log: EventLog, after: Position = LOG_START): Promise<StoredEvent[]> {
  return (await collect(log.readLog({ after, max: 100 }))).flat();
}

export async function streamOfLog(
  log: EventLog,
  stream: StreamName,
  options?: ReadStreamOptions,
): Promise<StoredEvent[]> {
  return collect(log.readStream(stream, options));
}

/** Appends one event at a time to a stream of its own. */
export async function appendOneByOne(log: EventLog, count: number): Promise<EventToStore[]> {
  const stream = aStream();
  const events = someEvents(count);
  for (const [index, event] of events.entries()) {
    await log.append(stream, index === 0 ? 'none' : index - 1, [event]);
  }
  return events;
}

export type Settled<T> = { readonly value: T } | { readonly error: unknown };

export async function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 2;

/** Waits for something that must come true; says what it was when it does not. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}

export interface Follower {
  /** All that came, in order. */
  readonly heard: readonly (Page | CaughtUp)[];
  readonly events: readonly StoredEvent[];
  /** Settles when the subscription has ended. */
  readonly ended: Promise<void>;
  hasCaughtUp(): boolean;
  stop(): Promise<void>;
}

/** A reader in the background; its failure is met by whoever waits for its end. */
export function follow(
  log: EventLog,
  options: Partial<Omit<SubscribeOptions, 'signal'>> = {},
): Follower {
  const heard: (Page | CaughtUp)[] = [];
  const events: StoredEvent[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  const ended = (async () => {
    for await (const message of log.subscribe({ after: LOG_START, ...options, signal })) {
      heard.push(message);
      if (message.kind === 'page') events.push(...message.events);
    }
  })();
  ended.catch(() => undefined); // Met by whoever awaits `ended`, not as an unhandled rejection.
  return {
    heard,
    events,
    ended,
    hasCaughtUp: () => heard.at(-1)?.kind === 'caught-up',
    stop: async () => {
      controller.abort();
      await ended;
    },
  };
}

/** Every version the stream does not have, as a writer might wrongly think. */
export function wrongVersions(actual: number): ExpectedVersion[] {
  const near = [actual - 1, actual + 1, actual + 100].filter((version) => version >= 0);
  return ['none', ...near];
}

/** The log with some of its methods answering otherwise. */
export function logWith(log: EventLog, other: Partial<EventLog>): EventLog {
  return {
    append: (...given) => log.append(...given),
    readStream: (...given) => log.readStream(...given),
    readStreams: (streams) => log.readStreams(streams),
    readLog: (options) => log.readLog(options),
    subscribe: (options) => log.subscribe(options),
    head: () => log.head(),
    close: () => log.close(),
    ...other,
  };
}
