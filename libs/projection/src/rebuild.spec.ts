import { describe, expect, jest, test } from '@jest/globals';
import { logWith } from '#event-log/conformance';
import {
  ORPHAN_AFTER_MS,
  reading,
  tableName,
  type Progress,
  type Projection,
  type ViewsDatabase,
} from './index.js';
import {
  added,
  builds,
  hashOf,
  onStore,
  rowsOf,
  servingNumber,
  isThere,
  tamper,
  type Store,
} from './testing/store.js';
import { GenerationsWriting } from './generations-writing.js';
import { startBuilder } from './testing/child.js';
import { tally } from './testing/tally.js';

const projection = tally();

async function appendSome(store: Store, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const anchor = index % 2 === 0 ? 'north' : 'south';
    await store.append({ anchor, event: added(`item-${index % 3}`, index) });
  }
}

function readRows(views: ViewsDatabase, of: Projection = projection) {
  return reading(views, of, (query, table) =>
    query.selectFrom(table(of.name)).selectAll().orderBy('anchor').orderBy('item').execute(),
  );
}

describe('a rebuild', () => {
  test(
    'fills a new build beside the one that serves, and lets it take over at the end',
    onStore(async (store) => {
      const views = await store.views();
      await appendSome(store, 9);
      const served = new Set<number>();
      let isRebuilding = false;
      const log = logWith(store.log, {
        async *readLog(options) {
          for await (const page of store.log.readLog(options)) {
            yield page;
            if (isRebuilding) served.add(await servingNumber(runner, projection));
          }
        },
      });
      const runner = await store.runner([projection], { views, log, pageEvents: 2 });
      await runner.catchUp();
      const before = await readRows(views);
      const first = await servingNumber(runner, projection);
      isRebuilding = true;
      const seen: Progress[] = [];
      const readMeanwhile: Promise<unknown>[] = [];
      await runner.rebuild(undefined, (progress) => {
        seen.push(progress);
        readMeanwhile.push(readRows(views));
      });
      expect(await Promise.all(readMeanwhile)).toEqual(seen.map(() => before));
      expect(served).toEqual(new Set([first]));
      expect(seen).toEqual(
        [2, 4, 6, 8, 9].map((events) => ({ done: BigInt(events), total: 9n, events })),
      );
      expect(await builds(views, projection)).toEqual([first + 1]);
      expect(await servingNumber(runner, projection)).toBe(first + 1);
      expect(await isThere(views, tableName('tally', first))).toBe(false);
      expect(await readRows(views)).toEqual(before);
      expect(await hashOf(runner, projection)).toBe(await store.expected(projection));
    }),
  );

  test(
    'has what is appended meanwhile, though others bring what serves up to it',
    onStore(async (store) => {
      await appendSome(store, 6);
      const other = await store.runner([projection]);
      await other.catchUp();
      let appended = 0;
      // Behind every page, and once more when the new build has all there was.
      const grow = async () => {
        if (appended === 12) return;
        appended += 1;
        await appendSome(store, 1);
        await other.catchUp();
      };
      const log = logWith(store.log, {
        async *readLog(options) {
          for await (const page of store.log.readLog(options)) {
            yield page;
          }
          await grow();
        },
      });
      const runner = await store.runner([projection], { log, pageEvents: 4 });
      await runner.rebuild();
      expect(appended).toBe(12);
      await runner.catchUp();
      expect(await rowsOf(runner, await store.views(), projection, 'tally_stream')).toHaveLength(
        18,
      );
      expect(await hashOf(runner, projection)).toBe(await store.expected(projection));
    }),
  );

  test(
    'leaves nothing behind when it fails',
    onStore(async (store) => {
      const views = await store.views();
      await appendSome(store, 6);
      await (await store.runner([projection], { views })).catchUp();
      const log = logWith(store.log, {
        async *readLog(options) {
          yield* store.log.readLog(options);
          if (options.after < 4n) throw new Error('the log went away');
        },
      });
      const runner = await store.runner([projection], { views, log, pageEvents: 2 });
      let pages = 0;
      const rebuilt = runner.rebuild(undefined, () => {
        pages += 1;
        if (pages === 2) throw new Error('nobody looks any more');
      });
      await expect(rebuilt).rejects.toThrow('nobody looks any more');
      expect(await builds(views, projection)).toEqual([await servingNumber(runner, projection)]);
    }),
  );

  test(
    'that could not be written is begun anew by the next one to catch up',
    onStore(async (store) => {
      const views = await store.views();
      await appendSome(store, 6);
      const transaction = views.transaction.bind(views);
      let writings = 0;
      jest.spyOn(views, 'transaction').mockImplementation((work) => {
        writings += 1;
        // The first makes the tables.
        if (writings === 2) return Promise.reject(new Error('the disk is full'));
        return transaction(work);
      });
      const runner = await store.runner([projection], { views });
      await expect(runner.catchUp()).rejects.toThrow('the disk is full');
      await runner.catchUp();
      expect(await hashOf(runner, projection)).toBe(await store.expected(projection));
      expect(await builds(views, projection)).toEqual([await servingNumber(runner, projection)]);
    }),
  );

  test(
    'of a new version takes the place of the old one, in its own time',
    onStore(async (store) => {
      const views = await store.views();
      await appendSome(store, 7);
      const old = await store.runner([projection], { views });
      await old.catchUp();
      const before = await readRows(views);
      const next = tally({ version: 2 });
      let pages = 0;
      const log = logWith(store.log, {
        async *readLog(options) {
          for await (const page of store.log.readLog(options)) {
            yield page;
            pages += 1;
            expect(await old.generations.active('tally')).toMatchObject({ version: 1 });
            expect(await readRows(views)).toEqual(before);
          }
        },
      });
      const runner = await store.runner([next], { views, log, pageEvents: 2 });
      await runner.catchUp();
      expect(pages).toBe(4);
      expect(await runner.generations.active('tally')).toMatchObject({ version: 2 });
      expect(await builds(views, projection)).toHaveLength(1);
      expect(await hashOf(runner, next)).toBe(await store.expected(next));
    }),
  );
});

describe('a rebuild whose process was killed', () => {
  /** On each database in turn: what is later to the one is not to the next. */
  const thenNow = (scenario: (store: Store) => Promise<void>) =>
    onStore(async (store) => {
      try {
        await scenario(store);
      } finally {
        jest.restoreAllMocks();
      }
    });

  test(
    'leaves what serves alone; what it began is dropped when nobody can be at it any more',
    thenNow(async (store) => {
      const views = await store.views();
      await appendSome(store, 9);
      const runner = await store.runner([projection], { views });
      await runner.catchUp();
      const child = startBuilder(store, 'hang');
      await child.said('READY');
      child.go();
      await child.said('HANGS');
      await child.kill();
      const [serving, orphan] = await builds(views, projection);
      expect(await servingNumber(runner, projection)).toBe(serving);
      expect(orphan).toBeDefined();

      await appendSome(store, 3);
      await runner.catchUp();
      expect(await hashOf(runner, projection)).toBe(await store.expected(projection));
      // It might still be at work.
      await runner.compareRebuilt();
      expect(await builds(views, projection)).toEqual([serving, orphan]);

      const later = Date.now() + ORPHAN_AFTER_MS + 1_000;
      jest.spyOn(Date, 'now').mockReturnValue(later);
      await runner.rebuild();
      expect(await builds(views, projection)).toEqual([await servingNumber(runner, projection)]);
      expect(await isThere(views, tableName('tally', orphan!))).toBe(false);
      expect(await hashOf(runner, projection)).toBe(await store.expected(projection));
    }),
  );

  test(
    'is told so when it wakes up after its work was dropped',
    thenNow(async (store) => {
      await appendSome(store, 6);
      const other = await store.runner([projection]);
      await other.catchUp();
      let slept = false;
      const log = logWith(store.log, {
        async *readLog(options) {
          for await (const page of store.log.readLog(options)) {
            if (page.at(-1)?.position === 4n && !slept) {
              slept = true;
              const later = Date.now() + ORPHAN_AFTER_MS + 1_000;
              jest.spyOn(Date, 'now').mockReturnValue(later);
              await other.rebuild();
            }
            yield page;
          }
        },
      });
      const rebuilt = (await store.runner([projection], { log, pageEvents: 2 })).rebuild();
      await expect(rebuilt).rejects.toThrow('was dropped by another process: try again');
      expect(await hashOf(other, projection)).toBe(await store.expected(projection));
    }),
  );

  test(
    'of a version that never served is dropped once a newer one serves',
    thenNow(async (store) => {
      const views = await store.views();
      await appendSome(store, 6);
      await (await store.runner([projection], { views })).catchUp();
      await views.transaction((writing) =>
        new GenerationsWriting(writing).create(tally({ version: 2 })),
      );
      expect(await builds(views, projection)).toHaveLength(2);
      const newest = tally({ version: 3 });
      const runner = await store.runner([newest], { views });
      await runner.catchUp();
      const later = Date.now() + ORPHAN_AFTER_MS + 1_000;
      jest.spyOn(Date, 'now').mockReturnValue(later);
      await runner.rebuild();
      expect(await builds(views, newest)).toEqual([await servingNumber(runner, newest)]);
    }),
  );
});

describe('several processes', () => {
  test(
    'catch up, rebuild and compare at the same moment',
    onStore(async (store) => {
      await appendSome(store, 60);
      const children = (['catch-up', 'rebuild', 'rebuild', 'compare'] as const).map((task) =>
        startBuilder(store, task),
      );
      await Promise.all(children.map((child) => child.said('READY')));
      // None of them made the database yet.
      for (const child of children) child.go();
      await appendSome(store, 30);
      const outputs = await Promise.all(children.map(({ output }) => output));
      for (const output of outputs) expect(output).toContain('DONE');
      expect(outputs[3]).toContain('[{"projection":"tally","equal":true}]');
      const views = await store.views();
      const runner = await store.runner([projection], { views });
      await runner.catchUp();
      expect(await hashOf(runner, projection)).toBe(await store.expected(projection));
      expect(await builds(views, projection)).toEqual([await servingNumber(runner, projection)]);
    }),
  );
});

describe('comparing what serves with what the log gives', () => {
  const other = tally({ name: 'other' });

  test.each([
    ['a sum', `UPDATE "tally_g1" SET total = total + 1 WHERE item = 'item-1'`],
    ['a row too many', `INSERT INTO "tally_g1" VALUES ('west', 'item-1', 0, NULL, '')`],
    ['a row too few', `DELETE FROM "tally_g1" WHERE item = 'item-1'`],
    ['nothing that became the text "null"', `UPDATE "tally_g1" SET note = 'null'`],
    ['a row of its second table', `UPDATE "tally_stream_g1" SET facts = 2`],
  ])('finds %s, and in which read model', async (_, statement) => {
    await onStore(async (store) => {
      const views = await store.views();
      await appendSome(store, 6);
      const runner = await store.runner([projection, other], { views });
      await runner.catchUp();
      expect(await runner.compareRebuilt()).toEqual([
        { projection: 'tally', equal: true },
        { projection: 'other', equal: true },
      ]);
      expect(await tamper(views, statement)).toBeGreaterThan(0n);
      expect(await runner.compareRebuilt()).toEqual([
        { projection: 'tally', equal: false },
        { projection: 'other', equal: true },
      ]);
      expect(await builds(views, projection)).toEqual([1]);
      await runner.rebuild([projection]);
      expect((await runner.compareRebuilt()).every(({ equal }) => equal)).toBe(true);
    })();
  });
});
