import { randomUUID } from 'node:crypto';
import {
  binaryEvent,
  EventStoreDBClient,
  type AppendExpectedRevision,
} from '@eventstore/db-client';
import type { EventLog, StoredEvent } from '#event-log';
import {
  openEventStoreDbEventLog,
  parseConnectionString,
  type ConnectionSettings,
  type Timings,
} from '#event-log/eventstoredb';
import type { EventLogFixture, OverwriteAttempt } from '#event-log/conformance';
import { startNode } from '../server/index.js';

/** Names a real server, one node or a cluster; without it an in-process one is started. */
export const REAL_SERVER = process.env['WAYLEDGER_TEST_EVENTSTOREDB'];

/** One that nobody has used: a server keeps what earlier runs wrote. */
export function freshNamespace(): string {
  return `t${randomUUID().replaceAll('-', '').slice(0, 15)}`;
}

/** The address of one of the logs on a server. */
export function withNamespace(url: string, namespace: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}namespace=${namespace}`;
}

export interface TestServer {
  readonly url: string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The server that the environment names, or one of our own. */
export async function someServer(): Promise<TestServer> {
  const nothing = (): Promise<void> => Promise.resolve();
  if (REAL_SERVER !== undefined) return { url: REAL_SERVER, restart: nothing, stop: nothing };
  return startNode();
}

/** A log of its own on the server, as the conformance suite wants it. */
export async function eventStoreDbFixture(
  timings: Partial<Timings> = {},
): Promise<EventLogFixture> {
  const server = await someServer();
  const base = parseConnectionString(server.url);
  const namespace = freshNamespace();
  const settingsIn = (inner = ''): ConnectionSettings => ({
    ...base,
    // The laws name namespaces; here each run has a family of its own. A bad name stays bad.
    namespace: /^[a-z]*$/u.test(inner) && inner.length < 16 ? namespace + inner : inner,
  });
  let handles: EventLog[] = [];
  const closeAll = async (): Promise<void> => {
    const open = handles;
    handles = [];
    await Promise.all(open.map((handle) => handle.close()));
  };
  return {
    async open(inner) {
      const handle = await openEventStoreDbEventLog({ settings: settingsIn(inner), timings });
      handles.push(handle);
      return handle;
    },
    restart: () => server.restart(),
    overwriteAttempts: (written) => overwriteAttempts(server.url, namespace, written),
    async dispose() {
      await closeAll();
      await server.stop();
    },
  };
}

/** As an administrator may: the events before this one are no longer shown when it is read. */
export async function truncateStream(log: string, stream: string, before: number): Promise<void> {
  const { namespace, credentials } = parseConnectionString(log);
  const client = EventStoreDBClient.connectionString(log.replace(/[?&]namespace=[^&]*/u, ''));
  const options = credentials === undefined ? {} : { credentials };
  const name = `wayledger.${namespace}:${stream}`;
  await client.setStreamMetadata(name, { truncateBefore: before }, options);
  await client.dispose();
}

/** Deleting is a right of the server's users: what becomes of that has tests of its own. */
function overwriteAttempts(
  url: string,
  namespace: string,
  { stream, version, id, type }: StoredEvent,
): OverwriteAttempt[] {
  const name = `wayledger.${namespace}:${stream}`;
  const { credentials } = parseConnectionString(url);
  const at = (revision: number): AppendExpectedRevision =>
    revision === 0 ? 'no_stream' : BigInt(revision - 1);
  const append = (what: string, revision: number, forgedId: string): OverwriteAttempt => ({
    what,
    async run() {
      const client = EventStoreDBClient.connectionString(url);
      try {
        const event = binaryEvent({ id: forgedId, type, data: Buffer.from('forged') });
        await client.appendToStream(name, event, {
          expectedRevision: at(revision),
          credentials: credentials ?? { username: 'nobody', password: '' },
        });
      } finally {
        await client.dispose();
      }
    },
  });
  return [
    append('another event in its place', version, randomUUID()),
    append('another event in place of the first', 0, randomUUID()),
    append('the same id one place further', version + 1, id),
  ];
}
