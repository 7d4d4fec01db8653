import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { secondsOf } from '../measure.ts';

/**
 * The limit in PostgreSQL: COPY of the very rows of a table into an empty one with the same key and
 * indexes, in one transaction. Answers seconds.
 */
export async function copyRows(address: string, table: string): Promise<number> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    const { rows } = await client.query<{ schema: string }>(
      'SELECT schemaname AS schema FROM pg_tables WHERE tablename = $1',
      [table],
    );
    const source = `"${rows[0]?.schema ?? 'public'}"."${table}"`;
    const texts: Buffer[] = [];
    // In the order in which they were posted.
    const all = `COPY (SELECT * FROM ${source} ORDER BY position, entry, line) TO STDOUT`;
    for await (const chunk of client.query(copyTo(all))) texts.push(chunk as Buffer);
    await client.query(`CREATE TABLE public.same_rows (LIKE ${source} INCLUDING ALL)`);
    return await secondsOf(() =>
      pipeline(Readable.from(texts), client.query(copyFrom('COPY public.same_rows FROM STDIN'))),
    );
  } finally {
    await client.end();
  }
}

/**
 * The limit in SQLite: the very rows of a table into an empty one with the same key and indexes, by
 * one prepared statement in one transaction. Answers seconds.
 */
export async function insertRows(file: string, table: string): Promise<number> {
  const db = new DatabaseSync(file, { readBigInts: true });
  try {
    const made = db
      .prepare(`SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL`)
      .all(table);
    for (const { sql } of made) db.exec(String(sql).replaceAll(table, 'same_rows'));
    const rows = db
      .prepare(`SELECT * FROM "${table}" ORDER BY position, entry, line`)
      .all()
      .map((row) => Object.values(row) as SQLInputValue[]);
    const places = (rows[0] ?? []).map(() => '?').join(', ');
    const insert = db.prepare(`INSERT INTO same_rows VALUES (${places})`);
    return await secondsOf(async () => {
      db.exec('BEGIN');
      for (const values of rows) insert.run(...values);
      db.exec('COMMIT');
    });
  } finally {
    db.close();
  }
}
