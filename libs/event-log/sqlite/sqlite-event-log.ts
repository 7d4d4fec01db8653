import type { StreamName } from '#kernel';
import {
  checkAppend,
  checkNamespace,
  LOG_START,
  LogUnavailable,
  readingByPages,
  streamsSideBySide,
  type Appended,
  type EventLog,
  type EventToStore,
  type ExpectedVersion,
  type LogPages,
  type Position,
} from '#event-log';
import { Appending } from './appending.js';
import { openConnections, type Connections } from './connections.js';
import { FairTurns } from './fair-turns.js';
import { GroupCommit } from './group-commit.js';
import { HeadWatch } from './head-watch.js';
import { Reading } from './reading.js';

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
  readonly readStream: EventLog['readStream'];
  readonly readStreams: EventLog['readStreams'];
  readonly readLog: EventLog['readLog'];
  readonly subscribe: EventLog['subscribe'];
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
    const { readStream, readStreams, readLog, subscribe } = readingByPages(this.pages());
    this.readStream = readStream;
    this.readStreams = readStreams;
    this.readLog = readLog;
    this.subscribe = subscribe;
  }

  private pages(): LogPages {
    const inTurn = async <T>(read: () => T): Promise<T> => {
      await this.turns.take();
      return read();
    };
    const streamPage: LogPages['streamPage'] = (request) =>
      inTurn(() => this.reading.streamPage(request));
    return {
      // Of the whole file: all there will ever be up to it is there, whatever the namespace.
      head: () => inTurn(() => this.reading.head()),
      logPage: (request) => inTurn(() => this.reading.logPage(request)),
      streamPage,
      streamsPage: (request) => streamsSideBySide(streamPage, request),
      moved: (beyond, signal) => this.watch.moved(beyond, signal),
      isOpen: () => this.closing === undefined,
    };
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
