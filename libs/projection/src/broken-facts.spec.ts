import { describe, expect, test } from '@jest/globals';
import type { StreamName } from '#kernel';
import { LOG_START } from '#event-log';
import { RebuildStopped, partitionOf, type AnyFact, type Runner } from './index.js';
import type { Slug } from '#kernel';
import { logWith } from '#event-log/conformance';
import {
  aStream,
  added,
  builds,
  hashOf,
  onStore,
  rowsOf,
  servingNumber,
  tamper,
  type Store,
} from './testing/store.js';
import { tally } from './testing/tally.js';

const isPoison = ({ data }: AnyFact) => (data as { item?: string }).item === 'poison';

describe('a ledger that meets what it cannot apply', () => {
  const mended = tally({ whenBroken: 'stop' });
  const broken = tally({ whenBroken: 'stop', cannot: isPoison });
  const poison = { anchor: 'north', event: added('poison') };

  test(
    'stops for that anchor, with nothing of the page; the others go on',
    onStore(async (store) => {
      const views = await store.views();
      const runner = await store.runner([broken], { views });
      const before = await store.append({ anchor: 'north', event: added('bread') });
      await runner.catchUp();
      await store.append(
        { anchor: 'north', event: added('soup') },
        { anchor: 'south', event: added('soup') },
        poison,
        { anchor: 'north', event: added('tea') },
        { anchor: 'south', event: added('tea') },
      );
      await runner.catchUp();
      await store.append(
        { anchor: 'north', event: added('late') },
        { anchor: 'south', event: added('late') },
      );
      await runner.catchUp();
      const items = (await rowsOf(runner, views, broken, 'tally')).map(
        (row) => `${String(row['anchor'])} ${String(row['item'])}`,
      );
      expect(items).toEqual(['north bread', 'south late', 'south soup', 'south tea']);
      expect(await rowsOf(runner, views, broken, 'tally_stream')).toHaveLength(4);
      expect(await runner.generations.stopped()).toEqual([
        {
          projection: 'tally',
          partition: partitionOf('north' as Slug),
          position: before,
          reason: expect.stringMatching(/^Added [0-9a-f-]{36}: .*no way to apply .*poison/u),
        },
      ]);
    }),
  );

  test(
    'is healed by a rebuild with mended code',
    onStore(async (store) => {
      const views = await store.views();
      await store.append({ anchor: 'north', event: added('bread') }, poison);
      await (await store.runner([broken], { views })).catchUp();
      await store.append({ anchor: 'north', event: added('tea') });
      const runner = await store.runner([mended], { views });
      await runner.catchUp();
      expect(await runner.generations.stopped()).toHaveLength(1);
      await runner.rebuild();
      expect(await runner.generations.stopped()).toEqual([]);
      expect(await hashOf(runner, mended)).toBe(await store.expected(mended));
      await store.append(poison);
      await runner.catchUp();
      expect(await hashOf(runner, mended)).toBe(await store.expected(mended));
    }),
  );

  test(
    'goes on serving when a rebuild would stop where it does not',
    onStore(async (store) => {
      const views = await store.views();
      const runner = await store.runner([mended], { views });
      await store.append(poison, { anchor: 'south', event: added('bread') });
      await runner.catchUp();
      const [serving, hash] = [await servingNumber(runner, mended), await hashOf(runner, mended)];
      const rebuilt = (await store.runner([broken], { views })).rebuild();
      await expect(rebuilt).rejects.toBeInstanceOf(RebuildStopped);
      await expect(rebuilt).rejects.toThrow(/tally was not rebuilt.*stops after position 0/u);
      expect(await servingNumber(runner, mended)).toBe(serving);
      expect(await hashOf(runner, mended)).toBe(hash);
      expect(await builds(views, mended)).toEqual([serving]);
    }),
  );

  test(
    'may be rebuilt where one of two anchors is mended',
    onStore(async (store) => {
      const views = await store.views();
      const everybody = tally({ cannot: isPoison });
      const north = tally({ cannot: (fact) => isPoison(fact) && fact.metadata.anchor === 'north' });
      await store.append(poison, { ...poison, anchor: 'south' });
      await (await store.runner([everybody], { views })).catchUp();
      const runner = await store.runner([north], { views });
      await runner.rebuild();
      expect(await runner.generations.stopped()).toMatchObject([
        { partition: partitionOf('north' as Slug), position: LOG_START },
      ]);
      expect(await rowsOf(runner, views, north, 'tally')).toMatchObject([{ anchor: 'south' }]);
    }),
  );

  test(
    'of every anchor still has its rows, is still there, and heals',
    onStore(async (store) => {
      const views = await store.views();
      await store.append({ anchor: 'north', event: added('bread') });
      await (await store.runner([broken], { views })).catchUp();
      const everything = tally({ cannot: () => true });
      for (let index = 0; index < 200; index += 1) {
        await store.append({ anchor: `anchor-${index}`, event: added('bread') });
      }
      const runner = await store.runner([everything], { views });
      await runner.catchUp();
      await runner.catchUp();
      expect(await runner.generations.stopped()).toHaveLength(16);
      expect(await rowsOf(runner, views, everything, 'tally')).toHaveLength(1);
      expect(await runner.compareRebuilt()).toEqual([{ projection: 'tally', equal: false }]);
      expect(await builds(views, everything)).toEqual([await servingNumber(runner, everything)]);
      const healed = await store.runner([mended], { views });
      await healed.rebuild();
      expect(await hashOf(healed, mended)).toBe(await store.expected(mended));
    }),
  );

  test(
    'does not take a store that fails for a fact that is broken',
    onStore(async (store) => {
      const views = await store.views();
      const runner = await store.runner([mended], { views });
      await runner.catchUp();
      await store.append({ anchor: 'north', event: added('bread') });
      await tamper(views, 'ALTER TABLE "tally_stream_g1" RENAME TO "elsewhere"');
      await expect(runner.catchUp()).rejects.toThrow(/tally_stream_g1/);
      expect(await runner.generations.stopped()).toEqual([]);
      await tamper(views, 'ALTER TABLE "elsewhere" RENAME TO "tally_stream_g1"');
      await runner.catchUp();
      expect(await hashOf(runner, mended)).toBe(await store.expected(mended));
    }),
  );
});

describe('a view that meets what it cannot apply', () => {
  const mended = tally({ whenBroken: 'park' });
  const broken = tally({ whenBroken: 'park', cannot: isPoison });

  async function parkedOf(runner: Runner) {
    return runner.generations.parked('tally', await servingNumber(runner, mended));
  }

  /** Two streams of one anchor; one of them has poison in its middle. */
  async function appendPoisoned(store: Store): Promise<StreamName> {
    const [sick, well] = [aStream(), aStream()];
    const told = (stream: StreamName, item: string) => ({
      anchor: 'north',
      stream,
      event: added(item),
    });
    await store.append(
      ...[told(sick, 'a'), told(well, 'b'), told(sick, 'poison')],
      ...[told(well, 'c'), told(sick, 'd'), told(well, 'e')],
    );
    return sick;
  }

  test.each([1, 2, 3, 10])('parks the stream and goes on (pages of %i)', async (pageEvents) => {
    await onStore(async (store) => {
      const views = await store.views();
      const sick = await appendPoisoned(store);
      const runner = await store.runner([broken], { views, pageEvents });
      await runner.catchUp();
      await store.append({ anchor: 'north', stream: sick, event: added('f') });
      await runner.catchUp();
      expect(await parkedOf(runner)).toEqual([
        {
          projection: 'tally',
          stream: sick,
          version: 1,
          reason: expect.stringMatching(/^Added: .*no way to apply .*poison/u),
        },
      ]);
      const items = (await rowsOf(runner, views, broken, 'tally')).map(({ item }) => item);
      expect(items).toEqual(['a', 'b', 'c', 'e']);
      const streams = await rowsOf(runner, views, broken, 'tally_stream');
      expect(streams.find(({ stream }) => stream === sick)).toMatchObject({ facts: 1n });
      expect(await runner.generations.stopped()).toEqual([]);
    })();
  });

  test(
    'tries again at every start, and then has the rows it would have had',
    onStore(async (store) => {
      const views = await store.views();
      const sick = await appendPoisoned(store);
      await (await store.runner([broken], { views })).catchUp();
      await store.append({ anchor: 'north', stream: sick, event: added('f') });
      await (await store.runner([broken], { views })).catchUp();
      expect(await parkedOf(await store.runner([broken], { views }))).toHaveLength(1);
      await store.append({ anchor: 'north', stream: sick, event: added('g') });
      const runner = await store.runner([mended], { views });
      await runner.catchUp();
      expect(await parkedOf(runner)).toEqual([]);
      expect(await hashOf(runner, mended)).toBe(await store.expected(mended));
    }),
  );

  test(
    'is as rebuilt while it is parked',
    onStore(async (store) => {
      const runner = await store.runner([broken], { pageEvents: 1 });
      await appendPoisoned(store);
      await runner.catchUp();
      expect(await runner.compareRebuilt()).toEqual([{ projection: 'tally', equal: true }]);
    }),
  );

  test(
    'replays a stream once when two start at the same moment',
    onStore(async (store) => {
      await appendPoisoned(store);
      await (await store.runner([broken])).catchUp();
      const quick = await store.runner([mended]);
      const log = logWith(store.log, {
        async *readStream(...given) {
          yield* store.log.readStream(...given);
          await quick.catchUp(); // It has read what is parked; the other one replays it.
        },
      });
      const late = await store.runner([mended], { log });
      await late.catchUp();
      expect(await parkedOf(late)).toEqual([]);
      expect(await hashOf(late, mended)).toBe(await store.expected(mended));
    }),
  );

  test(
    'loses nothing that arrives for a stream while it is being replayed',
    onStore(async (store) => {
      const sick = await appendPoisoned(store);
      const old = await store.runner([broken]);
      await old.catchUp();
      let arrived = false;
      const log = logWith(store.log, {
        async *readStream(...given) {
          yield* store.log.readStream(...given);
          if (arrived) return;
          arrived = true;
          await store.append({ anchor: 'north', stream: sick, event: added('late') });
          await old.catchUp(); // To this one the stream is still parked.
        },
      });
      const late = await store.runner([mended], { log });
      await late.catchUp();
      expect(await parkedOf(late)).toEqual([]);
      expect(await hashOf(late, mended)).toBe(await store.expected(mended));
    }),
  );
});
