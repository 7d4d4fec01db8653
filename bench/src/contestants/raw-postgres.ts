import pg from 'pg';
import { openPostgresEventLog } from '#event-log/postgres';
import { parsePostgresAddress, schemaName } from '#postgres';
import { ROWS_PER_COMMIT } from './raw-sqlite.ts';

type Text = string | null;

/** A table's columns and their rows, every value as the text that PostgreSQL gave. */
interface TableRows {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly Text[])[];
}
export interface PostgresRows {
  readonly streams: TableRows;
  readonly events: TableRows;
}

const SCHEMA = schemaName('log', '');
/** Texts stay texts: they go back as they came. */
const AS_TEXT: pg.CustomTypesConfig = { getTypeParser: () => String };

/** The very rows that a log wrote. */
export async function postgresRows(address: string): Promise<PostgresRows> {
  const client = new pg.Client({ connectionString: address, types: AS_TEXT });
  await client.connect();
  try {
    return {
      streams: await tableRows(client, 'streams', 'no'),
      events: await tableRows(client, 'events', 'position'),
    };
  } finally {
    await client.end();
  }
}

async function tableRows(client: pg.Client, table: string, order: string): Promise<TableRows> {
  const { rows: columns } = await client.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [`${SCHEMA}.${table}`],
  );
  const { rows } = await client.query<Text[]>({
    text: `SELECT * FROM ${SCHEMA}.${table} ORDER BY ${order}`,
    rowMode: 'array',
  });
  return { columns, rows };
}

/**
 * The limit: the same rows into the same tables with the same indexes and triggers, one statement
 * and one commit for 64 events, each commit on disk before the next. Answers events a second.
 */
export async function rawPostgres(address: string, rows: PostgresRows): Promise<number> {
  await (await openPostgresEventLog({ address: parsePostgresAddress(address) })).close();
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    const [text, commits] = [statementFor(rows), commitsOf(rows)];
    const started = performance.now();
    for (const values of commits) await client.query({ name: 'raw', text, values });
    return rows.events.rows.length / ((performance.now() - started) / 1_000);
  } finally {
    await client.end();
  }
}

function statementFor({ streams, events }: PostgresRows): string {
  const insert = (table: string, { columns }: TableRows, after: number) => {
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    const given = columns.map(({ type }, index) => `$${after + index + 1}::${type}[]`).join(', ');
    return `INSERT INTO ${SCHEMA}.${table} (${names}) OVERRIDING SYSTEM VALUE
      SELECT * FROM unnest(${given})`;
  };
  return `WITH begun AS (${insert('streams', streams, 0)})
    ${insert('events', events, streams.columns.length)}`;
}

/** The arrays of each statement: a stream is written with its first event. */
function commitsOf({ streams, events }: PostgresRows): readonly (readonly Text[])[][] {
  const at = (table: TableRows, column: string) =>
    table.columns.findIndex(({ name }) => name === column);
  const [no, stream, version] = [at(streams, 'no'), at(events, 'stream'), at(events, 'version')];
  const byNo = new Map(streams.rows.map((row) => [row[no], row]));
  const commits: (readonly Text[])[][] = [];
  for (let from = 0; from < events.rows.length; from += ROWS_PER_COMMIT) {
    const some = events.rows.slice(from, from + ROWS_PER_COMMIT);
    const begun = some
      .filter((row) => row[version] === '0')
      .map((row) => byNo.get(row[stream]) ?? []);
    commits.push([...columnsOf(streams, begun), ...columnsOf(events, some)]);
  }
  return commits;
}

function columnsOf({ columns }: TableRows, rows: readonly (readonly Text[])[]) {
  return columns.map((_, index) => rows.map((row) => row[index] ?? null));
}
