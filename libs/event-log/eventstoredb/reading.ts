import {
  StreamDeletedError,
  streamNameFilter,
  StreamNotFoundError,
  type ResolvedEvent,
  type AllStreamResolvedEvent,
} from '@eventstore/db-client';
import type { StreamName } from '#kernel';
import {
  LOG_START,
  LogDamaged,
  PAGE_BYTES_MAX,
  sizeOf,
  type LogPage,
  type LogPageRequest,
  type Position,
  type StoredEvent,
  type StreamPage,
  type StreamPageRequest,
} from '#event-log';
import type { Connection } from './connection.js';
import { deletedForEver } from './failures.js';
import { fromServer, type Naming } from './frame.js';
import { gather, type Gathering, type Source } from './gather.js';
import type { GuardedClient } from './guarded-client.js';

/** Events that the server looks at before it tells how far it is: its sign of life. */
const SEARCH_WINDOW = 500;
const SERVER_PAGE_EVENTS = 32;
/** Of one page, whatever the filter lets through. */
const SCAN_EVENTS_MAX = 10_000;

const NOTHING: StreamPage = { events: [], full: false };

/** Where reading `$all` begins: after an event that was read, at both of its positions. */
function startAfter(after: Position) {
  return after === LOG_START ? 'start' : { commit: after, prepare: after };
}

/** Single pages of the log and of its streams. */
export class Reading {
  constructor(
    private readonly connection: Connection,
    private readonly naming: Naming,
  ) {}

  /** At least up to the first event that is there beyond `after`: the caller knows of one. */
  logPage({ after, upTo, max, filter, signal }: LogPageRequest): Promise<LogPage> {
    const types = filter && new Set(filter.types);
    const work = async (client: GuardedClient): Promise<LogPage> => {
      const events: StoredEvent[] = [];
      let through = after;
      let scanned = 0;
      let size = 0;
      await gather(
        (gathering) => this.subscription(client, after, gathering),
        (resolved: AllStreamResolvedEvent, { done }) => {
          if (resolved.event === undefined) return;
          const event = fromServer(this.naming, resolved.event);
          if (event.position <= through) return; // Delivered once already.
          through = event.position;
          scanned += 1;
          if (types?.has(event.type) !== false) {
            events.push(event);
            size += sizeOf(event);
          }
          const isFull = events.length >= max || size >= PAGE_BYTES_MAX;
          if (through >= upTo || isFull || scanned >= SCAN_EVENTS_MAX) done();
        },
        { silenceMs: this.connection.timings.silenceMs, signal, endless: true },
      );
      return { events, through };
    };
    return this.connection.call(work, { signal });
  }

  /** The client reads `$all` with a filter only as a subscription. It starts after the position. */
  subscription(
    client: GuardedClient,
    after: Position,
    { alive }: Pick<Gathering, 'alive'>,
  ): Source<AllStreamResolvedEvent> {
    return client.subscribeToAll({
      fromPosition: startAfter(after),
      filter: streamNameFilter({
        prefixes: [this.naming.prefix],
        maxSearchWindow: SEARCH_WINDOW,
        // Checkpoints are only heard, never kept: several servers' could skip an event.
        checkpointReached: () => {
          alive();
          return Promise.resolve();
        },
      }),
      ...this.connection.asked(),
    });
  }

  async streamPage(request: StreamPageRequest): Promise<StreamPage> {
    const { stream, from, backwards } = request;
    const page = await this.rawPage(request);
    if (page === null) {
      await this.mustBeNew(stream);
      return NOTHING;
    }
    if (page.events.length === 0 && backwards && from < Number.MAX_SAFE_INTEGER) {
      return this.fromTheEnd(request);
    }
    const whole = backwards ? page : await this.untorn(request, page);
    checkWhole(request, whole);
    return whole;
  }

  /**
   * The server reads 32 events at a time and takes the end from before it read: of an append that
   * came in between, it may give only what fits into its own page. There is a second look where
   * that could be.
   */
  private async untorn(request: StreamPageRequest, page: StreamPage): Promise<StreamPage> {
    const { length } = page.events;
    if (page.full || length === 0 || length % SERVER_PAGE_EVENTS !== 0) return page;
    const [from, max] = [request.from + length, request.max - length];
    const rest = (await this.rawPage({ ...request, from, max })) ?? NOTHING;
    return { events: [...page.events, ...rest.events], full: rest.full };
  }

  /** Backwards from beyond the end: what a server makes of that is not the same for all. */
  private async fromTheEnd(request: StreamPageRequest): Promise<StreamPage> {
    const last = await this.rawPage({ ...request, from: Number.MAX_SAFE_INTEGER, max: 1 });
    const end = last?.events[0]?.version ?? 0;
    const page = await this.rawPage({ ...request, from: Math.min(request.from, end) });
    checkWhole(request, page ?? NOTHING);
    return page ?? NOTHING;
  }

  private rawPage(request: StreamPageRequest): Promise<StreamPage | null> {
    return this.connection.call((client) => this.readPage(client, request));
  }

  /** `null` when there is no such stream. */
  private async readPage(
    client: GuardedClient,
    { stream, from, backwards, max }: StreamPageRequest,
  ): Promise<StreamPage | null> {
    const events: StoredEvent[] = [];
    let size = 0;
    const isThere = await this.readRecords(
      stream,
      () =>
        client.readStream(this.naming.onServer(stream), {
          fromRevision: from === Number.MAX_SAFE_INTEGER ? 'end' : BigInt(from),
          direction: backwards ? 'backwards' : 'forwards',
          maxCount: max,
          ...this.connection.asked(),
        }),
      ({ event }, { done }) => {
        if (event === undefined) return;
        const stored = fromServer(this.naming, event);
        events.push(stored);
        size += sizeOf(stored);
        if (size >= PAGE_BYTES_MAX) done();
      },
    );
    return isThere ? { events, full: size >= PAGE_BYTES_MAX || events.length >= max } : null;
  }

  /** Of an event that the server has just said is there. */
  async positionAt(client: GuardedClient, stream: StreamName, version: number): Promise<Position> {
    const page = await this.readPage(client, { stream, from: version, backwards: false, max: 1 });
    const [event] = page?.events ?? [];
    if (event !== undefined) return event.position;
    throw new LogDamaged(`${stream} has no version ${version}, which the server has just written`);
  }

  private async readRecords(
    stream: StreamName,
    open: () => Source<ResolvedEvent>,
    onEvent: (resolved: ResolvedEvent, gathering: Gathering) => void,
  ): Promise<boolean> {
    try {
      await gather(open, onEvent, { silenceMs: this.connection.timings.silenceMs });
      return true;
    } catch (error) {
      if (error instanceof StreamNotFoundError) return false;
      throw error instanceof StreamDeletedError ? deletedForEver(stream, error) : error;
    }
  }

  /**
   * A stream that somebody deleted looks like one that never was: a decision on it would forget all
   * that happened. What is left of it is the note in its metadata.
   */
  private async mustBeNew(stream: StreamName): Promise<void> {
    const name = this.naming.onServer(stream);
    const isNoted = await this.connection.call((client) =>
      this.readRecords(
        stream,
        () =>
          client.readStream(`$$${name}`, {
            fromRevision: 'end',
            direction: 'backwards',
            maxCount: 1,
            ...this.connection.asked(),
          }),
        () => undefined,
      ),
    );
    if (isNoted) throw hidden(stream);
  }
}

/** A stream that is there has its events from the first on, without a gap. */
function checkWhole(request: StreamPageRequest, { events, full }: StreamPage): void {
  const { stream, from, backwards } = request;
  const step = backwards ? -1 : 1;
  let next = backwards ? events[0]?.version : from;
  for (const { version } of events) {
    if (version !== next) throw hidden(stream);
    next += step;
  }
  const isWhole = backwards ? full || next === -1 : from > 0 || events.length > 0;
  if (!isWhole) throw hidden(stream);
}

function hidden(stream: StreamName): LogDamaged {
  return new LogDamaged(
    `Events of ${stream} are hidden or deleted on the server (its metadata, or a gap in its ` +
      'versions, says so): nothing can be decided on what is left of it',
  );
}
