import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EnginePlace } from '../contestants/engine.ts';
import type { Context } from '../row.ts';

export const STORES = ['sqlite', 'postgres'] as const;
export type Store = (typeof STORES)[number];
export const STORE_NAMES: Readonly<Record<Store, string>> = {
  sqlite: 'SQLite',
  postgres: 'PostgreSQL',
};

/** Calls `work` with an empty place of a store, read models where the log is; gone afterwards. */
export async function inStore<T>(
  { folder, postgres }: Context,
  store: Store,
  work: (place: EnginePlace) => Promise<T>,
): Promise<T> {
  const data = folder();
  if (store === 'sqlite') {
    try {
      return await work({ data, log: { file: join(data, 'log.db') } });
    } finally {
      // Some are large.
      rmSync(data, { recursive: true });
    }
  }
  const address = await postgres.make();
  try {
    return await work({ data, log: { address }, views: address });
  } finally {
    await postgres.drop(address);
  }
}
