import type { Kysely } from 'kysely';
import { Generations, tableName } from './generations.js';
import type { Projection } from './projection.js';
import { isTableGone } from './failures.js';
import type { AnyTables, ViewsDatabase } from './views-database.js';

/** The read model of a projection that was never brought up to the log. */
export class NotBuilt extends Error {
  override readonly name = 'NotBuilt';
}

const READ_ATTEMPTS = 3;

/**
 * Reads from the generation that serves. Should another one take over meanwhile, it reads again
 * from that.
 */
export async function reading<T>(
  views: ViewsDatabase,
  projection: Pick<Projection, 'name'>,
  read: (query: Kysely<AnyTables>, table: (name: string) => string) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const active = await new Generations(views).active(projection.name);
    if (active === null) throw new NotBuilt(`${projection.name} was not built yet`);
    try {
      return await read(views.query, (name) => tableName(name, active.number));
    } catch (error) {
      if (!isTableGone(error) || attempt === READ_ATTEMPTS) throw error;
    }
  }
}
