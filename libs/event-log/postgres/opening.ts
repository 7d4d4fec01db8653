import { LogAddressRefused, LogDamaged } from '#event-log';
import { SQLSTATE, sqlStateOf } from '#postgres';
import type { Connections } from './connections.js';
import { FORMAT, KIND, type LogSchema } from './schema.js';

/** Somebody else was making the same at the same moment. */
const DUPLICATES = new Set<string | undefined>(['42P06', '42P07', SQLSTATE.uniqueViolation]);

/**
 * Makes the log's schema, or checks that it is one. An empty schema of its name is taken as given:
 * so a user can be let in who may not make any.
 * @throws LogDamaged when it is something else, or from a newer Wayledger; it is left as it is
 */
export async function prepareSchema(connections: Connections, schema: LogSchema): Promise<void> {
  const state = await look(connections, schema);
  if (state === 'ready') return;
  try {
    await connections.read(schema.creation(state === 'empty'));
  } catch (error) {
    if (!DUPLICATES.has(sqlStateOf((error as Error).cause))) throw error;
    await prepareSchema(connections, schema);
  }
}

interface Found {
  readonly encoding: string;
  readonly schema: bigint;
  readonly relations: bigint;
  readonly meta: bigint;
}

async function look(
  connections: Connections,
  schema: LogSchema,
): Promise<'absent' | 'empty' | 'ready'> {
  const { where } = connections;
  const [found] = await connections.read<Found>(
    `SELECT current_setting('server_encoding') AS encoding,
       (SELECT count(*) FROM pg_namespace n WHERE n.nspname = $1) AS schema,
       (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1) AS relations,
       (SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = 'meta' AND a.attname IN ('kind', 'format')) AS meta`,
    [schema.name],
  );
  if (found?.encoding !== 'UTF8') {
    throw new LogAddressRefused(
      `${where} keeps its texts in ${String(found?.encoding)}: make a database with ENCODING 'UTF8'`,
    );
  }
  if (found.schema === 0n) return 'absent';
  if (found.relations === 0n) return 'empty';
  const [meta] =
    found.meta === 2n
      ? await connections.read<{ kind: unknown; format: unknown }>(
          `SELECT kind, format FROM ${schema.name}.meta`,
        )
      : [];
  if (meta?.kind !== KIND) {
    throw new LogDamaged(
      `The schema ${schema.name} in ${where} is something else, not an event log of Wayledger`,
    );
  }
  if (meta.format !== FORMAT) {
    throw new LogDamaged(
      `The schema ${schema.name} in ${where} is an event log of format ${String(meta.format)}; ` +
        `this Wayledger knows ${FORMAT}`,
    );
  }
  return 'ready';
}
