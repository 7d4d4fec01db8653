import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import {
  AccessDeniedError,
  BACKWARDS,
  END,
  MaxAppendSizeExceededError,
  NotLeaderError,
  StreamDeletedError,
  StreamNotFoundError,
  TimeoutError,
  UnavailableError,
  UnknownError,
  WrongExpectedVersionError,
  binaryEvent,
  eventTypeFilter,
  streamNameFilter,
  type AllStreamSubscription,
  type EventStoreDBClient,
  type Position,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from '@jest/globals';
import { CERTIFICATES, ServerStore, type ServerNode } from './index.js';
import {
  Bench,
  UNARY,
  anEvent,
  collect,
  isPendingAfter,
  someEvents,
  until,
} from './testing/raw-client.js';

const bench = new Bench();
afterEach(() => bench.close());

const PATHS = [
  ['unary', UNARY],
  ['batch', {}],
] as const;

async function nodeAndClient(): Promise<[ServerNode, EventStoreDBClient]> {
  const node = await bench.node();
  return [node, bench.client(node.url)];
}

const idsOf = (all: readonly { event?: { id: string } }[]) => all.map(({ event }) => event?.id);
const ids = (events: readonly { id: string }[]) => events.map(({ id }) => id);

/** What a subscription says, in words; ends nothing. */
function listen(
  client: EventStoreDBClient,
  how: { prefixes?: string[]; interval?: number; from?: Position } = {},
): { heard: (string | Position)[]; subscription: AllStreamSubscription } {
  const heard: (string | Position)[] = [];
  const subscription = client.subscribeToAll({
    fromPosition: how.from ?? 'start',
    filter: streamNameFilter({
      prefixes: how.prefixes ?? ['s-'],
      checkpointInterval: how.interval ?? 1,
      checkpointReached: async (_, position) => {
        heard.push(position);
      },
    }),
  });
  subscription.on('confirmation', () => heard.push('confirmation'));
  subscription.on('caughtUp', () => heard.push('caught up'));
  subscription.on('data', ({ event }) => heard.push(event?.id ?? 'nothing'));
  return { heard, subscription };
}

describe.each(PATHS)('appends, %s', (path, how) => {
  test('are read back at the place they were answered with', async () => {
    const [node, client] = await nodeAndClient();
    const events = someEvents(3);
    const answer = await client.appendToStream('s-1', events, {
      ...how,
      expectedRevision: 'no_stream',
    });
    expect(answer).toMatchObject({ success: true, nextExpectedRevision: 2n });
    const read = await collect(client.readStream('s-1'));
    expect(idsOf(read)).toEqual(ids(events));
    expect(read.map(({ event }) => event?.revision)).toEqual([0n, 1n, 2n]);
    expect(read[2]?.event).toMatchObject({ position: answer.position, data: { n: 2 } });
    const age = Date.now() - (read[0]?.event?.created.getTime() ?? 0);
    expect(Math.abs(age)).toBeLessThan(5_000);
    expect([node.seen.calls('append'), node.seen.calls('batchAppend')]).toEqual(
      path === 'unary' ? [1, 0] : [0, 1],
    );
    expect(node.seen.expected).toMatchObject({ no_stream: 1, any: 0 });
  });

  test('at another revision are conflicts', async () => {
    const [, client] = await nodeAndClient();
    const append = (expectedRevision: bigint | 'no_stream' | 'stream_exists') =>
      client.appendToStream('s-1', someEvents(2), { ...how, expectedRevision });
    await expect(append('stream_exists')).rejects.toMatchObject({ actualVersion: 'no_stream' });
    await expect(append(3n)).rejects.toMatchObject({ actualVersion: 'no_stream' });
    await append('no_stream');
    await append(1n);
    for (const expected of [0n, 1n, 2n, 4n, 'no_stream'] as const) {
      const conflict = append(expected);
      await expect(conflict).rejects.toBeInstanceOf(WrongExpectedVersionError);
      await expect(conflict).rejects.toMatchObject({
        streamName: 's-1',
        expectedVersion: expected,
        actualVersion: 3n,
      });
    }
    expect(await append('stream_exists')).toMatchObject({ nextExpectedRevision: 5n });
  });

  test('repeated give the first answer; overlapping in part are conflicts', async () => {
    const [, client] = await nodeAndClient();
    const [a, b, c] = [anEvent(1), anEvent(2), anEvent(3)];
    const atStart = { ...how, expectedRevision: 'no_stream' } as const;
    const first = await client.appendToStream('s-1', [a, b], atStart);
    await client.appendToStream('s-1', c, { ...how, expectedRevision: 1n });
    expect(await client.appendToStream('s-1', [a, b], atStart)).toEqual(first);
    for (const events of [[b], [a, c], [a, b, c, anEvent()]]) {
      const conflict = client.appendToStream('s-1', events, atStart);
      await expect(conflict).rejects.toMatchObject({ actualVersion: 2n });
    }
    expect(await collect(client.readStream('s-1'))).toHaveLength(3);
  });

  test('with any expectation are known again only until a restart', async () => {
    const [node, client] = await nodeAndClient();
    const event = anEvent();
    const first = await client.appendToStream('s-1', event, how);
    expect(await client.appendToStream('s-1', event, how)).toEqual(first);
    await node.restart();
    await client.appendToStream('s-1', anEvent(), how).catch(() => undefined);
    const { length } = await collect(client.readStream('s-1'));
    const again = await client.appendToStream('s-1', event, how);
    expect(again.nextExpectedRevision).toBe(BigInt(length));
  });

  test('beyond the size limit are refused', async () => {
    const [, client] = await nodeAndClient();
    const data = new Uint8Array(600_000);
    const event = () => binaryEvent({ type: 'Large', data });
    const append = client.appendToStream('s-1', [event(), event()], how);
    await expect(append).rejects.toBeInstanceOf(MaxAppendSizeExceededError);
    await expect(append).rejects.toMatchObject({ maxAppendSize: 1024 * 1024 });
    await client.appendToStream('s-1', event(), how);
    const [read] = await collect(client.readStream('s-1'));
    expect(read?.event).toMatchObject({ isJson: false, data });
  });

  test('to a stream deleted for good are refused', async () => {
    const [, client] = await nodeAndClient();
    await client.appendToStream('s-1', anEvent(), how);
    await client.tombstoneStream('s-1');
    const append = client.appendToStream('s-1', anEvent(), how);
    await expect(append).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(collect(client.readStream('s-1'))).rejects.toBeInstanceOf(StreamDeletedError);
  });
});

describe('streams', () => {
  test('that do not exist are not found', async () => {
    const [, client] = await nodeAndClient();
    await expect(collect(client.readStream('s-1'))).rejects.toBeInstanceOf(StreamNotFoundError);
  });

  test('are read in both directions, from anywhere, up to a number', async () => {
    const [, client] = await nodeAndClient();
    await client.appendToStream('s-1', someEvents(10), UNARY);
    const revisions = async (options: Parameters<typeof client.readStream>[1]) =>
      (await collect(client.readStream('s-1', options))).map(({ event }) =>
        Number(event?.revision),
      );
    expect(await revisions({ fromRevision: 7n })).toEqual([7, 8, 9]);
    expect(await revisions({ fromRevision: 3n, maxCount: 2 })).toEqual([3, 4]);
    expect(await revisions({ fromRevision: 3n, direction: BACKWARDS })).toEqual([3, 2, 1, 0]);
    expect(await revisions({ fromRevision: END, direction: BACKWARDS, maxCount: 1 })).toEqual([9]);
    expect(await revisions({ fromRevision: 10n })).toEqual([]);
  });

  test('take an append whole or not at all, also when its deadline passes in the middle', async () => {
    const [node, client] = await nodeAndClient();
    const lengths = new Set<number>();
    for (const deadline of [1, 5, 10, 15, 20, 25, 30, 60_000]) {
      const stream = `s-${deadline}`;
      const append = client.appendToStream(stream, someEvents(500), { ...UNARY, deadline });
      await append.catch(() => undefined);
      await pause(50);
      lengths.add(node.store.eventsOf(stream).length);
    }
    expect(lengths).toEqual(new Set([0, 500]));
  });

  test('keep metadata, and show no more than it allows', async () => {
    const [, client] = await nodeAndClient();
    await client.appendToStream('s-1', someEvents(5), UNARY);
    await client.setStreamMetadata('s-1', { maxCount: 2, owner: 'north' }, UNARY);
    expect(await client.getStreamMetadata('s-1')).toMatchObject({
      metadata: { maxCount: 2, owner: 'north' },
    });
    expect(await collect(client.readStream('s-1'))).toHaveLength(2);
    await client.setStreamMetadata('s-1', { truncateBefore: 4 }, UNARY);
    expect(await collect(client.readStream('s-1'))).toHaveLength(1);
    const all = await collect(client.readAll());
    expect(all.filter(({ event }) => event?.streamId === 's-1')).toHaveLength(5);
  });

  test('deleted may be written to again, and numbering goes on', async () => {
    const [, client] = await nodeAndClient();
    await client.appendToStream('s-1', someEvents(2), UNARY);
    await expect(client.deleteStream('s-1', { expectedRevision: 0n })).rejects.toMatchObject({
      type: 'wrong-expected-version',
    });
    await client.deleteStream('s-1', { expectedRevision: 1n });
    await expect(collect(client.readStream('s-1'))).rejects.toBeInstanceOf(StreamNotFoundError);
    const again = { ...UNARY, expectedRevision: 'no_stream' } as const;
    const answer = await client.appendToStream('s-1', anEvent(), again);
    expect(answer.nextExpectedRevision).toBe(2n);
    expect(await collect(client.readStream('s-1'))).toHaveLength(1);
  });
});

describe('the log', () => {
  async function filled(): Promise<[ServerNode, EventStoreDBClient]> {
    const [node, client] = await nodeAndClient();
    for (let stream = 0; stream < 10; stream += 1) {
      await client.appendToStream(`s-${stream}`, someEvents(2), UNARY);
    }
    return [node, client];
  }

  test('has system events in between, and positions with gaps', async () => {
    const [, client] = await filled();
    const all = await collect(client.readAll());
    const streams = all.map(({ event }) => event?.streamId ?? '');
    expect(streams.slice(1, 3)).toEqual(['s-0', 's-0']);
    expect(streams.filter((stream) => stream.startsWith('$'))).toHaveLength(2);
    const commits = all.map(({ commitPosition }) => commitPosition ?? 0n);
    expect(commits[0]).toBeGreaterThan(0n);
    for (const [index, commit] of commits.entries()) {
      if (index > 0) expect(commit - (commits[index - 1] ?? 0n)).toBeGreaterThan(1n);
    }
  });

  test('is read from a place, that included; backwards from before it', async () => {
    const [, client] = await filled();
    const all = await collect(client.readAll());
    const fromPosition = all[5]!.event!.position;
    const onwards = await collect(client.readAll({ fromPosition, maxCount: 3 }));
    expect(idsOf(onwards)).toEqual(idsOf(all.slice(5, 8)));
    const back = await collect(client.readAll({ fromPosition, direction: BACKWARDS, maxCount: 2 }));
    expect(idsOf(back)).toEqual(idsOf([all[4]!, all[3]!]));
    const last = client.readAll({ fromPosition: END, direction: BACKWARDS, maxCount: 1 });
    expect(idsOf(await collect(last))).toEqual(idsOf(all.slice(-1)));
  });

  test('has no events between its records', async () => {
    const [, client] = await filled();
    const { commit } = (await collect(client.readAll()))[5]!.event!.position;
    const nowhere = { commit: commit + 1n, prepare: commit + 1n };
    const failure = {
      code: 3,
      message: expect.stringContaining('Trying to read from an invalid position.'),
    };
    await expect(collect(client.readAll({ fromPosition: nowhere }))).rejects.toMatchObject(failure);
    const subscription = client.subscribeToAll({ fromPosition: nowhere });
    await expect(collect(subscription)).rejects.toMatchObject(failure);
  });

  test('may have one commit for several prepares', async () => {
    const [node, client] = await nodeAndClient();
    node.faults.preparesDiffer = true;
    const events = someEvents(3);
    const { position } = await client.appendToStream('s-1', events, UNARY);
    const after = await client.appendToStream('s-2', anEvent(), UNARY);
    const read = await collect(client.readStream('s-1'));
    const [first, second, third] = read.map(({ event }) => event!.position!);
    expect([first!.commit, second!.commit]).toEqual([third!.commit, third!.commit]);
    expect(first!.prepare).toBeLessThan(second!.prepare);
    expect(third!.prepare).toBeLessThan(third!.commit);
    expect(position).toEqual(third);
    expect(after.position!.commit).toBeGreaterThan(third!.commit);
    const { heard, subscription } = listen(client, { from: first! });
    await until('it has caught up', () => heard.includes('caught up'));
    expect(heard).toEqual(expect.arrayContaining(ids(events.slice(1))));
    expect(heard).not.toContain(events[0]!.id);
    await subscription.unsubscribe();
  });

  test('takes events of foreign writers, past the protocol', async () => {
    const [node, client] = await nodeAndClient();
    node.store.forgeEvents('s-1', [
      { type: 'Foreign', data: Buffer.from('{not json') },
      { type: 'Bytes', contentType: 'application/octet-stream', data: Buffer.from([1, 2]) },
    ]);
    const [broken, bytes] = await collect(client.readStream('s-1'));
    expect(broken?.event).toMatchObject({ type: 'Foreign', data: '{not json', isJson: true });
    expect(bytes?.event).toMatchObject({ type: 'Bytes', isJson: false });
  });
});

describe('subscriptions', () => {
  test('with a filter: confirmation, history, checkpoint, caught up, live', async () => {
    const [node, client] = await nodeAndClient();
    const [old, young] = [someEvents(2), someEvents(2)];
    await client.appendToStream('s-1', old, UNARY);
    const other = await client.appendToStream('t-1', anEvent(), UNARY);
    const { heard, subscription } = listen(client);
    await until('it has caught up', () => heard.includes('caught up'));
    expect(heard).toEqual(['confirmation', ...ids(old), other.position, 'caught up']);
    await client.appendToStream('t-1', anEvent(), UNARY);
    await client.appendToStream('s-2', young, UNARY);
    await until('the young ones came', () => heard.length === 7);
    expect(heard.slice(5)).toEqual(ids(young));
    expect(node.seen.openSubscriptions).toMatchObject([
      { from: 'start', filter: { on: 'stream', prefixes: ['s-'], checkpointEvery: 32 } },
    ]);
    await subscription.unsubscribe();
    await until('it is over', () => node.seen.openSubscriptions.length === 0);
  });

  test('tell by checkpoints how far they have searched, in history and live', async () => {
    const [, client] = await nodeAndClient();
    await client.appendToStream('t-1', someEvents(70), UNARY);
    const { heard, subscription } = listen(client);
    await until('it has caught up', () => heard.includes('caught up'));
    const places = (await collect(client.readAll())).map(({ event }) => event?.position);
    // With the server's own first record there are 71.
    expect(heard).toEqual(['confirmation', places[31], places[63], places[70], 'caught up']);
    await client.appendToStream('t-2', someEvents(30), UNARY);
    await until('a live checkpoint', () => heard.length === 6);
    await subscription.unsubscribe();
    const further = listen(client, { from: places[63]! });
    await until('it has caught up', () => further.heard.includes('caught up'));
    expect(further.heard).toHaveLength(4);
    await further.subscription.unsubscribe();
  });

  test('by event type and by expression', async () => {
    const [, client] = await nodeAndClient();
    const wanted = anEvent();
    await client.appendToStream('s-1', [binaryEvent({ type: 'A', data: new Uint8Array() })], UNARY);
    await client.appendToStream('s-1', wanted, UNARY);
    for (const filter of [
      eventTypeFilter({ prefixes: ['Happ'] }),
      eventTypeFilter({ regex: '^Hap+ened$' }),
    ]) {
      const subscription = client.subscribeToAll({ filter });
      for await (const { event } of subscription) {
        expect(event?.id).toBe(wanted.id);
        await subscription.unsubscribe();
        break;
      }
    }
  });

  test('to one stream start after a revision and end with the stream', async () => {
    const [, client] = await nodeAndClient();
    await client.appendToStream('s-1', someEvents(3), UNARY);
    const subscription = client.subscribeToStream('s-1', { fromRevision: 1n });
    const revisions: unknown[] = [];
    subscription.on('data', ({ event }) => revisions.push(event?.revision));
    await until('the third came', () => revisions.length > 0);
    await client.appendToStream('s-1', anEvent(), UNARY);
    await until('the fourth came', () => revisions.length > 1);
    expect(revisions).toEqual([2n, 3n]);
    const failed = once(subscription, 'error');
    await client.tombstoneStream('s-1');
    expect((await failed)[0]).toBeInstanceOf(StreamDeletedError);
  });

  test('wait for slow readers, in the store', async () => {
    const [node, client] = await nodeAndClient();
    const subscription = client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['s-'] }) });
    await once(subscription, 'caughtUp');
    const count = 3_000;
    const data = Buffer.alloc(2_000);
    const forged = Array.from({ length: count }, () => ({ type: 'Large', data }));
    node.store.forgeEvents('s-1', forged);
    let next = 0n;
    let caughtUpAgain = 0;
    subscription.on('caughtUp', () => (caughtUpAgain += 1));
    for await (const { event } of subscription) {
      expect(event?.revision).toBe(next);
      next += 1n;
      if (next === BigInt(count)) break;
    }
    await subscription.unsubscribe();
    expect(caughtUpAgain).toBeLessThanOrEqual(1);
  });

  test('that are wedged stay open and silent; that are dropped end with an error', async () => {
    const [node, client] = await nodeAndClient();
    const wedged = listen(client);
    await until('it has caught up', () => wedged.heard.includes('caught up'));
    node.faults.wedgeSubscriptions();
    const { heard, subscription } = listen(client);
    await until('the second has, too', () => heard.includes('caught up'));
    const event = anEvent();
    await client.appendToStream('s-1', event, UNARY);
    await until('the second has it', () => heard.includes(event.id));
    expect(wedged.heard).not.toContain(event.id);
    expect(node.seen.openSubscriptions).toHaveLength(2);
    const failures = [subscription, wedged.subscription].map((one) => once(one, 'error'));
    node.faults.dropSubscriptions();
    for (const failure of failures) expect((await failure)[0]).toBeInstanceOf(UnavailableError);
  });
});

describe('faults', () => {
  test('an answer lost: the events are stored, and the repetition is known', async () => {
    const [node, client] = await nodeAndClient();
    const events = someEvents(2);
    const atStart = { ...UNARY, expectedRevision: 'no_stream' } as const;
    node.faults.loseNextAnswer();
    await expect(client.appendToStream('s-1', events, atStart)).rejects.toMatchObject({
      type: expect.stringMatching(/unavailable|cancelled/),
    });
    expect(node.store.eventsOf('s-1')).toHaveLength(2);
    const again = await client.appendToStream('s-1', events, atStart);
    expect(again.nextExpectedRevision).toBe(1n);
  });

  test.each([true, false])('not yet replicated; stored: %s', async (stored) => {
    const [node, client] = await nodeAndClient();
    const event = anEvent();
    const atStart = { ...UNARY, expectedRevision: 'no_stream' } as const;
    node.faults.notYetReplicated(2, { stored, afterMs: 5 });
    for (const _ of [1, 2]) {
      const append = client.appendToStream('s-1', event, atStart);
      await expect(append).rejects.toBeInstanceOf(TimeoutError);
      expect(node.store.eventsOf('s-1')).toHaveLength(stored ? 1 : 0);
    }
    await client.appendToStream('s-1', event, atStart);
    expect(node.store.eventsOf('s-1')).toHaveLength(1);
  });

  test('unavailable so many times, slow, failing as told, without positions', async () => {
    const [node, client] = await nodeAndClient();
    const append = () => client.appendToStream('s-1', anEvent(), UNARY);
    node.faults.unavailable('append', 2);
    await expect(append()).rejects.toBeInstanceOf(UnavailableError);
    await expect(append()).rejects.toBeInstanceOf(UnavailableError);
    node.faults.noPositionInAnswers = true;
    expect(await append()).toMatchObject({ success: true, position: undefined });
    node.faults.failNext('all', { code: status.INTERNAL, details: 'internal' });
    await expect(append()).rejects.toBeInstanceOf(UnknownError);
    node.faults.slow('append', 50);
    const slow = append();
    expect(await isPendingAfter(20, slow)).toBe(true);
    expect(await slow).toMatchObject({ nextExpectedRevision: 1n });
    node.faults.clear();
    node.faults.notReady = true;
    await expect(append()).rejects.toMatchObject({
      message: expect.stringContaining('Server Is Not Ready'),
    });
  });
});

describe('a node', () => {
  test('keeps its events over a restart, and answers nothing meanwhile', async () => {
    const [node, client] = await nodeAndClient();
    const event = anEvent();
    await client.appendToStream('s-1', event, UNARY);
    const { subscription } = listen(client);
    const dropped = once(subscription, 'error');
    await node.stop();
    expect((await dropped)[0]).toBeInstanceOf(UnavailableError);
    expect(node.seen.openSubscriptions).toEqual([]);
    await expect(collect(client.readStream('s-1'))).rejects.toBeInstanceOf(UnavailableError);
    await node.start();
    expect(idsOf(await collect(client.readStream('s-1')))).toEqual([event.id]);
  });

  test('that is stopped writes nothing any more', async () => {
    const [node, client] = await nodeAndClient();
    node.faults.slow('append', 60);
    const append = client.appendToStream('s-1', anEvent(), UNARY);
    append.catch(() => undefined); // Met below; it may fail before that.
    await until('the call is there', () => node.seen.openCalls('append') === 1);
    await node.stop();
    await expect(append).rejects.toBeInstanceOf(UnavailableError);
    await pause(80);
    expect(node.store.eventsOf('s-1')).toEqual([]);
    expect(node.seen.openCalls()).toBe(0);
  });

  test('may be replaced by another on the same store and port', async () => {
    const store = new ServerStore();
    const first = await bench.node({ store });
    store.forgeEvents('s-1', [{ type: 'Before' }]);
    await first.stop();
    const second = await bench.node({ store, port: first.endpoint.port });
    const client = bench.client(first.url);
    expect(await collect(client.readStream('s-1'))).toHaveLength(1);
    expect(second.seen.calls('read')).toBe(1);
  });

  test('that does not say it can is sent no batches', async () => {
    const node = await bench.node({ batchAppend: false });
    await bench.client(node.url).appendToStream('s-1', anEvent());
    expect([node.seen.calls('append'), node.seen.calls('batchAppend')]).toEqual([1, 0]);
  });

  test('with users and TLS', async () => {
    const users = { admin: 'a:b', ann: 'secret' };
    const node = await bench.node({ tls: CERTIFICATES, users });
    const as = (user: string) => bench.client(node.url.replace('esdb://', `esdb://${user}@`));
    const admin = as('admin:a%3Ab');
    await admin.appendToStream('s-1', anEvent());
    expect(await collect(admin.readAll())).toHaveLength(2);
    const nobody = bench.client(node.url);
    await expect(nobody.appendToStream('s-1', anEvent())).rejects.toMatchObject({ code: 7 });
    const ann = { credentials: { username: 'ann', password: 'secret' } };
    await nobody.appendToStream('s-1', anEvent(), ann);
    expect(await collect(nobody.readStream('s-1', ann))).toHaveLength(2);
    await expect(collect(nobody.readAll(ann))).rejects.toBeInstanceOf(AccessDeniedError);
    const wrong = { credentials: { username: 'ann', password: 'wrong' } };
    await expect(nobody.appendToStream('s-1', anEvent(), wrong)).rejects.toMatchObject({
      code: 16,
      type: 'access-denied',
    });
    expect(node.seen.headers('append')).toEqual({ requiresLeader: 0, authorization: 2 });
  });
});

describe('a cluster', () => {
  test('goes on under another leader', async () => {
    const cluster = await bench.cluster(2, { electionMs: 50, inaugurationMs: 0 });
    const client = bench.client(cluster.url);
    const first = cluster.leader;
    await client.appendToStream('s-1', anEvent(), UNARY);
    expect(first.seen.calls('append')).toBe(1);
    const elected = cluster.failOver();
    const during = client.appendToStream('s-1', anEvent(), UNARY);
    await expect(during).rejects.toBeInstanceOf(UnavailableError);
    await client.appendToStream('s-1', anEvent(), UNARY);
    expect((await elected).seen.calls('append')).toBe(1);
    expect(await collect(client.readStream('s-1'))).toHaveLength(2);
    await cluster.revive(first);
    expect(cluster.followers).toEqual([first]);
  });

  test('sends those who require the leader there, readers too', async () => {
    const cluster = await bench.cluster(3);
    const [follower] = cluster.followers;
    const toFollower = () => bench.client(follower!.url);
    const leading = { ...UNARY, requiresLeader: true };
    const client = toFollower();
    await client.appendToStream('s-1', anEvent(), UNARY);
    expect(await collect(client.readStream('s-1'))).toHaveLength(1);
    const refused = client.appendToStream('s-1', anEvent(), leading);
    await expect(refused).rejects.toBeInstanceOf(NotLeaderError);
    await expect(refused).rejects.toMatchObject({ leader: cluster.leader.endpoint });
    await client.appendToStream('s-1', anEvent(), leading);
    expect(cluster.leader.seen.headers('append').requiresLeader).toBe(1);
    const reading = collect(toFollower().readStream('s-1', leading));
    await expect(reading).rejects.toBeInstanceOf(NotLeaderError);
    const electing = cluster.failOver();
    const now = collect(toFollower().readStream('s-1', leading));
    await expect(now).rejects.toMatchObject({ code: 2 });
    await electing;
  });

  test('may elect another while the former leader lives', async () => {
    const cluster = await bench.cluster(2);
    const client = bench.client(cluster.url);
    const leading = { ...UNARY, requiresLeader: true };
    await client.appendToStream('s-1', anEvent(), leading);
    const [next] = cluster.followers;
    cluster.elect(next!);
    const refused = client.appendToStream('s-1', anEvent(), leading);
    await expect(refused).rejects.toMatchObject({ leader: next!.endpoint });
    await client.appendToStream('s-1', anEvent(), leading);
    expect(next!.seen.calls('append')).toBe(1);
  });
});
