import { assert, type StreamName } from '#kernel';
import type { Position } from './place.js';
import type {
  CaughtUp,
  EventLog,
  LogFilter,
  Page,
  ReadLogOptions,
  ReadStreamOptions,
  SubscribeOptions,
} from './port.js';
import type { EventToStore, StoredEvent } from './stored-event.js';

/** Of a page: what is held in memory at once, whatever the store. */
export const PAGE_EVENTS_MAX = 500;
export const PAGE_BYTES_MAX = 4 * 1024 * 1024;

export interface LogPageRequest {
  /** Exclusive. */
  readonly after: Position;
  /** No further than this; at most the head. */
  readonly upTo: Position;
  readonly max: number;
  readonly filter?: LogFilter | undefined;
  /** The reader has gone: what the answer is does not matter any more. */
  readonly signal?: AbortSignal;
}

export interface LogPage {
  readonly events: readonly StoredEvent[];
  /** Up to here everything was looked at: where the next page starts. */
  readonly through: Position;
}

export interface StreamPageRequest {
  readonly stream: StreamName;
  /** Inclusive; backwards, the highest. */
  readonly from: number;
  readonly backwards: boolean;
  readonly max: number;
}

export interface StreamsPageRequest {
  readonly streams: readonly StreamName[];
  /** The first version wanted of the first stream; of the others all are. */
  readonly from: number;
  readonly max: number;
}

export interface StreamPage {
  readonly events: readonly StoredEvent[];
  /** Whether there may be more. */
  readonly full: boolean;
}

/** What a store can tell page by page. The rest of reading a log is the same for all of them. */
export interface LogPages {
  /** How far there is something to read; nothing at or below it will ever be added. */
  head(signal?: AbortSignal): Promise<Position>;
  logPage(request: LogPageRequest): Promise<LogPage>;
  streamPage(request: StreamPageRequest): Promise<StreamPage>;
  /** Some streams one after the other; `full`: there may be more after the last of these events. */
  streamsPage(request: StreamsPageRequest): Promise<StreamPage>;
  /** Resolves when the head may be beyond this position, when the signal aborts, or at the end. */
  moved(beyond: Position, signal: AbortSignal): Promise<void>;
  /** Whether the log is still open. */
  isOpen(): boolean;
}

/** Asked for at once: enough to fill a page, in most logs, and few enough to throw none away. */
const STREAMS_AT_ONCE = 8;

/** Of a store that has no quicker way: each is asked for by itself, all at the same time. */
export async function streamsSideBySide(
  streamPage: LogPages['streamPage'],
  { streams, from, max }: StreamsPageRequest,
): Promise<StreamPage> {
  const pages = await Promise.all(
    streams.map((stream, index) =>
      streamPage({ stream, from: index === 0 ? from : 0, backwards: false, max }),
    ),
  );
  const cut = pages.findIndex(({ full }) => full);
  const whole = cut === -1 ? pages : pages.slice(0, cut + 1);
  return { events: whole.flatMap(({ events }) => events), full: cut !== -1 };
}

type PagedReading = Pick<EventLog, 'readStream' | 'readStreams' | 'readLog' | 'subscribe'>;

/** The reading half of the port, over the pages of a store. */
export function readingByPages(pages: LogPages): PagedReading {
  return {
    readStream: (stream, options) => readStream(pages, stream, options),
    readStreams: (streams) => readStreams(pages, streams),
    readLog: (options) => readLog(pages, options),
    subscribe: (options) => subscribe(pages, options),
  };
}

async function* readStream(
  pages: LogPages,
  stream: StreamName,
  { from, backwards = false, max = Infinity }: ReadStreamOptions = {},
): AsyncGenerator<StoredEvent, void, undefined> {
  let next = from ?? (backwards ? Number.MAX_SAFE_INTEGER : 0);
  assert(Number.isSafeInteger(next) && next >= 0, 'a stream is read from a version');
  let left = max;
  while (left > 0 && next >= 0) {
    const request = { stream, from: next, backwards, max: Math.min(left, PAGE_EVENTS_MAX) };
    const { events, full } = await pages.streamPage(request);
    yield* events;
    const last = events.at(-1);
    if (!full || last === undefined) return;
    left -= events.length;
    next = last.version + (backwards ? -1 : 1);
  }
}

async function* readStreams(
  pages: LogPages,
  streams: readonly StreamName[],
): AsyncGenerator<readonly StoredEvent[], void, undefined> {
  let at = 0;
  let from = 0;
  while (at < streams.length) {
    const some = streams.slice(at, at + STREAMS_AT_ONCE);
    const page = await pages.streamsPage({ streams: some, from, max: PAGE_EVENTS_MAX });
    const last = page.events.at(-1);
    if (page.events.length > 0) yield page.events;
    const isCut = page.full && last !== undefined;
    at += isCut ? some.indexOf(last.stream) : some.length;
    from = isCut ? last.version + 1 : 0;
  }
}

async function* readLog(
  pages: LogPages,
  { after, max, filter }: ReadLogOptions,
): AsyncGenerator<readonly StoredEvent[], void, undefined> {
  assert(Number.isSafeInteger(max) && max > 0, 'a page has room for an event');
  const pageMax = Math.min(max, PAGE_EVENTS_MAX);
  let at = after;
  let upTo = after;
  for (;;) {
    // The head moves: it is asked for again when the last one that was met is reached.
    if (at >= upTo) upTo = await pages.head();
    if (at >= upTo) return;
    const page = await pages.logPage({ after: at, upTo, max: pageMax, filter });
    at = page.through;
    if (page.events.length > 0) yield page.events;
  }
}

async function* subscribe(
  pages: LogPages,
  { after, filter, signal }: SubscribeOptions,
): AsyncGenerator<Page | CaughtUp, void, undefined> {
  let at = after;
  let caughtUpAt: Position | undefined;
  try {
    while (!signal.aborted && pages.isOpen()) {
      // Positions rise in commit order: all there will ever be up to the head is there.
      const upTo = await pages.head(signal);
      if (at < upTo) {
        const page = await pages.logPage({ after: at, upTo, max: PAGE_EVENTS_MAX, filter, signal });
        at = page.through;
        if (page.events.length > 0) yield { kind: 'page', events: page.events };
      } else if (at !== caughtUpAt) {
        caughtUpAt = at;
        yield { kind: 'caught-up', position: at };
      } else if (pages.isOpen()) {
        // Asked anew: nobody wakes who falls asleep after the log was closed.
        await pages.moved(at, signal);
      }
    }
  } catch (error) {
    // Who has gone, or closed the log, wants no more of it: not its failures either.
    if (!signal.aborted && pages.isOpen()) throw error;
  }
}

/** About how much memory an event takes: enough to keep pages and batches small. */
export function sizeOf(event: EventToStore): number {
  return event.data.length + event.protected.length + event.metadata.length;
}
