import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
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
import { randomId, type Clock } from '#kernel';
import { KEY_BYTES, KeyStoreRefused, overlayKeyStore, type KeyStore } from './key-store.js';
import { CACHED_KEYS_MAX, openSqliteKeyStore } from './sqlite-key-store.js';
import { clock, describeKeyStore, type KeyStoreFixture } from './testing/describe-key-store.js';
import { temporaryFolder, type TemporaryFolder } from './testing/temporary-folder.js';

const person = randomId<'person'>();

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

async function fixture(): Promise<KeyStoreFixture> {
  return {
    at: path,
    open: () => openSqliteKeyStore({ path, clock }),
    async destroy(of) {
      inFile((db) => db.prepare('DELETE FROM person_keys WHERE person = ?').run(of));
    },
    async createdAt(of) {
      const sql = 'SELECT created_at FROM person_keys WHERE person = ?';
      return String(inFile((db) => db.prepare(sql).get(of)?.['created_at']));
    },
    async hold() {
      const other = new DatabaseSync(path);
      other.exec('BEGIN IMMEDIATE');
      return async () => {
        if (other.isOpen) other.close();
      };
    },
    leftBehind: async () => readdirSync(dirname(path)).filter((name) => name.endsWith('.new')),
    dispose: async () => undefined,
  };
}

describeKeyStore('a file', fixture);

describe('a key store in a file', () => {
  test('stays right when it holds more keys than it remembers', async () => {
    const store = await openStore(':memory:');
    const persons = Array.from({ length: CACHED_KEYS_MAX + 100 }, () => randomId<'person'>());
    const keys: Buffer[] = [];
    for (const one of persons) keys.push(await store.keyFor(one));
    for (const [index, one] of persons.entries()) {
      expect((await store.find(one))?.equals(keys[index] ?? Buffer.alloc(0))).toBe(true);
    }
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
