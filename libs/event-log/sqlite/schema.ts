import type { DatabaseSync } from 'node:sqlite';
import { LogDamaged } from '#event-log';
import { isNotADatabase } from './sqlite-errors.js';

/** "WayL": whose file it is, where `file log.db` and SQLite itself look for it. */
const APPLICATION_ID = 0x5761794cn;
const SCHEMA_VERSION = 1n;

/**
 * Positions are shared by all namespaces of the file. Events have no index on their ids: an id is
 * looked for only at its place in its stream, and an index on it would cost every append.
 */
const TABLES = `
  CREATE TABLE streams (
    no        INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    name      TEXT NOT NULL,
    UNIQUE (namespace, name)
  ) STRICT;

  CREATE TABLE events (
    position       INTEGER PRIMARY KEY CHECK (position > 0),
    stream         INTEGER NOT NULL REFERENCES streams (no),
    version        INTEGER NOT NULL CHECK (version >= 0),
    id             TEXT NOT NULL,
    type           TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    data           TEXT NOT NULL,
    protected      TEXT NOT NULL,
    metadata       TEXT NOT NULL,
    crc            INTEGER NOT NULL
  ) STRICT;

  CREATE UNIQUE INDEX events_by_stream ON events (stream, version);
`;

/**
 * The rules on INSERT are there for INSERT OR REPLACE, which would delete the row in its way
 * without asking the trigger on DELETE.
 */
const TRIGGERS = `
  CREATE TRIGGER events_keep BEFORE UPDATE ON events BEGIN
    SELECT RAISE(ABORT, 'an event cannot be changed');
  END;
  CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN
    SELECT RAISE(ABORT, 'an event cannot be deleted');
  END;
  CREATE TRIGGER events_follow BEFORE INSERT ON events BEGIN
    SELECT RAISE(ABORT, 'an event comes after the last one of the log')
      WHERE NEW.position <= (SELECT max(position) FROM events);
    SELECT RAISE(ABORT, 'an event follows the last one of its stream')
      WHERE NEW.version <>
        (SELECT ifnull(max(version), -1) + 1 FROM events WHERE stream = NEW.stream);
  END;
  CREATE TRIGGER streams_keep BEFORE UPDATE ON streams BEGIN
    SELECT RAISE(ABORT, 'a stream cannot be changed');
  END;
  CREATE TRIGGER streams_stay BEFORE DELETE ON streams BEGIN
    SELECT RAISE(ABORT, 'a stream cannot be deleted');
  END;
  CREATE TRIGGER streams_follow BEFORE INSERT ON streams BEGIN
    SELECT RAISE(ABORT, 'a stream cannot be replaced')
      WHERE EXISTS (SELECT 1 FROM streams WHERE no = NEW.no)
         OR EXISTS (SELECT 1 FROM streams WHERE namespace = NEW.namespace AND name = NEW.name);
  END;
`;

/**
 * Makes the file an event log, or checks that it is one. Any step may throw SQLITE_BUSY when
 * another process is doing the same; the whole can then be tried again.
 * @throws LogDamaged when the file is something else, or from a newer Wayledger
 */
export function prepareFile(db: DatabaseSync, path: string): void {
  // Looked at before anything is changed: the file may be somebody else's.
  const empty = isEmpty(db, path);
  db.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  const mode = db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
  if (mode !== 'wal') throw new Error(`${path} lies where SQLite cannot keep a write-ahead log`);
  if (!empty) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    if (isEmpty(db, path)) {
      db.exec(TABLES + TRIGGERS);
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function isEmpty(db: DatabaseSync, path: string): boolean {
  const { application, version, tables } = marks(db, path);
  if (application === 0n && version === 0n && tables === 0n) return true;
  if (application !== APPLICATION_ID) {
    throw new LogDamaged(`${path} is a database of something else, not an event log of Wayledger`);
  }
  if (version !== SCHEMA_VERSION) {
    throw new LogDamaged(
      `${path} is an event log of format ${version}; this Wayledger knows ${SCHEMA_VERSION}`,
    );
  }
  return false;
}

interface Marks {
  readonly application: bigint;
  readonly version: bigint;
  readonly tables: bigint;
}

function marks(db: DatabaseSync, path: string): Marks {
  try {
    const row = db
      .prepare(
        `SELECT a.application_id AS application, v.user_version AS version,
                (SELECT count(*) FROM sqlite_schema) AS tables
         FROM pragma_application_id a, pragma_user_version v`,
      )
      .get();
    return row as unknown as Marks; // The columns named above, integers read as bigint.
  } catch (error) {
    if (!isNotADatabase(error)) throw error;
    throw new LogDamaged(`${path} is not a SQLite database`, { cause: error });
  }
}
