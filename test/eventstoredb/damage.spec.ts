import { describe, expect, test } from '@jest/globals';
import { EventStoreDBClient } from '@eventstore/db-client';
import { streamOf, type StreamName } from '#kernel';
import { LOG_START, LogDamaged, VersionConflict, type EventLog } from '#event-log';
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
import type { ForgedEvent, ServerNode } from './server/index.js';
import { NAMESPACE, onNode, onServer } from './support/scene.js';

/** What lies on the server of an event of ours. */
function stored({ store }: ServerNode, stream: StreamName, version = 0): ForgedEvent {
  const { id, type, contentType, data, metadata } = store.eventsOf(onServer(stream))[version]!;
  return { id, type, contentType, data, metadata };
}

/** The same event, whose first line says something else. */
function withHeader(event: ForgedEvent, change: Readonly<Record<string, unknown>>): ForgedEvent {
  const body = Buffer.from(event.data!);
  const end = body.indexOf('\n');
  const header: object = JSON.parse(body.toString('utf8', 0, end)) as object;
  const line = Buffer.from(JSON.stringify({ ...header, ...change }));
  return { ...event, data: Buffer.concat([line, body.subarray(end)]) };
}

/** An event as it was written elsewhere, changed, in the very place it was written to. */
async function onceChanged(change: (event: ForgedEvent) => ForgedEvent): Promise<Settled> {
  const stream = aStream();
  let written: ForgedEvent | undefined;
  await onNode(async (node, open) => {
    const log = await open();
    await log.append(stream, 'none', [anEvent({ data: '{"pounds":"12"}', protected: '{"a":1}' })]);
    written = stored(node, stream);
  });
  let outcome: Settled | undefined;
  await onNode(async (node, open) => {
    node.store.forgeEvents(onServer(stream), [change(written!)]);
    outcome = await settle(streamOfLog(await open(), stream));
  });
  return outcome!;
}
type Settled = Awaited<ReturnType<typeof settle>>;

const WITHOUT_DAMAGE: (event: ForgedEvent) => ForgedEvent = (event) => event;
const withText = (from: string, to: string) => (event: ForgedEvent) => ({
  ...event,
  data: Buffer.from(Buffer.from(event.data!).toString('latin1').replace(from, to), 'latin1'),
});

describe('what others wrote among our events:', () => {
  test.each([
    ['of JSON', { contentType: 'application/json', data: Buffer.from('{"format":1}\n') }],
    ['of bytes', { contentType: 'application/octet-stream', data: Buffer.from('forged') }],
    ['of nothing', { contentType: 'application/octet-stream', data: Buffer.from('') }],
  ])('an event %s in our stream is damage to whoever reads it, and only to them', (_, forged) =>
    onNode(async ({ store }, open) => {
      const log = await open();
      const [stream, other] = [aStream(), aStream()];
      await log.append(stream, 'none', [anEvent()]);
      const record = store.forgeEvents(onServer(stream), [
        { type: 'SomethingHappened', ...forged },
      ]);
      const { version } = await log.append(other, 'none', someEvents(2));
      const { commit } = record.position;
      const where = new RegExp(`position ${commit} \\(${stream}, version 1\\)`, 'u');
      await expect(streamOfLog(log, stream)).rejects.toThrow(LogDamaged);
      await expect(streamOfLog(log, stream)).rejects.toThrow(where);
      await expect(readAll(log)).rejects.toThrow(where);
      await expect(follow(log).ended).rejects.toThrow(where);
      expect(version).toBe(1);
      expect(await streamOfLog(log, other)).toHaveLength(2);
      expect(await readAll(log, commit)).toHaveLength(2);
    }),
  );

  test('a stream of theirs under our prefix is damage to who reads the log', () =>
    onNode(async ({ store }, open) => {
      const log = await open();
      const [stream] = [aStream()];
      await log.append(stream, 'none', [anEvent()]);
      store.forgeEvents(onServer('not a stream name'), [{ type: 'x', data: Buffer.from('{}') }]);
      await expect(readAll(log)).rejects.toThrow(/not a stream name, version 0/u);
      expect(await streamOfLog(log, stream)).toHaveLength(1);
      expect(await log.append(stream, 0, [anEvent()])).toMatchObject({ version: 1 });
    }));

  test('a follower in good health meets it too', () =>
    onNode(async ({ store }, open) => {
      const log = await open();
      const follower = follow(log);
      const stream = aStream();
      await log.append(stream, 'none', [anEvent()]);
      await until('it has heard of ours', () => follower.events.length === 1);
      store.forgeEvents(onServer(stream), [{ type: 'SomethingHappened' }]);
      await expect(follower.ended).rejects.toThrow(LogDamaged);
      expect(follower.events).toHaveLength(1);
    }));
});

describe('an event of ours that was changed on the server:', () => {
  test('without a change it is read: the other cases fail for their own reason', async () => {
    expect(await onceChanged(WITHOUT_DAMAGE)).toMatchObject({ value: [{ version: 0 }] });
  });

  const harms: readonly (readonly [string, (event: ForgedEvent) => ForgedEvent])[] = [
    ['its text', withText('"12"', '"99"')],
    ['the bounds of its texts', (event) => withHeader(event, { bytes: [16, 6, 17] })],
    ['a length', (event) => withHeader(event, { bytes: [15, 7, 18] })],
    ['a negative length', (event) => withHeader(event, { bytes: [-1, 23, 17] })],
    ['a broken length', (event) => withHeader(event, { bytes: [14.5, 7.5, 17] })],
    ['the number of its texts', (event) => withHeader(event, { bytes: [22, 17] })],
    ['lengths that are none', (event) => withHeader(event, { bytes: '15,7,17' })],
    ['its format', (event) => withHeader(event, { format: 2 })],
    ['a missing format', (event) => withHeader(event, { format: undefined })],
    ['its schema version', (event) => withHeader(event, { schemaVersion: 2 })],
    ['a schema version that is none', (event) => withHeader(event, { schemaVersion: '1' })],
    ['its checksum', (event) => withHeader(event, { crc: 1 })],
    ['a missing checksum', (event) => withHeader(event, { crc: undefined })],
    ['a header that is no JSON', withText('{"format"', '{format')],
    ['a header that is no object', () => ({ type: 'SomethingHappened', data: Buffer.from('1\n') })],
    ['a header that is null', (event) => ({ ...event, data: Buffer.from('null\n') })],
    ['no line feed', withText('\n', ' ')],
    ['its type', (event) => ({ ...event, type: 'SomethingElse' })],
    ['its id', (event) => ({ ...event, id: anEvent().id })],
    ['a byte too many', withText('\n', '\n ')],
    ['bytes that are no UTF-8', withText('"12"', '"\xff\xfe"')],
    ['a content type of JSON', (event) => ({ ...event, contentType: 'application/json' })],
  ];
  test.each(harms)('%s', async (_, change) => {
    expect(await onceChanged(change)).toMatchObject({ error: expect.any(LogDamaged) });
  });

  test('the same bytes in another stream, or at another version, are no events of it', () =>
    onNode(async (node, open) => {
      const log = await open();
      const [stream, other, again] = [aStream(), aStream(), aStream()];
      await log.append(stream, 'none', [anEvent()]);
      node.store.forgeEvents(onServer(other), [stored(node, stream)]);
      await expect(streamOfLog(log, other)).rejects.toThrow(LogDamaged);
      await log.append(again, 'none', [anEvent()]);
      node.store.forgeEvents(onServer(again), [stored(node, again)]);
      await expect(streamOfLog(log, again)).rejects.toThrow(/version 1/u);
      expect(await streamOfLog(log, stream)).toHaveLength(1);
    }));

  test('the same bytes in another namespace are no events of it', () =>
    onNode(async (node, open) => {
      const [log, east] = [await open(), await open({}, 'east')];
      const stream = aStream();
      await log.append(stream, 'none', [anEvent()]);
      node.store.forgeEvents(onServer(stream, 'east'), [stored(node, stream)]);
      await expect(streamOfLog(east, stream)).rejects.toThrow(LogDamaged);
      await expect(readAll(east)).rejects.toThrow(LogDamaged);
      expect(await readAll(log)).toHaveLength(1);
    }));
});

describe('a stream of which somebody deleted on the server:', () => {
  const CREDENTIALS = { username: 'nobody', password: '' };
  type Harm = (client: EventStoreDBClient, name: string) => Promise<unknown>;
  const metadata =
    (values: Readonly<Record<string, number>>): Harm =>
    (client, name) =>
      client.setStreamMetadata(name, values, { credentials: CREDENTIALS });
  const harms: readonly (readonly [string, Harm])[] = [
    ['all, for now', (client, name) => client.deleteStream(name)],
    ['all, for ever', (client, name) => client.tombstoneStream(name)],
    ['what lies before an event', metadata({ truncateBefore: 2 })],
    ['what lies before its end', metadata({ truncateBefore: 4 })],
    ['all but the newest', metadata({ maxCount: 2 })],
  ];

  async function harmed(
    { url }: ServerNode,
    log: EventLog,
    harm: Harm,
  ): Promise<{ stream: StreamName }> {
    const stream = aStream();
    await log.append(stream, 'none', someEvents(4));
    const client = EventStoreDBClient.connectionString(url);
    await harm(client, onServer(stream));
    await client.dispose();
    return { stream };
  }

  test.each(harms)('%s: nothing is decided on what is left', (_, harm) =>
    onNode(async (node, open) => {
      const log = await open();
      const { stream } = await harmed(node, log, harm);
      const other = aStream();
      await log.append(other, 'none', someEvents(2));
      await expect(streamOfLog(log, stream)).rejects.toThrow(LogDamaged);
      await expect(streamOfLog(log, stream)).rejects.toThrow(stream);
      await expect(collect(log.readStream(stream, { backwards: true }))).rejects.toThrow(
        LogDamaged,
      );
      expect(await streamOfLog(log, other)).toHaveLength(2);
      // Who takes it for a new one is told that it is not.
      const { error } = (await settle(log.append(stream, 'none', [anEvent()]))) as {
        error: unknown;
      };
      expect([LogDamaged, VersionConflict]).toContain((error as Error).constructor);
    }),
  );

  test('to write anew to one that was deleted is no success', () =>
    onNode(async (node, open) => {
      const log = await open();
      const { stream } = await harmed(node, log, (client, name) => client.deleteStream(name));
      const again = log.append(stream, 'none', [anEvent()]);
      await expect(again).rejects.toThrow(/up to version 4 instead of 0/u);
      await expect(streamOfLog(log, stream)).rejects.toThrow(LogDamaged);
    }));

  test('to write on to one that was deleted for ever is no success either', () =>
    onNode(async (node, open) => {
      const log = await open();
      const { stream } = await harmed(node, log, (client, name) => client.tombstoneStream(name));
      await expect(log.append(stream, 3, [anEvent()])).rejects.toThrow(LogDamaged);
      await expect(log.append(stream, 'none', [anEvent()])).rejects.toThrow(LogDamaged);
    }));

  test('what is read of it from within, as by who has seen the rest, is there', () =>
    onNode(async (node, open) => {
      const log = await open();
      const { stream } = await harmed(node, log, metadata({ truncateBefore: 2 }));
      expect(await collect(log.readStream(stream, { from: 2 }))).toHaveLength(2);
      expect(await collect(log.readStream(stream, { backwards: true, max: 1 }))).toHaveLength(1);
      expect(await collect(log.readStream(stream, { from: 4 }))).toEqual([]);
      const beforeThat = log.readStream(stream, { backwards: true, from: 1, max: 1 });
      await expect(collect(beforeThat)).rejects.toThrow(LogDamaged);
    }));
});

describe('what others keep on the same server:', () => {
  const FOREIGN: ForgedEvent = { type: 'Theirs', data: Buffer.from('{}') };
  /** Each has something of somebody else's that begins like ours, and is not. */
  const OTHERS = [
    'orders-1',
    '$stats-127.0.0.1:2113',
    'wayledger:probe-1',
    `wayledger.${NAMESPACE}x:probe-1`,
    `$$wayledger.${NAMESPACE}:probe-1`,
    `xwayledger.${NAMESPACE}:probe-1`,
  ];

  test.each([0, 1, 1_500])('%i of their records after ours: the head is ours', (count) =>
    onNode(async ({ store }, open) => {
      const log = await open();
      const { position } = await log.append(aStream(), 'none', someEvents(300));
      for (const index of upTo(count)) {
        store.forgeEvents(OTHERS[index % OTHERS.length]!, [FOREIGN]);
      }
      // Each found for the first time, and again; by one who knows something and one who does not.
      const fresh = await open();
      expect(await fresh.head()).toBe(position);
      expect(await fresh.head()).toBe(position);
      expect(await log.head()).toBe(position);
      expect(await readAll(fresh)).toHaveLength(300);
      const next = await log.append(aStream(), 'none', [anEvent()]);
      expect(await fresh.head()).toBe(next.position);
      for (const index of upTo(count)) {
        store.forgeEvents(OTHERS[index % OTHERS.length]!, [FOREIGN]);
      }
      expect(await fresh.head()).toBe(next.position);
    }),
  );

  test.each([0, 1, 1_500])('%i of their records, and none of ours: the log is empty', (count) =>
    onNode(async ({ store }, open) => {
      for (const index of upTo(count)) {
        store.forgeEvents(OTHERS[index % OTHERS.length]!, [FOREIGN]);
      }
      const log = await open();
      expect(await log.head()).toBe(LOG_START);
      expect(await readAll(log)).toEqual([]);
      const { position } = await log.append(aStream(), 'none', [anEvent()]);
      expect(await log.head()).toBe(position);
    }),
  );

  test('theirs between ours are stepped over, by readers and followers', () =>
    onNode(async ({ store }, open) => {
      const log = await open();
      const follower = follow(log);
      const ids: string[] = [];
      for (const round of upTo(30)) {
        const events = someEvents(1 + (round % 3));
        await log.append(aStream(), 'none', events);
        ids.push(...idsOf(events));
        for (const other of OTHERS) store.forgeEvents(other, [FOREIGN]);
      }
      expect(idsOf(await readAll(log))).toEqual(ids);
      await until('it has heard all', () => follower.events.length >= ids.length);
      expect(idsOf(follower.events)).toEqual(ids);
      await follower.stop();
    }));

  test('a namespace whose name begins another’s has nothing of it', () =>
    onNode(async (_, open) => {
      const logs = {
        east: await open({}, 'east'),
        eastern: await open({}, 'eastern'),
        nameless: await open({}, ''),
      };
      const stream = streamOf('referral', '0199b2a0-0000-7000-8000-000000000000');
      for (const log of Object.values(logs)) await log.append(stream, 'none', [anEvent()]);
      for (const log of Object.values(logs)) {
        expect(await readAll(log)).toHaveLength(1);
        expect(await streamOfLog(log, stream)).toHaveLength(1);
      }
      const { position } = await logs.east.append(stream, 0, [anEvent()]);
      await logs.eastern.append(stream, 0, [anEvent()]);
      expect(await logs.east.head()).toBe(position);
    }));
});
