import { describe, expect, test } from '@jest/globals';
import type { StreamName } from '#kernel';
import { LogUnavailable, type Appended, type EventLog, type EventToStore } from '#event-log';
import { openEventStoreDbEventLog, parseConnectionString } from '#event-log/eventstoredb';
import {
  anEvent,
  aStream,
  follow,
  idsOf,
  readAll,
  settle,
  someEvents,
  streamOfLog,
  until,
  upTo,
} from '#event-log/conformance';
import type { ServerCluster } from './server/index.js';
import { CONNECTING, NAMESPACE, onCluster, openLog, QUICK } from './support/scene.js';

interface Writer {
  readonly stream: StreamName;
  readonly given: EventToStore[];
  readonly answers: Appended[];
  readonly ended: Promise<void>;
  stop(): void;
}

/** Appends one event after the other, and takes no failure. */
function write(log: EventLog): Writer {
  const [stream, given, answers] = [aStream(), [] as EventToStore[], [] as Appended[]];
  const stopping = new AbortController();
  const ended = (async () => {
    while (!stopping.signal.aborted) {
      const event = anEvent();
      given.push(event);
      const expected = given.length === 1 ? 'none' : given.length - 2;
      answers.push(await log.append(stream, expected, [event]));
    }
  })();
  ended.catch(() => undefined); // Met by whoever awaits it.
  return {
    stream,
    given,
    answers,
    ended,
    stop: () => {
      stopping.abort();
    },
  };
}

async function oneMoreOf(writers: readonly Writer[], than: readonly number[]): Promise<void> {
  const all = () => writers.every(({ answers }, index) => answers.length > (than[index] ?? 0));
  await until('every writer has another answer', all);
}

/** Also those that were refused. */
function callsOn({ nodes }: ServerCluster): number {
  return nodes.reduce((sum, { seen }) => sum + seen.calls('read') + seen.calls('append'), 0);
}

describe('the leader dies:', () => {
  test.each([2, 3] as const)('of %i nodes, again and again: nobody loses anything', (count) =>
    onCluster(count, async (cluster, open) => {
      const logs = [await open(), await open()];
      const writers = logs.flatMap((log) => [write(log), write(log)]);
      const followers = logs.map((log) => follow(log));
      for (const _ of upTo(4)) {
        await oneMoreOf(writers, []);
        const died = cluster.leader;
        await cluster.failOver();
        await cluster.revive(died);
        await oneMoreOf(
          writers,
          writers.map(({ answers }) => answers.length),
        );
        expect(cluster.leader).not.toBe(died);
      }
      for (const writer of writers) writer.stop();
      await Promise.all(writers.map(({ ended }) => ended));
      const log = await open();
      const all = await readAll(log);
      expect(all).toHaveLength(writers.reduce((sum, { given }) => sum + given.length, 0));
      for (const { stream, given, answers } of writers) {
        const stored = await streamOfLog(log, stream);
        expect(idsOf(stored)).toEqual(idsOf(given));
        expect(answers).toEqual(
          stored.map(({ version, position }) => ({ stream, version, position })),
        );
      }
      for (const follower of followers) {
        await until('it has heard all', () => follower.events.length >= all.length);
        await follower.stop();
        expect(idsOf(follower.events)).toEqual(idsOf(all));
      }
    }),
  );

  test('what it stored and could not answer is there once, at the next leader’s too', () =>
    onCluster(3, async (cluster, open) => {
      const log = await open();
      const [stream, events] = [aStream(), someEvents(3)];
      cluster.leader.faults.notYetReplicated(1, { stored: true, afterMs: 60_000 });
      const answer = log.append(stream, 'none', events);
      const stored = () => cluster.store.eventsOf(`wayledger.${NAMESPACE}:${stream}`);
      await until('it is stored', () => stored().length === 3);
      await cluster.failOver();
      expect(await answer).toMatchObject({ version: 2 });
      expect(idsOf(await readAll(log))).toEqual(idsOf(events));
    }));

  test('nobody leads for a while: whoever asks waits', () =>
    onCluster(3, async (cluster, open) => {
      const log = await open();
      const stream = aStream();
      await log.append(stream, 'none', [anEvent()]);
      const { leader } = cluster;
      cluster.electionMs = 400;
      const elected = cluster.failOver();
      const answers = await Promise.all([
        log.append(stream, 0, [anEvent()]),
        streamOfLog(log, aStream()),
        readAll(log),
      ]);
      expect(answers[0]).toMatchObject({ version: 1 });
      expect(await elected).not.toBe(leader);
    }));

  test('a new leader is asked nothing before it knows all that was acknowledged', () =>
    onCluster(3, async (cluster, open) => {
      const log = await open();
      const stream = aStream();
      const events = someEvents(5);
      cluster.inaugurationMs = 500;
      for (const [index, event] of events.entries()) {
        const { position } = await log.append(stream, index === 0 ? 'none' : index - 1, [event]);
        if (index % 2 === 1) continue;
        const died = cluster.leader;
        await cluster.failOver();
        expect(idsOf(await streamOfLog(log, stream))).toEqual(idsOf(events.slice(0, index + 1)));
        expect(await log.head()).toBe(position);
        await cluster.revive(died);
      }
    }));

  test('who waits is told so, once each time', () =>
    onCluster(3, async (cluster) => {
      const told: string[] = [];
      const settings = parseConnectionString(cluster.url);
      const onWaiting = (message: string) => told.push(message);
      const log = await openEventStoreDbEventLog({ settings, timings: QUICK, onWaiting });
      try {
        for (const times of [1, 2]) {
          cluster.electionMs = 800;
          const died = cluster.leader;
          const elected = cluster.failOver();
          await Promise.all([log.head(), log.head(), readAll(log)]);
          await elected;
          await cluster.revive(died);
          expect(told).toHaveLength(times);
        }
        expect(told[0]).toMatch(/^waiting for esdb:\/\/127.0.0.1:\d+,.*, for up to 10 s …$/u);
      } finally {
        await log.close();
      }
    }));

  test('nobody comes back: after patience it is told where nobody was', () =>
    onCluster(2, async (cluster, open) => {
      const log = await open({ patienceMs: 400 });
      await cluster.stop();
      for (const call of [
        () => log.head(),
        // By now it is known that nobody is there: it was not even sent.
        () => log.append(aStream(), 'none', [anEvent()]),
        () => streamOfLog(log, aStream()),
      ]) {
        const failed = await settle<unknown>(call());
        expect(failed).toMatchObject({ error: { mayBeWritten: false } });
        const { error } = failed as { error: unknown };
        expect(error).toBeInstanceOf(LogUnavailable);
        for (const { endpoint } of cluster.nodes) {
          expect(String(error)).toContain(`${endpoint.address}:${endpoint.port}`);
        }
        expect(String(error)).toContain('does not answer any more');
      }
    }));
});

describe('a node that does not lead:', () => {
  test('says who does, and is not asked again', () =>
    onCluster(3, async (cluster, open) => {
      const log = await open();
      await log.append(aStream(), 'none', [anEvent()]);
      const former = cluster.leader;
      const [next] = cluster.followers;
      const before = callsOn(cluster);
      cluster.elect(next!);
      for (const _ of upTo(20)) await log.append(aStream(), 'none', [anEvent()]);
      // One refusal, a look whether the other really leads, and 20 appends there.
      expect(callsOn(cluster) - before).toBeLessThanOrEqual(24 + CONNECTING);
      expect(next!.seen.calls('append')).toBe(20 + CONNECTING);
      expect(former.seen.calls('append')).toBe(2 + CONNECTING);
    }));

  test('is not asked again by many at once either', () =>
    onCluster(3, async (cluster, open) => {
      const log = await open();
      const follower = follow(log);
      await until('it has caught up', () => follower.hasCaughtUp());
      const former = cluster.leader;
      const [next] = cluster.followers;
      cluster.elect(next!);
      await Promise.all(upTo(50).map(() => log.append(aStream(), 'none', [anEvent()])));
      await until('all is heard', () => follower.events.length === 50);
      await follower.stop();
      // Those that were sent before the first refusal came: each one once.
      expect(former.seen.calls('append')).toBeLessThanOrEqual(50 + CONNECTING);
      expect(next!.seen.calls('append')).toBe(50 + CONNECTING);
    }));

  test('is enough of an address: it sends whoever asks on to the leader', () =>
    onCluster(3, async (cluster) => {
      const [follower] = cluster.followers;
      const log = await openLog({ ...parseConnectionString(follower!.url), namespace: NAMESPACE });
      try {
        const stream = aStream();
        await log.append(stream, 'none', [anEvent()]);
        await log.append(stream, 0, [anEvent()]);
        expect(await readAll(log)).toHaveLength(2);
        expect(follower!.seen.calls('append')).toBe(0);
        expect(follower!.seen.calls('read')).toBe(1);
        // The leader dies: the address that was given is asked again.
        await cluster.failOver();
        await log.append(stream, 1, [anEvent()]);
        expect(await streamOfLog(log, stream)).toHaveLength(3);
      } finally {
        await log.close();
      }
    }));
});

describe('a client that found nobody', () => {
  test('does not end the process by what it does on its own after a failed call', () =>
    onCluster(2, async (cluster) => {
      const { leader, nodes } = cluster;
      const settings = parseConnectionString(cluster.url);
      const log = await openLog(
        { ...settings, gossipTimeoutSeconds: 1 },
        { silenceMs: 5_000, appendDeadlineMs: 5_000 },
      );
      try {
        await log.append(aStream(), 'none', [anEvent()]);
        leader.faults.silent('subscribe');
        const reading = readAll(log);
        await until('a page is asked for', () => leader.seen.openCalls('subscribe') === 1);
        leader.faults.slow('append', 100);
        const appending = log.append(aStream(), 'none', someEvents(2));
        await until('an append is under way', () => leader.seen.openCalls('append') === 1);
        // One call fails: the client lets go of its connection, and the other two still have it.
        const before = gossips(cluster);
        for (const { faults } of nodes) faults.silent('gossip');
        leader.faults.unavailable('read');
        const looking = log.head();
        // The append, answered, asks for its position: for that the same client looks for a node.
        await until('two clients look for one', () => gossips(cluster) >= before + 2);
        // Now the page fails, and what the client then does waits for what is about to fail too.
        await leader.stop();
        await until('they have looked in vain', () => gossips(cluster) >= before + 4);
        for (const { faults } of nodes) faults.clear();
        await leader.start();
        expect(await reading).toHaveLength(3);
        expect(await appending).toMatchObject({ version: 1 });
        expect(await looking).toBeGreaterThan(0n);
      } finally {
        await log.close();
      }
    }));
});

function gossips({ nodes }: ServerCluster): number {
  return nodes.reduce((sum, { seen }) => sum + seen.calls('gossip'), 0);
}
