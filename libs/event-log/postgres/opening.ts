import { LogAddressRefused, LogDamaged } from '#event-log';
import { mustBeUnicode, prepareSchema, SchemaRefused, type Ask } from '#postgres';
import type { Connections } from './connections.js';
import type { LogSchema } from './schema.js';

/**
 * Makes the log's schema, or checks that it is one.
 * @throws LogAddressRefused when the database cannot hold every text
 * @throws LogDamaged when it is something else, or from a newer Wayledger; it is left as it is
 */
export async function prepareLog(connections: Connections, schema: LogSchema): Promise<void> {
  const { where } = connections;
  const ask: Ask = (text, values) => connections.read(text, values);
  await mustBeUnicode(ask, where).catch((error: unknown) => {
    throw error instanceof SchemaRefused ? new LogAddressRefused(error.message) : error;
  });
  await prepareSchema(ask, schema, where).catch((error: unknown) => {
    throw error instanceof SchemaRefused ? new LogDamaged(error.message) : error;
  });
}
