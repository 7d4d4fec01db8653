import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { openSqliteEventLog } from '#event-log/sqlite';

/** Rows of a commit: what the log writes together when 64 callers wait. */
export const ROWS_PER_COMMIT = 64;

/** The very rows that a log wrote. */
export interface LogRows {
  readonly streams: readonly Row[];
  readonly events: readonly Row[];
}
type Row = Readonly<Record<string, SQLInputValue>>;

export function sqliteRows(file: string): LogRows {
  const db = new DatabaseSync(file, { readBigInts: true, readOnly: true });
  try {
    const all = (sql: string) => db.prepare(sql).all() as Row[];
    return {
      streams: all('SELECT * FROM streams ORDER BY no'),
      events: all('SELECT * FROM events ORDER BY position'),
    };
  } finally {
    db.close();
  }
}

/**
 * The limit: the same rows into the same tables with the same indexes and triggers, by prepared
 * statements that know every value beforehand, 64 events a commit and each commit on disk.
 * Answers events a second.
 */
export async function rawSqlite(file: string, { streams, events }: LogRows): Promise<number> {
  await (await openSqliteEventLog({ path: file })).close();
  const db = new DatabaseSync(file, { readBigInts: true });
  try {
    db.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    const into = (table: string, [row = {}]: readonly Row[]) =>
      db.prepare(
        `INSERT INTO ${table} VALUES (${Object.keys(row)
          .map(() => '?')
          .join(', ')})`,
      );
    const [insertStream, insertEvent] = [into('streams', streams), into('events', events)];
    const commits = commitsOf({ streams, events });
    const started = performance.now();
    for (const commit of commits) {
      db.exec('BEGIN IMMEDIATE');
      for (const values of commit.streams) insertStream.run(...values);
      for (const values of commit.events) insertEvent.run(...values);
      db.exec('COMMIT');
    }
    return events.length / ((performance.now() - started) / 1_000);
  } finally {
    db.close();
  }
}

interface Commit {
  readonly streams: readonly SQLInputValue[][];
  readonly events: readonly SQLInputValue[][];
}

/** A stream is written with its first event. */
function commitsOf({ streams, events }: LogRows): readonly Commit[] {
  const byNo = new Map(streams.map((row) => [row['no'], row]));
  const commits: Commit[] = [];
  for (let from = 0; from < events.length; from += ROWS_PER_COMMIT) {
    const some = events.slice(from, from + ROWS_PER_COMMIT);
    const begun = some.filter(({ version }) => version === 0n);
    commits.push({
      streams: begun.map(({ stream }) => Object.values(byNo.get(stream ?? null) ?? {})),
      events: some.map((row) => Object.values(row)),
    });
  }
  return commits;
}
