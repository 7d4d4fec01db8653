import { assert, type StreamName } from '#kernel';
import {
  checkAppend,
  checkNamespace,
  LOG_START,
  LogUnavailable,
  type Appended,
  type CaughtUp,
  type EventLog,
  type EventToStore,
  type ExpectedVersion,
  type Page,
  type Position,
  type ReadLogOptions,
  type ReadStreamOptions,
  type StoredEvent,
  type SubscribeOptions,
} from '#event-log';
import { Appending } from './appending.js';
import { openConnections, type Connections } from './connections.js';
import { FairTurns } from './fair-turns.js';
import { GroupCommit } from './group-commit.js';
import { HeadWatch } from './head-watch.js';
import { PAGE_EVENTS_MAX, Reading } from './reading.js';

export interface SqliteEventLogOptions {
  /** Of the database file; its folder is made when absent. Several processes may open it. */
  readonly path: string;
  /** Several logs may share a file and its positions; each sees only its own events. */
  readonly namespace?: string;
}

/** The embedded store: one SQLite file, nothing to run beside it. */
export async function openSqliteEventLog(options: SqliteEventLogOptions): Promise<EventLog> {
  const { path, namespace = '' } = options;
  checkNamespace(namespace);
  return new SqliteEventLog(await openConnections(path), namespace);
}

class SqliteEventLog implements EventLog {
  private readonly reading: Reading;
  private readonly watch: HeadWatch;
  private readonly commits: GroupCommit;
  private readonly turns = new FairTurns();
  private closing: Promise<void> | undefined;

  constructor(
    private readonly connections: Connections,
    namespace: string,
  ) {
    const { reader, writer } = connections;
    this.reading = new Reading(reader, namespace);
    this.watch = new HeadWatch(this.reading);
    this.commits = new GroupCommit(writer, new Appending(writer, namespace), () => {
      this.watch.wakeAll();
    });
  }

  async append(
    stream: StreamName,
    expected: ExpectedVersion,
    events: readonly EventToStore[],
  ): Promise<Appended> {
    checkAppend(stream, expected, events);
    if (this.closing !== undefined) throw new LogUnavailable('The event log is closed', false);
    // Copied: what was checked is what is written, whatever the caller does to it meanwhile.
    return this.commits.append({ stream, expected, events: events.map((event) => ({ ...event })) });
  }

  async *readStream(
    stream: StreamName,
    { from, backwards = false, max = Infinity }: ReadStreamOptions = {},
  ): AsyncGenerator<StoredEvent, void, undefined> {
    let next = from ?? (backwards ? Number.MAX_SAFE_INTEGER : 0);
    assert(Number.isSafeInteger(next) && next >= 0, 'a stream is read from a version');
    let left = max;
    while (left > 0 && next >= 0) {
      await this.turns.take();
      const { events, full } = this.reading.streamPage(stream, next, backwards, left);
      yield* events;
      const last = events.at(-1);
      if (!full || last === undefined) return;
      left -= events.length;
      next = last.version + (backwards ? -1 : 1);
    }
  }

  async *readLog({
    after,
    max,
    filter,
  }: ReadLogOptions): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    assert(Number.isSafeInteger(max) && max > 0, 'a page has room for an event');
    let at = after;
    for (;;) {
      await this.turns.take();
      const upTo = this.reading.head();
      if (at >= upTo) return;
      const page = this.reading.logPage({ after: at, upTo, max, filter });
      at = page.through;
      if (page.events.length > 0) yield page.events;
    }
  }

  async *subscribe({
    after,
    filter,
    signal,
  }: SubscribeOptions): AsyncGenerator<Page | CaughtUp, void, undefined> {
    const goesOn = (): boolean => !signal.aborted && this.closing === undefined;
    let at = after;
    let caughtUpAt: Position | undefined;
    for (;;) {
      await this.turns.take();
      if (!goesOn()) return;
      // Positions rise in commit order: all there will ever be up to the head is there.
      const upTo = this.reading.head();
      if (at < upTo) {
        const page = this.reading.logPage({ after: at, upTo, max: PAGE_EVENTS_MAX, filter });
        at = page.through;
        if (page.events.length > 0) yield { kind: 'page', events: page.events };
      } else if (at !== caughtUpAt) {
        caughtUpAt = at;
        yield { kind: 'caught-up', position: at };
      } else {
        await this.watch.moved(at, signal);
      }
    }
  }

  async head(): Promise<Position> {
    await this.turns.take();
    let upTo = this.reading.head();
    while (upTo > LOG_START) {
      const { found, from } = this.reading.newest(upTo);
      if (found !== undefined) return found;
      upTo = from;
      await this.turns.take(); // Here only where other namespaces have written much since.
    }
    return LOG_START;
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.watch.wakeAll();
    await this.commits.idle();
    this.reading.close();
    this.connections.reader.close();
    this.connections.writer.close();
  }
}
