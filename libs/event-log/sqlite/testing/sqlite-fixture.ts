import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EventLog, StoredEvent } from '#event-log';
import type { EventLogFixture, OverwriteAttempt } from '#event-log/conformance';
import { openSqliteEventLog } from '../index.js';

export interface SqliteFixture extends EventLogFixture {
  readonly path: string;
}

/** A log of its own in a temporary folder. */
export async function sqliteFixture(): Promise<SqliteFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'wayledger-log-'));
  const path = join(folder, 'store', 'log.db');
  let handles: EventLog[] = [];
  const closeAll = async (): Promise<void> => {
    const open = handles;
    handles = [];
    await Promise.all(open.map((handle) => handle.close()));
  };
  return {
    path,
    async open(namespace) {
      const handle = await openSqliteEventLog(
        namespace === undefined ? { path } : { path, namespace },
      );
      handles.push(handle);
      return handle;
    },
    // There is no server: what comes back is the file.
    restart: closeAll,
    overwriteAttempts: (written) => overwriteAttempts(path, written),
    async dispose() {
      await closeAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function overwriteAttempts(path: string, { position, version }: StoredEvent): OverwriteAttempt[] {
  const copy = (place: string, at: string): string =>
    `SELECT ${place}, stream, ${at}, id, type, schema_version, '{"forged":1}', protected, metadata,
            crc FROM events WHERE position = ${position}`;
  const beyond = `${position} + 1000`;
  const next = '(SELECT max(version) + 1 FROM events)';
  const statements = [
    `UPDATE events SET data = '{}'`,
    `UPDATE events SET type = 'Forged' WHERE position = ${position}`,
    `UPDATE OR REPLACE events SET position = 1 WHERE position = ${position}`,
    `DELETE FROM events`,
    `DELETE FROM events WHERE position = ${position}`,
    `INSERT OR REPLACE INTO events ${copy('position', 'version')}`,
    `INSERT OR REPLACE INTO events ${copy(beyond, 'version')}`,
    `INSERT OR REPLACE INTO events ${copy('position', next)}`,
    `REPLACE INTO events ${copy('1', String(version))}`,
    `INSERT INTO events ${copy('position', 'version')}
       ON CONFLICT (position) DO UPDATE SET data = excluded.data`,
    `INSERT INTO events ${copy(beyond, 'version')}
       ON CONFLICT (stream, version) DO UPDATE SET data = excluded.data`,
    `INSERT INTO events ${copy('NULL', 'version')}`,
    `INSERT INTO events ${copy(beyond, 'version + 1000')}`,
    `UPDATE streams SET name = 'other-1'`,
    `DELETE FROM streams`,
    `INSERT OR REPLACE INTO streams SELECT no, 'other', name FROM streams`,
    `INSERT OR REPLACE INTO streams SELECT no + 1000, namespace, name FROM streams`,
  ];
  return statements.map((sql) => ({
    what: sql,
    run() {
      const db = new DatabaseSync(path);
      try {
        // The worst that an unguarded connection can do.
        db.exec('PRAGMA foreign_keys = OFF');
        db.exec(sql);
      } finally {
        db.close();
      }
    },
  }));
}

/** A test with a store of its own. */
export function onStore(scenario: (store: SqliteFixture) => Promise<void>): () => Promise<void> {
  return async () => {
    const store = await sqliteFixture();
    try {
      await scenario(store);
    } finally {
      await store.dispose();
    }
  };
}
