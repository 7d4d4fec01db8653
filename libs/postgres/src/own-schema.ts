import { SQLSTATE, sqlStateOf } from './failures.js';

/** Asks on any connection. Without values the text may be several statements, done all or none. */
export type Ask = (text: string, values?: readonly unknown[]) => Promise<readonly object[]>;

/** A schema that one of Wayledger's stores has to itself. */
export interface OwnSchema {
  readonly name: string;
  /** As a sentence calls what is in it: `an event log`. */
  readonly called: string;
  /** What the one row of its table `meta` says, in this order: what it is, and in which format. */
  readonly meta: readonly [kind: string, format: bigint];
  /** Makes all but `meta`; names without a schema are in this one. */
  readonly creation: string;
  /** Whether an older format is emptied and made anew: all that it held is also elsewhere. */
  readonly replacesOlder: boolean;
}

/** It is not one that this version can use. It was left as it is. */
export class SchemaRefused extends Error {
  override readonly name = 'SchemaRefused';
}

/** `older`: of a format that is replaced. */
export type Found = 'absent' | 'empty' | 'older' | 'ready';

/** Somebody else was making, or replacing, the same at the same moment. */
const RACED: readonly unknown[] = ['42P06', '42P07', 'P0004', SQLSTATE.uniqueViolation];

/**
 * Makes the schema where it is absent, or checks that it is one. An empty one of its name is taken
 * as given: so a user can be let in who may not make any. Any number of processes may come at once.
 * @param where the database, as it is called in words
 * @throws SchemaRefused
 */
export async function prepareSchema(ask: Ask, schema: OwnSchema, where: string): Promise<void> {
  const found = await lookAt(ask, schema, where);
  if (found === 'ready') return;
  try {
    await ask(making(schema, found));
  } catch (error) {
    if (!RACED.includes(sqlStateOf(error) ?? sqlStateOf((error as Error).cause))) throw error;
    await prepareSchema(ask, schema, where);
  }
}

/** Changes nothing. @throws SchemaRefused */
export async function lookAt(ask: Ask, schema: OwnSchema, where: string): Promise<Found> {
  const { name, called, meta, replacesOlder } = schema;
  const [contents] = (await ask(CONTENTS, [name])) as readonly Contents[];
  if (contents?.there !== true) return 'absent';
  if (contents.relations === 0n) return 'empty';
  const [kind, format] = contents.meta ? await metaOf(ask, name) : [];
  if (kind !== meta[0] || !Number.isInteger(format)) {
    throw new SchemaRefused(
      `The schema ${name} in ${where} is something else, not ${called} of Wayledger: give another ` +
        'database, or a namespace of its own (…?namespace=…)',
    );
  }
  if (format === Number(meta[1])) return 'ready';
  if (replacesOlder && Number(format) < meta[1]) return 'older';
  throw new SchemaRefused(
    `The schema ${name} in ${where} is ${called} of format ${String(format)}; this Wayledger knows ` +
      `${meta[1]}: open it with the Wayledger that wrote it`,
  );
}

interface Contents {
  readonly there: boolean;
  readonly relations: bigint;
  readonly meta: boolean;
}

const CONTENTS = `
  SELECT to_regnamespace($1) IS NOT NULL AS there,
    (SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace($1)) AS relations,
    EXISTS (
      SELECT FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relname = 'meta'
    ) AS meta`;

/** As JSON, whatever its columns are: it may be somebody else's. */
async function metaOf(ask: Ask, schema: string): Promise<readonly unknown[]> {
  const rows = await ask(`SELECT to_json(m)::text AS meta FROM ${schema}.meta AS m LIMIT 2`);
  const [only] = rows as readonly { readonly meta: string }[];
  return only === undefined || rows.length > 1
    ? []
    : Object.values(JSON.parse(only.meta) as Record<string, unknown>);
}

function making({ name, meta: [kind, format], creation }: OwnSchema, found: Found): string {
  const begun = {
    absent: `CREATE SCHEMA ${name};`,
    empty: '',
    older: emptying(name, format),
    ready: '',
  };
  return `
    SELECT pg_advisory_xact_lock(hashtextextended('${name}', 0));
    ${begun[found]}
    SET LOCAL search_path TO ${name};
    CREATE TABLE meta (kind text NOT NULL, format bigint NOT NULL);
    INSERT INTO meta VALUES ('${kind}', ${format});
    ${creation}`;
}

/** Not what somebody else has made anew meanwhile. */
function emptying(name: string, format: bigint): string {
  return `
    DO $$
    DECLARE
      old text;
    BEGIN
      IF (SELECT m.format FROM ${name}.meta m) >= ${format} THEN
        RAISE assert_failure USING MESSAGE = 'somebody else was first';
      END IF;
      FOR old IN
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = '${name}'::regnamespace AND c.relkind IN ('r', 'p')
      LOOP
        EXECUTE format('DROP TABLE ${name}.%I CASCADE', old);
      END LOOP;
    END $$;`;
}

/**
 * Texts are of any characters, and are ordered by their code points.
 * @throws SchemaRefused
 */
export async function mustBeUnicode(ask: Ask, where: string): Promise<void> {
  const [row] = (await ask('SHOW server_encoding')) as readonly { server_encoding: string }[];
  if (row?.server_encoding === 'UTF8') return;
  throw new SchemaRefused(
    `${where} keeps its texts in ${String(row?.server_encoding)} and cannot hold all that people ` +
      "are called: make a database with ENCODING 'UTF8' TEMPLATE template0",
  );
}
