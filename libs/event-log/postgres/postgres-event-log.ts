import type { StreamName } from '#kernel';
import {
  checkAppend,
  checkNamespace,
  LogUnavailable,
  readingByPages,
  type Appended,
  type EventLog,
  type EventToStore,
  type ExpectedVersion,
  type LogPages,
  type Position,
} from '#event-log';
import { openPool, type PostgresAddress } from '#postgres';
import { Appending } from './appending.js';
import { Connections, TIMINGS, type Timings } from './connections.js';
import { GroupCommit } from './group-commit.js';
import { HeadWatch } from './head-watch.js';
import { Notices } from './notices.js';
import { prepareLog } from './opening.js';
import { Reading } from './reading.js';
import { LogSchema } from './schema.js';

export interface PostgresEventLogOptions {
  /** Of a database; its namespaces are logs of their own, each with its own positions. */
  readonly address: PostgresAddress;
  readonly timings?: Timings;
}

/**
 * A log in PostgreSQL, 15 or newer. Its tables are made when they are absent.
 * @throws LogUnavailable, LogDamaged, LogAddressRefused
 */
export async function openPostgresEventLog(options: PostgresEventLogOptions): Promise<EventLog> {
  const { address, timings = TIMINGS } = options;
  checkNamespace(address.namespace);
  const schema = new LogSchema(address.namespace);
  const connections = new Connections(address, timings);
  try {
    await prepareLog(connections, schema);
  } catch (error) {
    await connections.close();
    throw error;
  }
  return new PostgresEventLog(address, connections, schema);
}

class PostgresEventLog implements EventLog {
  readonly readStream: EventLog['readStream'];
  readonly readStreams: EventLog['readStreams'];
  readonly readLog: EventLog['readLog'];
  readonly subscribe: EventLog['subscribe'];
  private readonly reading: Reading;
  private readonly notices: Notices;
  private readonly watch: HeadWatch;
  private readonly commits: GroupCommit;
  private closing: Promise<void> | undefined;

  constructor(
    address: PostgresAddress,
    private readonly connections: Connections,
    schema: LogSchema,
  ) {
    this.reading = new Reading(connections, schema);
    this.notices = new Notices(openPool(address.config, { max: 2 }), schema.name);
    this.watch = new HeadWatch(this.reading, this.notices, connections.timings.headPollMs);
    const appending = new Appending(connections, schema, this.reading);
    this.commits = new GroupCommit(connections, appending, (head) => {
      this.watch.tell(head);
      this.notices.tell();
    });
    const { readStream, readStreams, readLog, subscribe } = readingByPages(this.pages());
    this.readStream = readStream;
    this.readStreams = readStreams;
    this.readLog = readLog;
    this.subscribe = subscribe;
  }

  private pages(): LogPages {
    return {
      head: () => this.reading.head(),
      logPage: (request) => this.reading.logPage(request),
      streamPage: (request) => this.reading.streamPage(request),
      streamsPage: (request) => this.reading.streamsPage(request),
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

  head(): Promise<Position> {
    return this.reading.head();
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.watch.wakeAll();
    await this.commits.idle();
    await Promise.all([this.notices.close(), this.connections.close()]);
  }
}
