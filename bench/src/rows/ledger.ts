import { join } from 'node:path';
import { inChild } from '../child.ts';
import { copyRows, insertRows } from '../contestants/same-rows.ts';
import { springLog } from '../inputs/spring-log.ts';
import type { Context, Measured, Row } from '../row.ts';
import type { LedgerBuilt } from '../tasks/ledger.ts';
import { STORES, STORE_NAMES, inStore, type Store } from './stores.ts';

/** The ledger alone, from the whole log, beside writing its entries and nothing else. */
export const ledger: Row = {
  name: 'ledger',
  title: 'Ledger postings, beside the same rows into the same indexed table',
  async run(context) {
    const { areas, years } = context.options;
    const spring = await springLog(areas, years, context.say);
    const figures: Measured[] = [];
    for (const store of STORES) figures.push(...(await ofStore(context, store, spring)));
    return figures;
  },
};

function ofStore(context: Context, store: Store, spring: string): Promise<readonly Measured[]> {
  return inStore(context, store, async (empty) => {
    const name = STORE_NAMES[store];
    context.say(`${name}: building the ledger`);
    // The log is read from the same file for both: what differs is where the books are.
    const place = { ...empty, log: { file: join(spring, 'log.db') }, keysOf: spring };
    const { result } = await inChild<LedgerBuilt>('ledger', { place });
    const { postings, seconds, table } = result;
    context.say(`${name}: writing the same ${postings} rows`);
    const raw =
      place.views === undefined
        ? await insertRows(join(place.data, 'views.db'), table)
        : await copyRows(place.views, table);
    const how = store === 'postgres' ? 'COPY' : 'prepared inserts';
    const note = `${postings} postings`;
    return [
      {
        ...{ id: `ledger/${store}`, what: `${name}, ledger from the log` },
        ...{ value: postings / seconds, unit: 'entries/s', note },
      },
      {
        ...{ id: `ledger/${store}/copy`, what: `${name}, ${how} of the same rows` },
        ...{ value: postings / raw, unit: 'entries/s', note },
      },
    ];
  });
}
