import { describe, expect, test } from '@jest/globals';
import { NotBuilt, reading } from './index.js';
import { added, onStore, servingNumber } from './testing/store.js';
import { tally } from './testing/tally.js';

const projection = tally();

describe('reading', () => {
  test(
    'says so when the read model was never built',
    onStore(async (store) => {
      const asked = reading(await store.views(), projection, async () => 'read');
      await expect(asked).rejects.toBeInstanceOf(NotBuilt);
    }),
  );

  test(
    'reads again when another build takes over under it',
    onStore(async (store) => {
      await store.append({ anchor: 'north', event: added('bread', 3) });
      const views = await store.views();
      const runner = await store.runner([projection]);
      await runner.catchUp();
      const first = await servingNumber(runner, projection);
      const asked: string[] = [];
      const rows = await reading(views, projection, async (query, table) => {
        asked.push(table('tally'));
        // Between the look at who serves and the query.
        if (asked.length === 1) await runner.rebuild();
        return query.selectFrom(table('tally')).select(['item', 'total']).execute();
      });
      expect(rows).toEqual([{ item: 'bread', total: 3n }]);
      expect(await servingNumber(runner, projection)).toBeGreaterThan(first);
      expect(asked).toEqual([
        `tally_g${first}`,
        `tally_g${await servingNumber(runner, projection)}`,
      ]);
    }),
  );

  test(
    'does not hide a table that was never there',
    onStore(async (store) => {
      await (await store.runner([projection])).catchUp();
      let attempts = 0;
      const asked = reading(await store.views(), projection, (query, table) => {
        attempts += 1;
        return query.selectFrom(table('talley')).selectAll().execute();
      });
      await expect(asked).rejects.toThrow(/talley_g1/);
      expect(attempts).toBe(3);
    }),
  );

  test(
    'passes on what goes wrong, at once',
    onStore(async (store) => {
      await (await store.runner([projection])).catchUp();
      let attempts = 0;
      const asked = reading(await store.views(), projection, async () => {
        attempts += 1;
        throw new Error('something else');
      });
      await expect(asked).rejects.toThrow('something else');
      expect(attempts).toBe(1);
    }),
  );
});
