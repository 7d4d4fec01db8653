import { expect } from '@jest/globals';
import type { StreamName } from '#kernel';
import {
  APPEND_BYTES_MAX,
  EVENT_BYTES_MAX,
  EventRefused,
  EVENTS_PER_APPEND_MAX,
  STREAM_NAME_LENGTH_MAX,
  VersionConflict,
  type EventToStore,
  type ExpectedVersion,
} from '#event-log';
import type { Law } from './fixture.js';
import { anEvent, aStream, collect, readAll, settle, someEvents, streamOfLog } from './support.js';
import { follow, until, upTo } from './support.js';

/** JSON that a parser would accept and a store that "understands" JSON would rewrite. */
const ODD_TEXTS = [
  '{}',
  ' {\n\t"a" :  1 }\r\n',
  '{"z":1,"a":2,"m":{"y":[],"b":{}}}',
  '{"twice":1,"twice":2}',
  '{"n":1.0,"big":12345678901234567890,"e":1E+2,"zero":-0}',
  '{"escaped":"\\u00e9\\u0000\\ud83d\\ude00\\/","plain":"é😀/"}',
  '{"composed":"\u00e9","decomposed":"e\u0301","rtl":"\u202eabc","joined":"👩‍🌾","bom":"\ufeff"}',
  '{"":"","quote\\"":"\\\\","separators":"\u2028\u2029"}',
];

export function contentLaws(law: Law): void {
  law('every text comes back as the very text that was given', async (log, store) => {
    const stream = aStream();
    const events = ODD_TEXTS.flatMap((text) => [
      anEvent({ data: text }),
      anEvent({ protected: text }),
      anEvent({ metadata: text, type: 'SomethingElseHappened', schemaVersion: 12 }),
    ]);
    await log.append(stream, 'none', events);
    for (const handle of [log, await store.open()]) {
      expect(await streamOfLog(handle, stream)).toMatchObject(events);
      expect(await readAll(handle)).toMatchObject(events);
    }
  });

  law('an event as large as is allowed is kept whole', async (log) => {
    const stream = aStream();
    const rest = Buffer.byteLength(anEvent({ data: '' }).protected + anEvent().metadata);
    const data = `{"a":"${'é'.repeat((EVENT_BYTES_MAX - rest - 8) / 2)}"}`;
    expect(Buffer.byteLength(data) + rest).toBeGreaterThan(EVENT_BYTES_MAX - 2);
    await log.append(stream, 'none', [anEvent({ data })]);
    const [stored] = await streamOfLog(log, stream);
    expect(stored?.data === data).toBe(true);
  });

  law('positions are bigint and versions numbers, in answers and in what is read', async (log) => {
    const stream = aStream();
    const appended = await log.append(stream, 'none', someEvents(2));
    const again = await log.append(stream, 'none', await streamOfLog(log, stream));
    const [page] = await collect(log.readLog({ after: 0n, max: 1 }));
    const read = [...(await streamOfLog(log, stream)), ...(page ?? [])];
    const follower = follow(log);
    await until('the follower has caught up', follower.hasCaughtUp);
    await follower.stop();
    for (const placed of [appended, again, ...read, ...follower.events]) {
      expect([typeof placed.position, typeof placed.version]).toEqual(['bigint', 'number']);
    }
    for (const event of read) expect(typeof event.schemaVersion).toBe('number');
    for (const { kind, ...more } of follower.heard) {
      if (kind === 'caught-up') expect(more).toEqual({ position: appended.position });
    }
    expect(typeof (await log.head())).toBe('bigint');
  });
}

export function atomicityLaws(law: Law): void {
  law('the events of one append are written all or none, and seen so', async (log, store) => {
    const other = await store.open();
    const stream = aStream();
    const writing = { done: false };
    const seen = (async () => {
      const lengths = new Set<number>();
      while (!writing.done) lengths.add((await streamOfLog(other, stream)).length);
      return lengths;
    })();
    for (const turn of upTo(30)) {
      await log.append(stream, turn === 0 ? 'none' : turn * 5 - 1, someEvents(5));
      const late = await settle(log.append(stream, turn * 5, someEvents(5)));
      expect(late).toMatchObject({ error: expect.any(VersionConflict) });
    }
    writing.done = true;
    expect([...(await seen)].filter((length) => length % 5 !== 0)).toEqual([]);
    expect(await streamOfLog(log, stream)).toHaveLength(150);
  });

  law('as many events as one append may carry are written in their order', async (log) => {
    const stream = aStream();
    const events = someEvents(EVENTS_PER_APPEND_MAX);
    const { version } = await log.append(stream, 'none', events);
    expect(version).toBe(EVENTS_PER_APPEND_MAX - 1);
    expect(await streamOfLog(log, stream)).toMatchObject(events);
  });
}

const TOO_LONG = `{"a":"${'x'.repeat(EVENT_BYTES_MAX)}"}`;
const HALF_OF_AN_APPEND = `{"a":"${'x'.repeat(APPEND_BYTES_MAX / 2)}"}`;

// The types forbid most of these; what comes over a wire has no types.
const BAD_EVENTS: Readonly<Record<string, { readonly [K in keyof EventToStore]?: unknown }>> = {
  'data over the limit': { data: TOO_LONG },
  'metadata over the limit': { metadata: TOO_LONG },
  'an id that is no uuid': { id: 'not-a-uuid' },
  'an id in capitals': { id: 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11' },
  'no id': { id: undefined },
  'data that is not JSON': { data: '{"a":' },
  'data that is a list': { data: '[]' },
  'data that is a word': { data: 'null' },
  'data that is an object': { data: { a: 1 } },
  'no metadata': { metadata: '' },
  'protected that is not JSON': { protected: "{'a':1}" },
  'half of a surrogate pair': { data: '{"a":"\ud83d"}' },
  'a type with a space': { type: 'Something Happened' },
  'no type': { type: '' },
  'a schema version of 0': { schemaVersion: 0 },
  'a schema version that is no integer': { schemaVersion: 1.5 },
};

const GOOD: StreamName = aStream();

export function limitLaws(law: Law): void {
  for (const [what, parts] of Object.entries(BAD_EVENTS)) {
    law(`${what} is refused`, async (log) => {
      const bad = { ...anEvent(), ...parts } as EventToStore;
      await expect(log.append(GOOD, 'none', [bad])).rejects.toBeInstanceOf(EventRefused);
      // Nor is a good one written that comes with it.
      await expect(log.append(GOOD, 'none', [anEvent(), bad])).rejects.toThrow(EventRefused);
      expect(await readAll(log)).toEqual([]);
      expect(await log.head()).toBe(0n);
    });
  }

  const twin = anEvent();
  const badAppends: Readonly<Record<string, [unknown, unknown, readonly EventToStore[]]>> = {
    'an append of nothing': [GOOD, 'none', []],
    'an append of too many events': [GOOD, 'none', someEvents(EVENTS_PER_APPEND_MAX + 1)],
    'an append of too many bytes': [GOOD, 'none', someEvents(2, { data: HALF_OF_AN_APPEND })],
    'an append with one id twice': [GOOD, 'none', [twin, twin]],
    'a stream without a category': ['probe', 'none', [anEvent()]],
    'a stream name with a dash too many': ['probe--1', 'none', [anEvent()]],
    'a stream name in capitals': ['Probe-1', 'none', [anEvent()]],
    'an endless stream name': [`probe-${'a'.repeat(STREAM_NAME_LENGTH_MAX)}`, 'none', [anEvent()]],
    'no stream': [undefined, 'none', [anEvent()]],
    'a negative expected version': [GOOD, -1, [anEvent()]],
    'an expected version that is no integer': [GOOD, 0.5, [anEvent()]],
    'an expected version as text': [GOOD, '0', [anEvent()]],
    'any version at all': [GOOD, 'any', [anEvent()]],
    'no expected version': [GOOD, undefined, [anEvent()]],
  };
  for (const [what, [stream, expected, events]] of Object.entries(badAppends)) {
    law(`${what} is refused`, async (log) => {
      const attempt = log.append(stream as StreamName, expected as ExpectedVersion, events);
      await expect(attempt).rejects.toBeInstanceOf(EventRefused);
      expect(await readAll(log)).toEqual([]);
      expect(await log.head()).toBe(0n);
    });
  }
}

export function immutabilityLaws(law: Law): void {
  law('the store itself refuses to change or delete what is written', async (log, store) => {
    const stream = aStream();
    await log.append(stream, 'none', someEvents(3));
    const before = await readAll(log);
    const [, written] = before;
    if (written === undefined) throw new Error('Nothing was written');
    const attempts = store.overwriteAttempts(written);
    expect(attempts.length).toBeGreaterThan(0);
    const allowed: string[] = [];
    for (const { what, run } of attempts) {
      const answer = await settle((async () => run())());
      if ('value' in answer) allowed.push(what);
    }
    expect(allowed).toEqual([]);
    expect(await readAll(await store.open())).toEqual(before);
    expect(await log.append(stream, 2, [anEvent()])).toMatchObject({ version: 3 });
  });
}
