import { once } from 'node:events';
import {
  DeadlineExceededError,
  UnavailableError,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ServerNode } from './index.js';
import { Bench, UNARY, anEvent, collect, isPendingAfter, until } from './testing/raw-client.js';

/** What the client does by itself, and the adapter must not let happen. */
const bench = new Bench();
afterEach(() => bench.close());

async function nodeAndClient(
  maxConcurrentStreams?: number,
): Promise<[ServerNode, EventStoreDBClient]> {
  const node = await bench.node(maxConcurrentStreams === undefined ? {} : { maxConcurrentStreams });
  return [node, bench.client(node.url)];
}

describe('the client, left to itself,', () => {
  test('remembers a failed question for the abilities of a node for ever', async () => {
    const [node, client] = await nodeAndClient();
    node.faults.failNext('features', { code: status.INTERNAL, details: 'for once' });
    for (const _ of [1, 2, 3]) {
      const append = client.appendToStream('s-1', anEvent());
      await expect(append).rejects.toMatchObject({ details: 'for once' });
    }
    expect(node.seen.calls('features')).toBe(1);
    await client.appendToStream('s-1', anEvent(), UNARY);
  });

  test('never appends to a cluster that was down at its first append', async () => {
    const cluster = await bench.cluster(2);
    const url = `${cluster.url}&maxDiscoverAttempts=1&discoveryInterval=1`;
    await cluster.stop();
    const client = bench.client(url);
    const append = () => client.appendToStream('s-1', anEvent());
    await expect(append()).rejects.toThrow('Failed to discover');
    await cluster.start();
    expect(await collect(client.readAll())).toHaveLength(1);
    await expect(append()).rejects.toThrow('Failed to discover');
    await client.appendToStream('s-1', anEvent(), UNARY);
  });

  test('cannot append when its clock is 10 s behind', async () => {
    const [node, client] = await nodeAndClient();
    node.faults.clockOffsetMs = 10_500;
    const append = client.appendToStream('s-1', anEvent());
    await expect(append).rejects.toBeInstanceOf(DeadlineExceededError);
    expect(node.store.eventsOf('s-1')).toEqual([]);
    await client.appendToStream('s-1', anEvent(), UNARY);
  });

  test('waits for a silent server beyond the deadline of an append', async () => {
    const [node, client] = await nodeAndClient();
    node.faults.silent('batchAppend');
    node.faults.silent('append');
    const batch = client.appendToStream('s-1', anEvent(), { deadline: 50 });
    const unary = client.appendToStream('s-1', anEvent(), { ...UNARY, deadline: 50 });
    await expect(unary).rejects.toBeInstanceOf(DeadlineExceededError);
    expect(await isPendingAfter(250, batch)).toBe(true);
    batch.catch(() => undefined); // Rejected when the client is disposed of.
  });

  test('waits for a silent server beyond the deadline of a read', async () => {
    const [node, client] = await nodeAndClient();
    node.faults.silent('read');
    const reading = client.readAll({ deadline: 50 });
    expect(await isPendingAfter(250, once(reading, 'data'))).toBe(true);
    await reading.cancel();
  });

  test('does not subscribe again, nor ends the subscription that was dropped', async () => {
    const [node, client] = await nodeAndClient();
    const subscription = client.subscribeToAll();
    subscription.resume();
    await once(subscription, 'caughtUp');
    const failed = once(subscription, 'error');
    node.faults.dropSubscriptions();
    expect((await failed)[0]).toBeInstanceOf(UnavailableError);
    expect(await isPendingAfter(100, once(subscription, 'close'))).toBe(true);
    expect(subscription).toMatchObject({ destroyed: false, readableEnded: false });
    expect(node.seen.calls('subscribe')).toBe(1);
  });

  test('holds back silently what goes beyond the calls one connection may have', async () => {
    const [node, client] = await nodeAndClient(5);
    const subscriptions = Array.from({ length: 5 }, () => client.subscribeToAll());
    for (const subscription of subscriptions) subscription.resume();
    await until('all are open', () => node.seen.openSubscriptions.length === 5);
    const append = client.appendToStream('s-1', anEvent(), { ...UNARY, deadline: 50 });
    await expect(append).rejects.toBeInstanceOf(DeadlineExceededError);
    expect(await isPendingAfter(100, once(client.readAll(), 'data'))).toBe(true);
    expect([node.seen.calls('append'), node.seen.calls('read')]).toEqual([0, 0]);
    expect(node.seen.openCallsMax).toBe(5);
  });

  test('shares that connection with every other client of the same settings', async () => {
    const [node, client] = await nodeAndClient(5);
    const subscriptions = Array.from({ length: 5 }, () => client.subscribeToAll());
    for (const subscription of subscriptions) subscription.resume();
    await until('all are open', () => node.seen.openSubscriptions.length === 5);
    const same = bench.client(node.url).readAll();
    expect(await isPendingAfter(100, once(same, 'data'))).toBe(true);
    const other = bench.client(`${node.url}&keepAliveTimeout=10001`);
    expect(await collect(other.readAll())).toHaveLength(1);
  });
});
