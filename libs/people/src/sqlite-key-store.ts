import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, linkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { assert, isUuid, present, type Clock, type PersonId } from '#kernel';
import { KEY_BYTES, KEY_STORE_WAIT_MS_MAX, KeyStoreRefused, type KeyStore } from './key-store.js';
import { whenFree, type Waiting } from './when-free.js';

/** Keys held in memory by one open store, about 200 bytes each. */
export const CACHED_KEYS_MAX = 10_000;

export interface SqliteKeyStoreOptions {
  /** The database file, in a folder that exists; `:memory:` keeps nothing. */
  readonly path: string;
  /** Dates the keys. */
  readonly clock: Clock;
}

/**
 * A key store in an SQLite file of its own, readable by its owner alone (mode 0600), created if
 * absent. Any number of processes and threads may have it open.
 * @throws KeyStoreRefused when the file is something else, or of a newer version
 * @throws KeyStoreBusy
 */
export async function openSqliteKeyStore(options: SqliteKeyStoreOptions): Promise<KeyStore> {
  assert(options.path !== '', 'a key store has a path');
  const inMemory = options.path === ':memory:';
  // A resolved path is never read as an SQLite URI.
  const path = inMemory ? options.path : resolve(options.path);
  if (!inMemory) createPrivately(path);
  const db = await whenFree(heldByOthers(path), () => openDatabase(path, inMemory));
  return new SqliteKeyStore(path, db, options.clock);
}

// '#' and not 'private': nothing that prints or serialises a store can reach a key.
class SqliteKeyStore implements KeyStore {
  readonly #waiting: Waiting;
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #dataVersion: StatementSync;
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #cache = new Map<PersonId, Buffer>();
  #cachedAt: SQLOutputValue | undefined;

  constructor(path: string, db: DatabaseSync, clock: Clock) {
    this.#waiting = heldByOthers(path);
    this.#db = db;
    this.#clock = clock;
    this.#dataVersion = db.prepare('PRAGMA data_version');
    this.#select = db.prepare('SELECT key FROM person_keys WHERE person = ?');
    this.#insert = db.prepare(
      'INSERT INTO person_keys (person, key, created_at) VALUES (?, ?, ?)' +
        ' ON CONFLICT (person) DO NOTHING',
    );
  }

  async keyFor(person: PersonId): Promise<Buffer> {
    return whenFree(this.#waiting, () => {
      const known = this.#read(person);
      if (known !== null) return known;
      this.#insert.run(person, randomBytes(KEY_BYTES), this.#clock.now());
      // Of several creators one was first: its key is everybody's.
      return present(this.#read(person), 'a key that was just written is there');
    });
  }

  async find(person: PersonId): Promise<Buffer | null> {
    return whenFree(this.#waiting, () => this.#read(person));
  }

  async close(): Promise<void> {
    this.#cache.clear();
    if (this.#db.isOpen) this.#db.close();
  }

  #read(person: PersonId): Buffer | null {
    // Never quoted: what is wrongly passed for a person id may be personal itself.
    assert(isUuid(person), 'a person is named by a UUID');
    this.#dropStaleKeys();
    let key = this.#cache.get(person);
    if (key === undefined) {
      const row = this.#select.get(person);
      if (row === undefined) return null;
      const stored = row['key'];
      assert(ArrayBuffer.isView(stored), 'a stored key is bytes');
      // Not copied: a small copy is a slice of a block of 8 kB, which it would keep as a whole.
      key = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
      assert(key.length === KEY_BYTES, 'a stored key has 256 bits');
    }
    this.#remember(person, key);
    // A copy: a caller that wipes its buffer must not wipe the key that others are given.
    return Buffer.from(key);
  }

  /** A key that another connection destroyed must not live on here. */
  #dropStaleKeys(): void {
    const version = this.#dataVersion.get()?.['data_version'];
    if (version !== this.#cachedAt) this.#cache.clear();
    this.#cachedAt = version;
  }

  /** The least recently used key goes first. */
  #remember(person: PersonId, key: Buffer): void {
    this.#cache.delete(person);
    this.#cache.set(person, key);
    if (this.#cache.size > CACHED_KEYS_MAX) {
      this.#cache.delete(present(this.#cache.keys().next().value, 'a full cache has a first key'));
    }
  }
}

/** "WLKS" */
const APPLICATION_ID = 0x57_4c_4b_53n;
const SCHEMA_VERSION = 1n;
const OWNER_ONLY = 0o600;

/**
 * Linked into place when it is already private and closed. SQLite would create it readable by
 * others; and to close a database file beside SQLite drops the locks of the whole process on it.
 */
function createPrivately(path: string): void {
  if (existsSync(path)) return;
  const draft = `${path}.${randomUUID()}.new`;
  try {
    writeFileSync(draft, '', { flag: 'wx', mode: OWNER_ONLY });
    linkSync(draft, path);
  } catch (error) {
    // Another process was quicker: the file is there, and as private.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function openDatabase(path: string, inMemory: boolean): DatabaseSync {
  // No busy timeout: SQLite would sleep on the event loop, `whenFree` waits beside it.
  const db = new DatabaseSync(path, { readBigInts: true, timeout: 0 });
  try {
    // Before anything is written: a file that is not ours stays as it is.
    const found = checkIdentity(db, path);
    if (!inMemory) {
      for (const file of [path, `${path}-wal`, `${path}-shm`]) makePrivate(file);
      assert(pragma(db, 'journal_mode = WAL') === 'wal', 'the key store writes ahead');
    }
    db.exec('PRAGMA synchronous = FULL');
    if (found === 'empty') createSchema(db, path);
    // What a killed writer left unsynced was taken up when the file was opened: on disk with it,
    // before an answer relies on it.
    if (!inMemory) db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** One statement sees one state: between two, another process may have made the tables. */
const IDENTITY = `
  SELECT count(*) AS objects,
    (SELECT application_id FROM pragma_application_id) AS application,
    (SELECT user_version FROM pragma_user_version) AS version
  FROM sqlite_schema
`;

/** @throws KeyStoreRefused */
function checkIdentity(db: DatabaseSync, path: string): 'empty' | 'ours' {
  let identity: Record<string, SQLOutputValue>;
  try {
    identity = present(db.prepare(IDENTITY).get(), 'a count is one row');
  } catch (error) {
    if (resultCode(error) !== SQLITE_NOTADB && resultCode(error) !== SQLITE_CORRUPT) throw error;
    throw new KeyStoreRefused(`${path} is not a key store: it is no readable SQLite database`, {
      cause: error,
    });
  }
  const { application, version, objects } = identity;
  if (application === 0n && version === 0n && objects === 0n) return 'empty';
  if (application !== APPLICATION_ID) {
    throw new KeyStoreRefused(`${path} is not a key store: it is a database of something else`);
  }
  if (version !== SCHEMA_VERSION) {
    throw new KeyStoreRefused(
      `${path} is a key store of version ${String(version)}, this Wayledger reads version ` +
        `${SCHEMA_VERSION}: open it with the newer Wayledger that wrote it`,
    );
  }
  return 'ours';
}

function createSchema(db: DatabaseSync, path: string): void {
  db.exec('BEGIN IMMEDIATE');
  // Another process may have made it while this one waited for the lock.
  if (checkIdentity(db, path) === 'empty') db.exec(SCHEMA);
  db.exec('COMMIT');
}

const SCHEMA = `
    CREATE TABLE person_keys (
      person TEXT PRIMARY KEY,
      key BLOB NOT NULL CHECK (length(key) = ${KEY_BYTES}),
      created_at TEXT NOT NULL
    ) STRICT;
    PRAGMA application_id = ${APPLICATION_ID};
    PRAGMA user_version = ${SCHEMA_VERSION};
`;

function makePrivate(file: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode !== undefined && (mode & 0o077) !== 0) chmodSync(file, OWNER_ONLY);
}

function pragma(db: DatabaseSync, text: string): SQLOutputValue | undefined {
  return Object.values(db.prepare(`PRAGMA ${text}`).get() ?? {})[0];
}

// https://sqlite.org/rescode.html; the low byte is the primary code.
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function resultCode(error: unknown): number | undefined {
  const code = (error as { readonly errcode?: unknown }).errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

function heldByOthers(path: string): Waiting {
  return {
    isBusy: (error) => resultCode(error) === SQLITE_BUSY,
    busyText: () => `${path} was held by others for ${KEY_STORE_WAIT_MS_MAX} ms: try again`,
  };
}
