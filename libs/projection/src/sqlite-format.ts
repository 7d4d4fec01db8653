import type { DatabaseSync } from 'node:sqlite';
import { present } from '#kernel';
import { SQLITE, sqliteCodeOf } from './failures.js';
import { ownTables } from './own-tables.js';
import type { TypeNames } from './table-sql.js';
import { FORMAT, ViewsRefused } from './views-database.js';

/** 32 MB: each move from the write-ahead log into the file waits for the disk. */
const WAL_PAGES_MAX = 8_000;
/** "WLVW": says whose file this is. */
const APPLICATION_ID = 0x574c5657n;
/** Its text is ordered by its bytes, which are UTF-8: by code points. */
export const SQLITE_TYPES: TypeNames = { text: 'TEXT', integer: 'INTEGER' };

/**
 * Makes the file a views database, or checks that it is one. Any step may throw SQLITE_BUSY when
 * another process is doing the same; the whole can then be tried again.
 * @throws ViewsRefused
 */
export function prepareFile(db: DatabaseSync, path: string): void {
  // Before anything is written: a file that is not ours stays as it is.
  const found = identityOf(db, path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    PRAGMA wal_autocheckpoint = ${WAL_PAGES_MAX}`);
  if (found === 'ours') return;
  db.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have made it while this one waited for the lock.
    if (identityOf(db, path) !== 'ours') {
      dropTables(db);
      for (const statement of ownTables(SQLITE_TYPES)) db.exec(`${statement} STRICT`);
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT}`);
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function dropTables(db: DatabaseSync): void {
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  for (const { name } of tables) db.exec(`DROP TABLE "${String(name)}"`);
}

/** One statement sees one state: between two, another process may have made the tables. */
const IDENTITY = `
  SELECT count(*) AS objects,
    (SELECT application_id FROM pragma_application_id) AS application,
    (SELECT user_version FROM pragma_user_version) AS format
  FROM sqlite_schema`;

function identityOf(db: DatabaseSync, path: string): 'empty' | 'older' | 'ours' {
  let identity: Record<string, unknown>;
  try {
    identity = present(db.prepare(IDENTITY).get(), 'a count is one row');
  } catch (error) {
    if (sqliteCodeOf(error) !== SQLITE.notADatabase) throw error;
    throw new ViewsRefused(
      `${path} is not a views database: it is no readable SQLite database. Move it away; all that ` +
        'a views database holds is built anew from the log.',
      { cause: error },
    );
  }
  const { objects, application, format } = identity;
  if (objects === 0n && application === 0n && format === 0n) return 'empty';
  if (application !== APPLICATION_ID) {
    throw new ViewsRefused(`${path} is a database of something else, not of Wayledger's views.`);
  }
  if (format === FORMAT) return 'ours';
  if (typeof format === 'bigint' && format < FORMAT) return 'older';
  throw new ViewsRefused(
    `${path} is a views database of format ${String(format)}; this Wayledger knows ${FORMAT}. Use ` +
      'the Wayledger that wrote it, or give another place: views are built anew from the log.',
  );
}
