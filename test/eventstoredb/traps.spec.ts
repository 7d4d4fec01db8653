import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { EventRefused, LogDamaged, LogUnavailable, VersionConflict } from '#event-log';
import { CALLS_MAX, parseConnectionString } from '#event-log/eventstoredb';
import {
  anEvent,
  aStream,
  collect,
  follow,
  idsOf,
  readAll,
  settle,
  someEvents,
  streamOfLog,
  until,
  upTo,
} from '#event-log/conformance';
import { CERTIFICATES, startNode } from './server/index.js';
import { CONNECTING, onNode, onServer, openLog, untilListening } from './support/scene.js';

const ACCESS_DENIED = {
  code: status.PERMISSION_DENIED,
  details: 'Access Denied',
  trailers: { exception: 'access-denied' },
};

describe('the client’s own way to append is never taken:', () => {
  test('whatever happens, each append is a call of its own that only a leader answers', () =>
    onNode(async ({ seen, faults }, open) => {
      const log = await open();
      const stream = aStream();
      await log.append(stream, 'none', [anEvent()]);
      faults.unavailable('append', 2);
      await log.append(stream, 0, someEvents(2));
      faults.loseNextAnswer();
      await log.append(stream, 2, [anEvent()]);
      faults.unavailable('all', 3);
      await log.append(stream, 3, [anEvent()]);
      expect(seen.calls('batchAppend')).toBe(0);
      expect(seen.calls('features')).toBe(0);
      expect(seen.calls('append')).toBeGreaterThanOrEqual(4);
      expect(seen.headers('append').requiresLeader).toBe(seen.calls('append'));
      expect(seen.headers('read').requiresLeader).toBe(seen.calls('read'));
    }));

  test('over TLS each call says who calls', async () => {
    const credentials = { username: 'admin', password: 'changeit' };
    const node = await startNode({ tls: CERTIFICATES, users: { admin: 'changeit' } });
    const log = await openLog(parseConnectionString(node.url, credentials));
    try {
      await log.append(aStream(), 'none', [anEvent()]);
      expect(await readAll(log)).toHaveLength(1);
      for (const method of ['append', 'read', 'subscribe'] as const) {
        expect(node.seen.calls(method)).toBeGreaterThan(0);
        const { authorization, requiresLeader } = node.seen.headers(method);
        expect(authorization).toBe(node.seen.calls(method));
        expect(requiresLeader).toBe(node.seen.calls(method));
      }
      expect(node.seen.calls('batchAppend')).toBe(0);
    } finally {
      await log.close();
      await node.stop();
    }
  });

  test('a server that is busy at the very first append is no server that is lost for good', () =>
    onNode(async ({ faults }, open) => {
      const log = await open();
      faults.unavailable('all', 3);
      const stream = aStream();
      expect(await log.append(stream, 'none', [anEvent()])).toMatchObject({ version: 0 });
      expect(await log.append(stream, 0, [anEvent()])).toMatchObject({ version: 1 });
    }));

  test('a server that is down at the very first append is met again when it is back', () =>
    onNode(async (node, open) => {
      const log = await open({ patienceMs: 300 });
      await node.stop();
      const [stream, event] = [aStream(), anEvent()];
      const failed = await settle(log.append(stream, 'none', [event]));
      expect(failed).toMatchObject({ error: { name: 'LogUnavailable' } });
      await node.start();
      expect(await log.append(stream, 'none', [event])).toMatchObject({ version: 0 });
      expect(idsOf(await readAll(log))).toEqual([event.id]);
    }));

  test('the end of one log’s server does not touch another log of the process', () =>
    onNode((dying, openDying) =>
      onNode(async (healthy, openHealthy) => {
        const [lost, well] = [await openDying({ patienceMs: 100 }), await openHealthy()];
        healthy.faults.slow('all', 150);
        dying.faults.slow('all', 10_000);
        const waiting = settle(lost.append(aStream(), 'none', [anEvent()]));
        const answered = upTo(20).map(() => well.append(aStream(), 'none', [anEvent()]));
        const both = () => dying.seen.openCalls() > 0 && healthy.seen.openCalls() === 20;
        await until('appends are under way on both', both);
        await dying.stop();
        expect(await Promise.all(answered)).toHaveLength(20);
        expect(await waiting).toMatchObject({ error: expect.any(LogUnavailable) });
        await well.append(aStream(), 'none', [anEvent()]);
        expect(healthy.seen.calls('append')).toBe(21 + CONNECTING);
        expect(await readAll(well)).toHaveLength(21);
      }),
    ));

  test.each([60_000, -60_000])('a server’s clock that is %i ms off changes nothing', (offset) =>
    onNode(async ({ faults, seen }, open) => {
      faults.clockOffsetMs = offset;
      const log = await open();
      const stream = aStream();
      await log.append(stream, 'none', [anEvent()]);
      await log.append(stream, 0, someEvents(3));
      expect(seen.calls('append')).toBe(2 + CONNECTING);
    }),
  );

  test('the server is always told at which version, never “any”', () =>
    onNode(async ({ seen }, open) => {
      const log = await open();
      const stream = aStream();
      await log.append(stream, 'none', [anEvent()]);
      await log.append(stream, 0, [anEvent()]);
      await settle(log.append(stream, 0, [anEvent()]));
      await settle(log.append(stream, 'none', [anEvent()]));
      const revision = 2 + CONNECTING;
      expect(seen.expected).toEqual({ any: 0, stream_exists: 0, no_stream: 2, revision });
    }));
});

describe('a server that says nothing:', () => {
  const brief = { appendDeadlineMs: 100, silenceMs: 100, patienceMs: 500 };

  test('an append ends, as one that may be written, and works once the server speaks', () =>
    onNode(async ({ faults }, open) => {
      const log = await open(brief);
      const [stream, event] = [aStream(), anEvent()];
      faults.silent('append');
      const { error, ms } = await timed(log.append(stream, 'none', [event]));
      expect(error).toBeInstanceOf(LogUnavailable);
      expect(error).toMatchObject({ mayBeWritten: true });
      // One last call may begin just before patience ends.
      expect(ms).toBeLessThan(2_000);
      faults.clear();
      expect(await log.append(stream, 'none', [event])).toMatchObject({ version: 0 });
    }));

  test('a read ends, and works once the server speaks', () =>
    onNode(async ({ faults }, open) => {
      const log = await open(brief);
      const stream = aStream();
      await log.append(stream, 'none', [anEvent()]);
      faults.silent('read');
      const { error, ms } = await timed(streamOfLog(log, stream));
      expect(error).toBeInstanceOf(LogUnavailable);
      expect(error).toMatchObject({ mayBeWritten: false });
      expect(ms).toBeLessThan(2_000);
      faults.clear();
      expect(await streamOfLog(log, stream)).toHaveLength(1);
    }));

  test('a page of the log ends, and comes once the server speaks', () =>
    onNode(async ({ faults }, open) => {
      const log = await open(brief);
      await log.append(aStream(), 'none', [anEvent()]);
      faults.silent('subscribe');
      const { error, ms } = await timed(readAll(log));
      expect(error).toBeInstanceOf(LogUnavailable);
      expect(ms).toBeLessThan(2_000);
      faults.clear();
      expect(await readAll(log)).toHaveLength(1);
    }));

  test('one that speaks again within patience was never noticed', () =>
    onNode(async ({ faults, seen }, open) => {
      const log = await open({ appendDeadlineMs: 100, silenceMs: 100 });
      const stream = aStream();
      faults.silent('all');
      const answers = Promise.all([log.append(stream, 'none', [anEvent()]), log.head()]);
      await until('it was asked in vain', () => seen.calls('append') > CONNECTING);
      faults.clear();
      await answers;
      expect(await streamOfLog(log, stream)).toHaveLength(1);
    }));

  test('one that is only slow is waited for, and asked once', () =>
    onNode(async ({ faults, seen }, open) => {
      const log = await open({ appendDeadlineMs: 1_000, silenceMs: 1_000 });
      faults.slow('all', 250);
      const stream = aStream();
      await log.append(stream, 'none', [anEvent()]);
      expect(await readAll(log)).toHaveLength(1);
      expect(seen.calls('append')).toBe(1 + CONNECTING);
      expect(seen.calls('subscribe')).toBe(1);
    }));
});

describe('calls on the server:', () => {
  test('more at once than a connection carries are all answered', () =>
    onNode(async ({ seen }, open) => {
      const log = await open();
      const follower = follow(log);
      await until('it has caught up', () => follower.hasCaughtUp());
      const calls = upTo(300).map(async (index) => {
        if (index % 3 === 0) return log.head();
        const stream = aStream();
        await log.append(stream, 'none', someEvents(1 + (index % 2)));
        return streamOfLog(log, stream);
      });
      await Promise.all(calls);
      await until('it has heard all', () => follower.events.length === 300);
      await follower.stop();
      // The connection itself carries 100: the next would wait there, without a word. The server
      // still counts some that are over, for the moment until it hears of it.
      expect(seen.openCallsMax).toBeGreaterThanOrEqual(CALLS_MAX);
      expect(seen.openCallsMax).toBeLessThan(100);
    }));

  test('none is left open by a reader, however it ends', () =>
    onNode(async ({ seen, faults }, open) => {
      const log = await open();
      const stream = aStream();
      for (const expected of ['none', 499, 999] as const) {
        await log.append(stream, expected, someEvents(500));
      }
      const nothingOpen = async (): Promise<void> => {
        await until('no call is open', () => seen.openCalls() === 0);
      };
      for await (const event of log.readStream(stream)) if (event.version === 3) break;
      await nothingOpen();
      for await (const page of log.readLog({ after: 0n, max: 10 })) if (page.length > 0) break;
      await nothingOpen();
      expect(await streamOfLog(log, stream)).toHaveLength(1_500);
      expect(await collect(log.readStream(stream, { backwards: true, max: 1 }))).toHaveLength(1);
      expect(await readAll(log)).toHaveLength(1_500);
      expect(await streamOfLog(log, aStream())).toEqual([]);
      await nothingOpen();
      faults.failNext('read', ACCESS_DENIED);
      await expect(log.head()).rejects.toThrow(LogUnavailable);
      faults.failNext('subscribe', ACCESS_DENIED);
      await expect(readAll(log)).rejects.toThrow(LogUnavailable);
      await nothingOpen();
    }));

  test('a reader that went while its page was on the way leaves none open', () =>
    onNode(async ({ seen, faults }, open) => {
      const log = await open({ silenceMs: 60_000 });
      await log.append(aStream(), 'none', [anEvent()]);
      faults.silent('subscribe');
      const follower = follow(log);
      await until('its page is asked for', () => seen.openCalls('subscribe') === 1);
      await follower.stop();
      await until('no call is open', () => seen.openCalls() === 0);
    }));

  test('a closed log leaves none open', () =>
    onNode(async (node, open) => {
      const log = await open();
      const follower = follow(log);
      await until('it has caught up', () => follower.hasCaughtUp());
      await untilListening(node);
      await log.close();
      await until('no call is open', () => node.seen.openCalls() === 0);
    }));
});

describe('connections to the server:', () => {
  test('a client that failed, and a log that was closed, hold none', () =>
    onNode(async (node) => {
      const listener = await countingProxy(node.endpoint.port);
      try {
        const url = `esdb://127.0.0.1:${listener.port}?tls=false`;
        const log = await openLog(parseConnectionString(url));
        const follower = follow(log);
        for (const _ of upTo(5)) {
          node.faults.unavailable('append');
          await log.append(aStream(), 'none', [anEvent()]);
        }
        await until('those that failed are gone', () => listener.open() === 1);
        await log.close();
        await follower.ended;
        await until('the last one is gone', () => listener.open() === 0);
      } finally {
        listener.close();
      }
    }));
});

/** Passes everything on, and knows how many connections are open. */
async function countingProxy(to: number) {
  const sockets = new Set<Socket>();
  const listener = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    sockets.add(near.on('close', () => sockets.delete(near)));
    for (const [one, other] of [[near, far] as const, [far, near] as const]) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  // An address of a TCP socket is never a path.
  const { port } = listener.address() as AddressInfo;
  return { port, open: () => sockets.size, close: () => listener.close() };
}

describe('reading goes on:', () => {
  test('a read that fails is made again, and ends nobody’s process', () =>
    onNode(async ({ faults, seen }, open) => {
      const log = await open();
      const stream = aStream();
      await log.append(stream, 'none', someEvents(3));
      const failure = { code: status.INTERNAL, details: 'A passing trouble' };
      for (const code of [status.INTERNAL, status.UNKNOWN, status.UNAVAILABLE, status.CANCELLED]) {
        faults.failNext('read', { ...failure, code });
        expect(await streamOfLog(log, stream)).toHaveLength(3);
        faults.failNext('subscribe', { ...failure, code });
        expect(await readAll(log)).toHaveLength(3);
      }
      // Of a stream that is not there, the client's reader learns as of an error.
      expect(await streamOfLog(log, aStream())).toEqual([]);
      expect(seen.calls('subscribe')).toBe(8);
    }));

  test('an append that came in while the server read is not taken for half of itself', () =>
    onNode(async ({ faults }, open) => {
      const log = await open();
      const stream = aStream();
      await log.append(stream, 'none', someEvents(30));
      await log.append(stream, 29, someEvents(5));
      faults.tornReads = true;
      expect(await streamOfLog(log, stream)).toHaveLength(35);
    }));

  test('the server restarts in the middle of a long read: neither gap nor repeat', () =>
    onNode(async (node, open) => {
      const log = await open();
      const stream = aStream();
      for (const expected of ['none', 499, 999] as const) {
        await log.append(stream, expected, someEvents(500));
      }
      const versions: number[] = [];
      for await (const { version } of log.readStream(stream)) {
        versions.push(version);
        if (version % 400 === 0) await node.restart();
      }
      expect(versions).toEqual(upTo(1_500));
      const inLog: number[] = [];
      for await (const page of log.readLog({ after: 0n, max: 500 })) {
        inLog.push(...page.map(({ version }) => version));
        await node.restart();
      }
      expect(inLog).toEqual(upTo(1_500));
    }));
});

describe('following goes on:', () => {
  test('a dropped subscription is taken up where it was, at a position that was read', () =>
    onNode(async (node, open) => {
      const [log, writer] = [await open(), await open()];
      const follower = follow(log);
      const stream = aStream();
      await writer.append(stream, 'none', someEvents(3));
      await until('the first are there', () => follower.events.length === 3);
      await untilListening(node);
      for (const round of upTo(4)) {
        const [dropped] = node.seen.openSubscriptions;
        node.faults.dropSubscriptions();
        await until('it has ended', () => dropped?.open === false);
        // Not before another listens: else a look at the head would find it.
        await untilListening(node);
        await writer.append(stream, 2 + round, [anEvent()]);
        await until('the next is there', () => follower.events.length === 4 + round);
        await untilListening(node);
      }
      await follower.stop();
      expect(follower.events.map(({ version }) => version)).toEqual(upTo(7));
      const read = new Set(follower.events.map(({ position }) => position));
      for (const { from } of node.seen.subscriptions) {
        if (from === 'start') continue;
        if (from === 'end') throw new Error('What happened before would be missed');
        expect(from.commit).toBe(from.prepare);
        expect(read).toContain(from.commit);
      }
      expect(node.seen.openSubscriptions.length).toBeLessThanOrEqual(1);
    }));

  test('a subscription cannot be had for a while', () =>
    onNode(async (node, open) => {
      const [log, writer] = [await open(), await open()];
      node.faults.unavailable('subscribe', 3);
      const follower = follow(log);
      await until('it has caught up', () => follower.hasCaughtUp());
      await untilListening(node);
      await writer.append(aStream(), 'none', [anEvent()]);
      await until('the event is there', () => follower.events.length === 1);
      await follower.stop();
    }));

  test('a subscription that fell silent without an end is noticed by a look at the head', () =>
    onNode(async (node, open) => {
      const [log, writer] = [await open({ headCheckMs: 50 }), await open()];
      const follower = follow(log);
      const stream = aStream();
      await until('it has caught up', () => follower.hasCaughtUp());
      await until('it listens', () => node.seen.openSubscriptions.length === 1);
      for (const round of upTo(3)) {
        const wedged = node.seen.openSubscriptions;
        node.faults.wedgeSubscriptions();
        await writer.append(stream, round === 0 ? 'none' : round - 1, [anEvent()]);
        await until('the event is there', () => follower.events.length === round + 1);
        await until('the silent one was given up', () => wedged.every((one) => !one.open));
        await until('another listens', () => node.seen.openSubscriptions.length === 1);
      }
      await follower.stop();
      expect(follower.events.map(({ version }) => version)).toEqual(upTo(3));
    }));

  test('the server restarts, and the same follower goes on', () =>
    onNode(async (node, open) => {
      const log = await open();
      const follower = follow(log);
      const stream = aStream();
      for (const round of upTo(4)) {
        await until('it has caught up', () => follower.hasCaughtUp());
        await node.restart();
        await log.append(stream, round === 0 ? 'none' : round - 1, [anEvent()]);
        await until('the event is there', () => follower.events.length === round + 1);
      }
      await follower.stop();
      expect(follower.events.map(({ version }) => version)).toEqual(upTo(4));
    }));

  test('ten followers listen through one subscription, to our own streams only', () =>
    onNode(async (node, open) => {
      const [log, writer] = [await open(), await open()];
      await writer.append(aStream(), 'none', someEvents(5));
      const followers = upTo(10).map(() => follow(log));
      const allHave = (count: number) => () =>
        followers.every((one) => one.events.length === count && one.hasCaughtUp());
      await until('all have caught up', allHave(5));
      await untilListening(node);
      await writer.append(aStream(), 'none', someEvents(5));
      await until('all have the next', allHave(10));
      await untilListening(node);
      for (const { filter, requiresLeader } of node.seen.subscriptions) {
        expect(filter).toMatchObject({ on: 'stream', prefixes: [onServer('')], regex: '' });
        expect(requiresLeader).toBe(true);
      }
      await Promise.all(followers.map((one) => one.stop()));
    }));

  test('a follower that stands beyond the head does not make the others deaf', () =>
    onNode(async (node, open) => {
      const [log, writer] = [await open(), await open()];
      // As after a restore of the server from an older copy.
      const ahead = follow(log, { after: 1_000_000_000_000n });
      await until('it waits', () => ahead.hasCaughtUp());
      const follower = follow(log);
      await until('it has caught up', () => follower.hasCaughtUp());
      await untilListening(node);
      expect(node.seen.calls('subscribe')).toBe(1);
      await writer.append(aStream(), 'none', [anEvent()]);
      await until('the event is there', () => follower.events.length === 1);
      await Promise.all([ahead.stop(), follower.stop()]);
    }));
});

describe('what an append answers:', () => {
  test('a server of transactions, whose commits lie apart, is told from ours', () =>
    onNode(async ({ faults }, open) => {
      const log = await open();
      const stream = aStream();
      await log.append(stream, 'none', [anEvent()]);
      faults.preparesDiffer = true;
      await expect(log.append(stream, 0, [anEvent()])).rejects.toThrow(LogDamaged);
      await expect(streamOfLog(log, stream)).rejects.toThrow(/no single position/u);
      await expect(readAll(log)).rejects.toThrow(LogDamaged);
      await expect(log.head()).rejects.toThrow(LogDamaged);
    }));

  test('without a position from the server it is looked up', () =>
    onNode(async ({ faults }, open) => {
      const log = await open();
      const stream = aStream();
      faults.noPositionInAnswers = true;
      const first = await log.append(stream, 'none', [anEvent()]);
      const second = await log.append(stream, 0, someEvents(3));
      const positions = (await streamOfLog(log, stream)).map(({ position }) => position);
      expect(first.position).toBe(positions[0]);
      expect(second.position).toBe(positions[3]);
    }));

  test('the position of several events is that of the last', () =>
    onNode(async (_, open) => {
      const log = await open();
      const stream = aStream();
      const { position } = await log.append(stream, 'none', someEvents(3));
      expect(position).toBe((await streamOfLog(log, stream)).at(-1)?.position);
      expect(position).toBe(await log.head());
    }));

  test.each([1, 3])('when the answer for %i events is lost, the server is asked again', (count) =>
    onNode(async ({ faults, seen }, open) => {
      const log = await open();
      const [stream, events] = [aStream(), someEvents(count)];
      faults.loseNextAnswer();
      const appended = await log.append(stream, 'none', events);
      const stored = await streamOfLog(log, stream);
      expect(idsOf(stored)).toEqual(idsOf(events));
      expect(appended).toMatchObject({ version: count - 1, position: stored.at(-1)?.position });
      expect(seen.calls('append')).toBe(2 * (1 + CONNECTING));
    }),
  );

  test.each([true, false])('not yet on a majority (stored: %s): asked again', (stored) =>
    onNode(async ({ faults, seen }, open) => {
      const log = await open();
      const [stream, events] = [aStream(), someEvents(2)];
      faults.notYetReplicated(2, { stored, afterMs: 1 });
      const { position } = await log.append(stream, 'none', events);
      const inLog = await readAll(log);
      expect(idsOf(inLog)).toEqual(idsOf(events));
      expect(position).toBe(inLog.at(-1)?.position);
      expect(seen.calls('append')).toBe(3 * (1 + CONNECTING));
    }),
  );

  test('who was overtaken while the answer was lost is told so, with the actual version', () =>
    onNode(async ({ faults, seen }, open) => {
      const [slow, quick] = [await open(), await open()];
      const stream = aStream();
      faults.notYetReplicated(1, { stored: false, afterMs: 100 });
      const overtaken = settle(slow.append(stream, 'none', [anEvent()]));
      await until('the first is under way', () => seen.expected.no_stream === 1);
      await quick.append(stream, 'none', someEvents(2));
      const conflict = { name: 'VersionConflict', stream, expected: 'none', actual: 1 };
      expect(await overtaken).toMatchObject({ error: conflict });
      expect(await streamOfLog(quick, stream)).toHaveLength(2);
    }));

  test('who is wrong about a stream that is not there is told that it is not', () =>
    onNode(async (_, open) => {
      const log = await open();
      const failed = await settle(log.append(aStream(), 3, [anEvent()]));
      expect(failed).toMatchObject({ error: expect.any(VersionConflict) });
      expect(failed).toMatchObject({ error: { expected: 3, actual: 'none' } });
    }));

  test('what the server finds too large is refused, with its limit', () =>
    onNode(async ({ faults, seen }, open) => {
      const log = await open();
      faults.failNext('append', {
        code: status.INVALID_ARGUMENT,
        details: 'Maximum Append Size of 4096 Exceeded.',
        trailers: {
          exception: 'maximum-append-size-exceeded',
          'maximum-append-size': '4096',
        },
      });
      const { error } = await timed(log.append(aStream(), 'none', [anEvent()]));
      expect(error).toBeInstanceOf(EventRefused);
      expect(String(error)).toContain('4096 bytes');
      expect(seen.calls('append')).toBe(1 + CONNECTING);
    }));

  test('who may no longer write is told at once, not after patience', () =>
    onNode(async ({ faults, seen }, open) => {
      const log = await open();
      faults.failNext('append', ACCESS_DENIED);
      const { error } = await timed(log.append(aStream(), 'none', [anEvent()]));
      expect(error).toBeInstanceOf(LogUnavailable);
      expect(error).toMatchObject({ mayBeWritten: false });
      expect(String(error)).toMatch(/does not let this user do what is needed/u);
      expect(seen.calls('append')).toBe(1 + CONNECTING);
    }));

  test('who may write and not look up where it was written: it may be written', () =>
    onNode(async ({ faults }, open) => {
      const log = await open();
      faults.failNext('read', ACCESS_DENIED);
      const { error } = await timed(log.append(aStream(), 'none', someEvents(2)));
      expect(error).toBeInstanceOf(LogUnavailable);
      expect(error).toMatchObject({ mayBeWritten: true });
    }));
});

async function timed(work: Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const startedAtMs = performance.now();
  const outcome = await settle(work);
  const error = 'error' in outcome ? outcome.error : undefined;
  return { error, ms: performance.now() - startedAtMs };
}
