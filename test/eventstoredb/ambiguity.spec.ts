import { describe, expect, test } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import type { StreamName } from '#kernel';
import { LogUnavailable, VersionConflict, type EventLog, type EventToStore } from '#event-log';
import { aStream, idsOf, readAll, someEvents, streamOfLog, upTo } from '#event-log/conformance';
import type { ServerNode } from './server/index.js';
import { onNode } from './support/scene.js';

const FAULTS = {
  none: () => undefined,
  busy: ({ faults }: ServerNode) => {
    faults.unavailable('append', 2);
  },
  'nobody there': ({ faults }: ServerNode) => {
    faults.unavailable('all', 3);
  },
  'answer lost': ({ faults }: ServerNode) => {
    faults.loseNextAnswer();
  },
  'answers lost': ({ faults }: ServerNode) => {
    for (const _ of upTo(3)) faults.loseNextAnswer();
  },
  'stored, and not answered': ({ faults }: ServerNode) => {
    faults.notYetReplicated(2, { stored: true, afterMs: 5 });
  },
  'not stored, and not answered': ({ faults }: ServerNode) => {
    faults.notYetReplicated(2, { stored: false, afterMs: 5 });
  },
  'stored, and no answer within patience': ({ faults }: ServerNode) => {
    faults.notYetReplicated(4, { stored: true, afterMs: 60 });
  },
  'not stored, nor answered within patience': ({ faults }: ServerNode) => {
    faults.notYetReplicated(4, { stored: false, afterMs: 60 });
  },
  unknown: ({ faults }: ServerNode) => {
    faults.failNext('append', { code: status.UNKNOWN, details: 'Something of its own' });
  },
  'position not found': ({ faults }: ServerNode) => {
    faults.unavailable('read', 2);
  },
  restart: (node: ServerNode) => node.restart(),
};
type Fault = keyof typeof FAULTS;

interface Acknowledged {
  readonly stream: StreamName;
  readonly version: number;
  readonly position: bigint;
  readonly ids: readonly string[];
}

interface Books {
  readonly acknowledged: Acknowledged[];
  /** Of appends that may be written, by what was answered. */
  readonly unsure: Set<string>;
}

/** One append, at wherever the stream is by now; what befalls it is in the books. */
async function appendOnce(
  log: EventLog,
  stream: StreamName,
  events: EventToStore[],
  { acknowledged, unsure }: Books,
): Promise<void> {
  for (;;) {
    try {
      const expected = (await streamOfLog(log, stream)).at(-1)?.version ?? 'none';
      const { version, position } = await log.append(stream, expected, events);
      acknowledged.push({ stream, version, position, ids: idsOf(events) });
      return;
    } catch (error) {
      if (error instanceof VersionConflict) continue; // Surely not written: the same ones again.
      if (!(error instanceof LogUnavailable)) throw error;
      if (!error.mayBeWritten) continue;
      for (const { id } of events) unsure.add(id);
      return;
    }
  }
}

describe('whatever goes wrong between the server and several writers', () => {
  test('what was acknowledged is there once, in its place, and nothing that was not given', async () => {
    const faults = fc.constantFrom(...(Object.keys(FAULTS) as Fault[]));
    await fc.assert(
      fc.asyncProperty(
        fc.array(faults, { minLength: 6, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 }),
        (faultsToCome, sizes) =>
          onNode(async (node, open) => {
            const books: Books = { acknowledged: [], unsure: new Set() };
            const shared = aStream();
            const coming = [...faultsToCome];
            // One after the other: a server cannot restart twice at once.
            let befalling: Promise<unknown> = Promise.resolve();
            const writing = sizes.map(async (size) => {
              const log = await open({ patienceMs: 150 });
              const streams = [shared, aStream()];
              while (coming.length > 0) {
                const fault = FAULTS[coming.pop()!];
                befalling = befalling.then(() => fault(node));
                await befalling;
                for (const stream of streams) {
                  await appendOnce(log, stream, someEvents(size), books);
                }
              }
            });
            await Promise.all(writing);
            node.faults.clear();
            await compare(await open(), books);
          }),
      ),
      { numRuns: 6, examples: [[Array<Fault>(9).fill('restart'), [1, 2, 1]]] },
    );
  });
});

async function compare(log: EventLog, { acknowledged, unsure }: Books): Promise<void> {
  const all = await readAll(log);
  const byId = new Map(all.map((event) => [event.id as string, event]));
  expect(byId.size).toBe(all.length);
  for (const { stream, version, position, ids } of acknowledged) {
    const places = ids.map((id) => byId.get(id));
    expect(places.map((event) => event?.stream)).toEqual(ids.map(() => stream));
    expect(places.map((event) => event?.version)).toEqual(
      ids.map((_, index) => version - ids.length + 1 + index),
    );
    expect(places.at(-1)?.position).toBe(position);
  }
  const known = new Set(acknowledged.flatMap(({ ids }) => ids));
  for (const { id } of all) expect(known.has(id) || unsure.has(id)).toBe(true);
  for (const stream of new Set(all.map((event) => event.stream))) {
    const versions = all.filter((event) => event.stream === stream).map(({ version }) => version);
    expect(versions).toEqual(upTo(versions.length));
  }
}
