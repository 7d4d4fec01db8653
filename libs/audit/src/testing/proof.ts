import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { sql } from 'kysely';
import type { EventCatalogue } from '#kernel';
import { Codec } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import { fundingEvents, ledger } from '#funding';
import { Runner, tableName, type Projection } from '#projection';
import { newViews, type ViewsKind } from '#projection/testing';
import { referralEvents } from '#referral';
import { verify, type Check } from '../verify.js';
import type { Recorded } from './histories.js';

const catalogue: EventCatalogue = { ...fundingEvents, ...referralEvents };
const seal = () => Promise.reject(new Error('These histories hold nothing to seal.'));

/** Statements that change the tables that serve. */
export type Tamper = (table: (name: string) => string) => readonly string[];

export interface ProofOptions {
  readonly tamper?: Tamper;
  /** Where the read models are. */
  readonly on?: ViewsKind;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const gathered: T[] = [];
  for await (const item of items) gathered.push(item);
  return gathered;
}

const foundIn = (checks: readonly Check[]) =>
  checks.map(({ name, ok, details }) => ({ name, ok, details: [...details].sort() }));

/** Writes the history to a log of its own, builds the ledger from it, and proves it. */
export async function prove(
  history: readonly Recorded[],
  { tamper = () => [], on = 'sqlite' }: ProofOptions = {},
): Promise<Check[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wayledger-audit-'));
  const log = await openSqliteEventLog({ path: join(folder, 'log.db') });
  const { views, remove } = await newViews(on);
  try {
    const codec = new Codec(catalogue, { seal });
    const last = new Map<string, number>();
    for (const { id, type, data, metadata, stream } of history) {
      // One event of the catalogue, as its type says.
      const event = { type, data } as Parameters<typeof codec.encode>[0]['event'];
      const expected = last.get(stream) ?? 'none';
      const stored = await codec.encode({ event, id, metadata });
      last.set(stream, (await log.append(stream, expected, [stored])).version);
    }
    const projections = [ledger as unknown as Projection];
    const runner = new Runner({ log, codec, views, projections });
    await runner.catchUp();
    const number = (await runner.generations.active('ledger'))?.number ?? 0;
    for (const statement of tamper((name) => tableName(name, number))) {
      await views.transaction(({ query }) => sql.raw(statement).execute(query));
    }
    const given = { log, codec, views, runner };
    const checks = await all(verify(given));
    // Anchor by anchor it must come to the same.
    expect(foundIn(await all(verify(given, undefined, 1)))).toEqual(foundIn(checks));
    return checks;
  } finally {
    await remove();
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
