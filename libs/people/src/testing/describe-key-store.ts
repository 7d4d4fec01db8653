import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { inspect } from 'node:util';
import { randomId, type Clock, type Instant, type PersonId } from '#kernel';
import { KEY_BYTES, KEY_STORE_WAIT_MS_MAX, KeyStoreBusy, type KeyStore } from '../key-store.js';
import { forkHolder, type Holder } from './fork-holder.js';

/** One place for keys, of one case alone. */
export interface KeyStoreFixture {
  /** For another process: the file, or `postgres://…`. */
  readonly at: string;
  /** A handle, as another process would have one. */
  open(): Promise<KeyStore>;
  /** What another process does past the port: the key is gone. */
  destroy(person: PersonId): Promise<void>;
  createdAt(person: PersonId): Promise<string>;
  /** Another process keeps everybody from writing until what is answered is called. */
  hold(): Promise<() => Promise<void>>;
  /** Whatever lies there that is no key store and was left behind by its making. */
  leftBehind(): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

export const clock: Clock = { now: () => '2026-11-22T09:30:00.000Z' as Instant };

/** The laws of a key store, the same for every one. */
export function describeKeyStore(name: string, makeFixture: () => Promise<KeyStoreFixture>): void {
  let fixture: KeyStoreFixture;
  let opened: KeyStore[];
  let person: PersonId;
  beforeEach(async () => {
    fixture = await makeFixture();
    opened = [];
    person = randomId<'person'>();
  });
  afterEach(async () => {
    await Promise.all(opened.map((store) => store.close()));
    await fixture.dispose();
  });
  const given: Given = {
    fixture: () => fixture,
    person: () => person,
    async openStore() {
      const store = await fixture.open();
      opened.push(store);
      return store;
    },
  };
  describe(`a key store in ${name}`, () => {
    keyLaws(given);
  });
  describe(`several that have a key store in ${name} open`, () => {
    sharingLaws(given);
  });
  describe(`several processes on a key store in ${name}`, () => {
    processLaws(given);
  });
}

interface Given {
  fixture(): KeyStoreFixture;
  person(): PersonId;
  openStore(): Promise<KeyStore>;
}

function keyLaws({ fixture, person, openStore }: Given): void {
  test('makes a random key of 256 bits for each person, once', async () => {
    const store = await openStore();
    const key = await store.keyFor(person());
    expect(key).toHaveLength(KEY_BYTES);
    expect(await store.keyFor(person())).toEqual(key);
    expect(await store.find(person())).toEqual(key);
    expect(await store.keyFor(randomId<'person'>())).not.toEqual(key);
  });

  test('finds nothing where nothing was made, and makes nothing by looking', async () => {
    const store = await openStore();
    expect(await store.find(person())).toBeNull();
    expect(await store.find(person())).toBeNull();
  });

  test('answers each of many who ask at once for what they asked', async () => {
    const store = await openStore();
    const known = await store.keyFor(person());
    const others = Array.from({ length: 50 }, () => randomId<'person'>());
    const [found, again, none, ...made] = await Promise.all([
      store.find(person()),
      store.keyFor(person()),
      store.find(randomId<'person'>()),
      ...others.map((other) => store.keyFor(other)),
    ]);
    expect([found, again, none]).toEqual([known, known, null]);
    expect(new Set(made.map((key) => key.toString('hex'))).size).toBe(others.length);
    const later = await Promise.all(others.map((other) => store.find(other)));
    expect(later).toEqual(made);
  });

  test('keeps its keys when it is closed, with the time they were made', async () => {
    const first = await openStore();
    const key = await first.keyFor(person());
    await first.close();
    await first.close();
    expect(await (await openStore()).find(person())).toEqual(key);
    expect(await fixture().createdAt(person())).toBe(clock.now());
  });

  test('gives out copies: wiping one does not spoil the next', async () => {
    const store = await openStore();
    const [key, other] = await Promise.all([store.keyFor(person()), store.keyFor(person())]);
    const kept = Buffer.from(key);
    key.fill(0);
    expect(other).toEqual(kept);
    expect(await store.keyFor(person())).toEqual(kept);
  });

  test('takes only opaque ids for persons, and does not repeat what it was given', async () => {
    const store = await openStore();
    const asked = store.keyFor('9990000018' as PersonId);
    await expect(asked).rejects.toThrow(/named by a UUID/);
    await expect(asked).rejects.not.toThrow(/999/);
  });

  test('shows no key when it is printed', async () => {
    const store = await openStore();
    await store.keyFor(person());
    const shown = inspect(store, { depth: 9, showHidden: true }) + JSON.stringify(store);
    expect(shown).not.toMatch(/Buffer|cache/);
    expect(shown).not.toContain(person());
  });
}

function sharingLaws({ fixture, person, openStore }: Given): void {
  test('see a key as soon as its creator has an answer', async () => {
    const [writer, reader] = [await openStore(), await openStore()];
    expect(await reader.find(person())).toBeNull();
    const key = await writer.keyFor(person());
    expect(await reader.find(person())).toEqual(key);
  });

  test('forget a key that one of them destroyed, and make another', async () => {
    const [store, other] = [await openStore(), await openStore()];
    const key = await store.keyFor(person());
    expect(await other.find(person())).toEqual(key);
    await fixture().destroy(person());
    expect(await store.find(person())).toBeNull();
    expect(await other.find(person())).toBeNull();
    expect(await store.keyFor(person())).not.toEqual(key);
  });

  test('wait for each other for a named time, then say so', async () => {
    const store = await openStore();
    // Only what is waited for is set forward: sockets go on by themselves.
    const release = await fixture().hold();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const outcome = store.keyFor(person()).catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(KEY_STORE_WAIT_MS_MAX - 100);
      expect(await Promise.race([outcome, Promise.resolve('waiting')])).toBe('waiting');
      await jest.advanceTimersByTimeAsync(200);
      expect(await outcome).toBeInstanceOf(KeyStoreBusy);

      const later = store.keyFor(person());
      await jest.advanceTimersByTimeAsync(100);
      await release();
      await jest.advanceTimersByTimeAsync(100);
      expect(await later).toHaveLength(KEY_BYTES);
    } finally {
      jest.useRealTimers();
      await release();
    }
  });
}

function processLaws({ fixture, person, openStore }: Given): void {
  let holders: Holder[];
  beforeEach(() => {
    holders = [];
  });
  afterEach(async () => {
    await Promise.all(holders.map((holder) => holder.kill()));
  });

  async function fork(): Promise<Holder> {
    const holder = await forkHolder();
    holders.push(holder);
    return holder;
  }

  test('that create the same keys at once, in a store not yet there, all get the same', async () => {
    const [processes, handles] = [4, 5];
    const persons = Array.from({ length: 100 }, () => randomId<'person'>());
    const racers = await Promise.all(Array.from({ length: processes }, fork));
    const task = { at: fixture().at, handles, ask: 'keyFor', persons } as const;
    const answers = (await Promise.all(racers.map((racer) => racer.ask(task)))).flat();
    expect(answers).toHaveLength(processes * handles);
    expect(new Set(answers.map((keys) => keys.join())).size).toBe(1);

    const store = await openStore();
    const found = await Promise.all(persons.map((one) => store.find(one)));
    expect(found.map((key) => key?.toString('hex'))).toEqual(answers[0]);
    expect(new Set(answers[0]).size).toBe(persons.length);
    expect(await fixture().leftBehind()).toEqual([]);
  });

  test('see a key as soon as its creator has an answer', async () => {
    const store = await openStore();
    const key = await store.keyFor(person());
    const reader = await fork();
    const task = { at: fixture().at, handles: 1, ask: 'find', persons: [person()] } as const;
    expect(await reader.ask(task)).toEqual([[key.toString('hex')]]);
  });

  test('find the key of one that was killed right after its answer', async () => {
    const creator = await fork();
    const task = { at: fixture().at, handles: 1, ask: 'keyFor', persons: [person()] } as const;
    const [keys] = await creator.ask(task);
    await creator.kill();
    expect((await (await openStore()).find(person()))?.toString('hex')).toBe(keys?.[0]);
  });
}
