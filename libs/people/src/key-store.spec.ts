import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  chmodSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inspect } from 'node:util';
import { randomId, type Clock, type Instant, type PersonId } from '#kernel';
import {
  CACHED_KEYS_MAX,
  KEY_BYTES,
  KEY_STORE_WAIT_MS_MAX,
  KeyStoreBusy,
  KeyStoreRefused,
  openSqliteKeyStore,
  overlayKeyStore,
  type KeyStore,
} from './key-store.js';
import { forkHolder, type Holder } from './testing/fork-holder.js';
import { temporaryFolder, type TemporaryFolder } from './testing/temporary-folder.js';

const person = randomId<'person'>();
const clock: Clock = { now: () => '2026-11-22T09:30:00.000Z' as Instant };

let folder: TemporaryFolder;
let path: string;
let opened: KeyStore[];
beforeEach(() => {
  folder = temporaryFolder();
  path = folder.file('keys.db');
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  folder.remove();
});

async function openStore(at = path): Promise<KeyStore> {
  const store = await openSqliteKeyStore({ path: at, clock });
  opened.push(store);
  return store;
}

function inFile<T>(work: (db: DatabaseSync) => T, at = path): T {
  const db = new DatabaseSync(at);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

describe('a key store', () => {
  test('makes a random key of 256 bits for each person, once', async () => {
    const store = await openStore();
    const key = await store.keyFor(person);
    expect(key).toHaveLength(KEY_BYTES);
    expect(await store.keyFor(person)).toEqual(key);
    expect(await store.find(person)).toEqual(key);
    expect(await store.keyFor(randomId<'person'>())).not.toEqual(key);
  });

  test('finds nothing where nothing was made, and makes nothing by looking', async () => {
    const store = await openStore();
    expect(await store.find(person)).toBeNull();
    expect(await store.find(person)).toBeNull();
  });

  test('keeps its keys when it is closed, with the time they were made', async () => {
    const first = await openStore();
    const key = await first.keyFor(person);
    await first.close();
    await first.close();
    expect(await (await openStore()).find(person)).toEqual(key);
    const row = inFile((db) => db.prepare('SELECT created_at FROM person_keys').get());
    expect(row).toEqual({ created_at: clock.now() });
  });

  test('gives out copies: wiping one does not spoil the next', async () => {
    const store = await openStore();
    const key = await store.keyFor(person);
    const kept = Buffer.from(key);
    key.fill(0);
    expect(await store.keyFor(person)).toEqual(kept);
  });

  test('stays right when it holds more keys than it remembers', async () => {
    const store = await openStore(':memory:');
    const persons = Array.from({ length: CACHED_KEYS_MAX + 100 }, () => randomId<'person'>());
    const keys: Buffer[] = [];
    for (const one of persons) keys.push(await store.keyFor(one));
    for (const [index, one] of persons.entries()) {
      expect((await store.find(one))?.equals(keys[index] ?? Buffer.alloc(0))).toBe(true);
    }
  });

  test('takes only opaque ids for persons, and does not repeat what it was given', async () => {
    const store = await openStore();
    const asked = store.keyFor('9990000018' as PersonId);
    await expect(asked).rejects.toThrow(/named by a UUID/);
    await expect(asked).rejects.not.toThrow(/999/);
  });

  test('shows no key when it is printed', async () => {
    const store = await openStore();
    await store.keyFor(person);
    const shown = inspect(store, { depth: 9, showHidden: true }) + JSON.stringify(store);
    expect(shown).not.toMatch(/Buffer|cache/);
    expect(shown).not.toContain(person);
  });
});

describe('the key file', () => {
  test('is for its owner alone, with all that lies beside it', async () => {
    const store = await openStore();
    await store.keyFor(person);
    const names = readdirSync(dirname(path)).sort();
    expect(names).toEqual(['keys.db', 'keys.db-shm', 'keys.db-wal']);
    for (const name of names) expect(statSync(folder.file(name)).mode & 0o777).toBe(0o600);
  });

  test('is made so again when it came back from a backup with a wider mode', async () => {
    await (await openStore()).close();
    chmodSync(path, 0o644);
    await openStore();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is in write-ahead mode', async () => {
    const store = await openStore();
    await store.keyFor(person);
    expect(inFile((db) => db.prepare('PRAGMA journal_mode').get())).toEqual({
      journal_mode: 'wal',
    });
  });

  test.each([
    ['of something else', 'CREATE TABLE log (id TEXT)', /database of something else/],
    ['with the mark of another program', 'PRAGMA application_id = 7', /database of something else/],
  ])('%s is refused and left as it is', async (_, sql, message) => {
    inFile((db) => {
      db.exec(sql);
    });
    await expectRefusedUntouched(message);
  });

  test('of a newer version is refused and left as it is', async () => {
    await (await openStore()).close();
    inFile((db) => {
      db.exec('PRAGMA user_version = 2');
    });
    await expectRefusedUntouched(/version 2, this Wayledger reads version 1: open it with/);
  });

  test('that is no database at all is refused and left as it is', async () => {
    writeFileSync(path, 'Dear all, please find the keys attached. '.repeat(50));
    await expectRefusedUntouched(/no readable SQLite database/);
  });

  async function expectRefusedUntouched(message: RegExp): Promise<void> {
    chmodSync(path, 0o640);
    const before = readFileSync(path);
    const attempt = openSqliteKeyStore({ path, clock });
    await expect(attempt).rejects.toThrow(KeyStoreRefused);
    await expect(attempt).rejects.toThrow(message);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(dirname(path))).toEqual(['keys.db']);
  }
});

describe('several that have the file open', () => {
  test('see a key as soon as its creator has an answer', async () => {
    const [writer, reader] = [await openStore(), await openStore()];
    expect(await reader.find(person)).toBeNull();
    const key = await writer.keyFor(person);
    expect(await reader.find(person)).toEqual(key);
  });

  test('agree on the key of the first, however close the second came', async () => {
    const first = Buffer.alloc(KEY_BYTES, 1);
    // The clock is read when the store has found no key and is about to write one.
    const overtaken: Clock = {
      now: () => {
        inFile((db) => {
          db.prepare('INSERT INTO person_keys VALUES (?, ?, ?)').run(person, first, clock.now());
        });
        return clock.now();
      },
    };
    const store = await openSqliteKeyStore({ path, clock: overtaken });
    opened.push(store);
    expect(await store.keyFor(person)).toEqual(first);
    expect(await store.keyFor(person)).toEqual(first);
  });

  test('forget a key that one of them destroyed', async () => {
    const store = await openStore();
    await store.keyFor(person);
    inFile((db) => {
      db.exec('DELETE FROM person_keys');
    });
    expect(await store.find(person)).toBeNull();
  });

  test('wait for each other for a named time, then say so', async () => {
    const store = await openStore();
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    jest.useFakeTimers();
    try {
      const outcome = store.keyFor(person).catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(KEY_STORE_WAIT_MS_MAX - 100);
      expect(await Promise.race([outcome, Promise.resolve('waiting')])).toBe('waiting');
      await jest.advanceTimersByTimeAsync(200);
      expect(await outcome).toBeInstanceOf(KeyStoreBusy);

      const later = store.keyFor(person);
      await jest.advanceTimersByTimeAsync(100);
      other.exec('ROLLBACK');
      await jest.advanceTimersByTimeAsync(100);
      expect(await later).toHaveLength(KEY_BYTES);
    } finally {
      jest.useRealTimers();
      other.close();
    }
  });
});

describe('several processes', () => {
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

  test('that create the same keys at once, in a file not yet there, all get the same', async () => {
    const [processes, handles] = [4, 5];
    const persons = Array.from({ length: 100 }, () => randomId<'person'>());
    const racers = await Promise.all(Array.from({ length: processes }, fork));
    const task = { path, handles, ask: 'keyFor', persons } as const;
    const answers = (await Promise.all(racers.map((racer) => racer.ask(task)))).flat();
    expect(answers).toHaveLength(processes * handles);
    expect(new Set(answers.map((keys) => keys.join())).size).toBe(1);

    const store = await openStore();
    const found = await Promise.all(persons.map((one) => store.find(one)));
    expect(found.map((key) => key?.toString('hex'))).toEqual(answers[0]);
    expect(new Set(answers[0]).size).toBe(persons.length);
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  test('see a key as soon as its creator has an answer', async () => {
    const store = await openStore();
    const key = await store.keyFor(person);
    const reader = await fork();
    const answer = await reader.ask({ path, handles: 1, ask: 'find', persons: [person] });
    expect(answer).toEqual([[key.toString('hex')]]);
  });

  test('find the key of one that was killed right after its answer', async () => {
    const creator = await fork();
    const [keys] = await creator.ask({ path, handles: 1, ask: 'keyFor', persons: [person] });
    await creator.kill();
    expect((await (await openStore()).find(person))?.toString('hex')).toBe(keys?.[0]);
  });
});

describe('an overlay, for a dry run', () => {
  test('finds in the base and changes nothing there', async () => {
    const base = await openStore();
    const known = await base.keyFor(person);
    const newcomer = randomId<'person'>();
    const dry = overlayKeyStore(base, await openStore(':memory:'));

    expect(await dry.find(person)).toEqual(known);
    expect(await dry.keyFor(person)).toEqual(known);
    expect(await dry.find(newcomer)).toBeNull();
    const made = await dry.keyFor(newcomer);
    expect(await dry.find(newcomer)).toEqual(made);
    expect(await dry.keyFor(newcomer)).toEqual(made);

    await dry.close();
    expect(await base.find(newcomer)).toBeNull();
    expect(await base.find(person)).toEqual(known);
  });

  test('leaves every byte of the base file as it was', async () => {
    const base = await openStore();
    await base.keyFor(person);
    await base.close();
    copyFileSync(path, folder.file('before.db'));
    const again = await openStore();
    const dry = overlayKeyStore(again, await openStore(':memory:'));
    await dry.keyFor(randomId<'person'>());
    await again.close();
    expect(readFileSync(path).equals(readFileSync(folder.file('before.db')))).toBe(true);
  });
});
