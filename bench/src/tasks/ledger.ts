import { ledger } from '#funding';
import { Runner, reading, type Projection } from '#projection';
import { openEngine, type EnginePlace } from '../contestants/engine.ts';
import type { Planned } from '../inputs/again.ts';
import { copiesOf } from '../inputs/copies.ts';
import { fill } from '../inputs/filling.ts';
import { allOf, eventsOf } from '../inputs/spring-log.ts';
import { secondsOf } from '../measure.ts';

export interface LedgerBuilt {
  /** Lines of entries that the ledger posted. */
  readonly postings: number;
  readonly seconds: number;
  /** The table that they are in. */
  readonly table: string;
}

/**
 * Builds the ledger alone. With `filled`, from a log that is made first: so many times the
 * referrals of a template, with only those facts in it that the ledger reads.
 */
export default async function build({
  place,
  filled,
}: {
  readonly place: EnginePlace;
  readonly filled?: { readonly template: string; readonly copies: number };
}): Promise<LedgerBuilt> {
  const wayledger = await openEngine(place);
  const { log, codec, views } = wayledger;
  try {
    if (filled !== undefined) await fill(place.log, await moneyOf(filled.template, filled.copies));
    // The engine lists projections of different facts in the same way.
    const projections = [ledger as unknown as Projection];
    const runner = new Runner({ log, codec, views, projections });
    const seconds = await secondsOf(() => runner.catchUp());
    const [stopped] = await runner.generations.stopped();
    if (stopped !== undefined) throw new Error(`The ledger stopped: ${stopped.reason}`);
    const entry = await reading(views, ledger, async (query, table) => {
      const name = table('entry');
      const { count } = await query
        .selectFrom(name)
        .select(({ fn }) => fn.countAll<bigint>().as('count'))
        .executeTakeFirstOrThrow();
      return { name, count };
    });
    return { postings: Number(entry.count), seconds, table: entry.name };
  } finally {
    await wayledger.close();
  }
}

async function moneyOf(folder: string, copies: number): Promise<Iterable<Planned>> {
  const template = await allOf(eventsOf(folder));
  return copiesOf(
    template.filter(({ stream, type }) => !stream.startsWith('referral-') || isMoney(type)),
    copies,
  );
}

function isMoney(type: string): boolean {
  return (ledger.applies as readonly string[]).includes(type);
}
