import type { StreamName } from '#kernel';
import {
  checkAppend,
  checkNamespace,
  readingByPages,
  streamsSideBySide,
  type Appended,
  type EventLog,
  type EventToStore,
  type ExpectedVersion,
  type Position,
} from '#event-log';
import { Appending } from './appending.js';
import { closed, Connection } from './connection.js';
import type { ConnectionSettings } from './connection-string.js';
import { Naming } from './frame.js';
import { HeadFinder } from './head-finder.js';
import { LiveHead } from './live-head.js';
import { TIMINGS, type Timings } from './limits.js';
import { Reading } from './reading.js';

export interface EventStoreDbEventLogOptions {
  readonly settings: ConnectionSettings;
  readonly timings?: Partial<Timings>;
  /** Told, once each time, that the server has been away for a while and is waited for. */
  readonly onWaiting?: (message: string) => void;
}

/**
 * The log on EventStoreDB 24.10 or newer, one node or a cluster: what is answered is on the disks
 * of a majority.
 * @throws LogUnavailable when the server cannot be reached, or does not let this user in
 * @throws LogAddressRefused when a certificate's file cannot be read
 */
export async function openEventStoreDbEventLog(
  options: EventStoreDbEventLogOptions,
): Promise<EventLog> {
  const { settings, onWaiting = () => undefined } = options;
  checkNamespace(settings.namespace);
  const { appendDeadlineMs = TIMINGS.appendDeadlineMs } = settings;
  const timings = { ...TIMINGS, appendDeadlineMs, ...options.timings };
  const connection = new Connection(settings, timings, onWaiting);
  const isCluster = settings.discover || settings.hosts.length > 1;
  const patienceMs = isCluster ? timings.patienceMs : timings.openingPatienceMs;
  await connection.call(() => Promise.resolve(), { patienceMs });
  return new EventStoreDbEventLog(connection, new Naming(settings.namespace));
}

class EventStoreDbEventLog implements EventLog {
  readonly readStream: EventLog['readStream'];
  readonly readStreams: EventLog['readStreams'];
  readonly readLog: EventLog['readLog'];
  readonly subscribe: EventLog['subscribe'];
  private readonly finder: HeadFinder;
  private readonly appending: Appending;
  private readonly live: LiveHead;

  constructor(
    private readonly connection: Connection,
    naming: Naming,
  ) {
    const reading = new Reading(connection, naming);
    this.finder = new HeadFinder(connection, naming, reading);
    this.appending = new Appending(connection, naming, reading);
    this.live = new LiveHead(connection, reading, this.finder);
    const { readStream, readStreams, readLog, subscribe } = readingByPages({
      head: (signal) => this.finder.find(signal),
      logPage: (request) => reading.logPage(request),
      streamPage: (request) => reading.streamPage(request),
      streamsPage: (request) => streamsSideBySide((one) => reading.streamPage(one), request),
      moved: (beyond, signal) => this.live.moved(beyond, signal),
      isOpen: () => connection.isOpen,
    });
    this.readStream = readStream;
    this.readStreams = readStreams;
    this.readLog = readLog;
    this.subscribe = subscribe;
  }

  async append(
    stream: StreamName,
    expected: ExpectedVersion,
    events: readonly EventToStore[],
  ): Promise<Appended> {
    checkAppend(stream, expected, events);
    if (!this.connection.isOpen) throw closed();
    const appended = await this.appending.append(stream, expected, events);
    this.live.tell(appended.position);
    return appended;
  }

  head(): Promise<Position> {
    return this.finder.find();
  }

  async close(): Promise<void> {
    const closing = this.connection.close();
    this.live.wakeAll();
    await closing;
  }
}
