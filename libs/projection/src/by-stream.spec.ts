import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StreamName } from '#kernel';
import { LogDamaged, type StoredEvent } from '#event-log';
import { logWith } from '#event-log/conformance';
import type { AnyFact, OnProgress, Projection, Runner } from './index.js';
import {
  aStream,
  added,
  onStore,
  removed,
  rowsOf,
  type Store,
  type Told,
} from './testing/store.js';
import { register } from './testing/register.js';

const projection = register();
const isPoison = ({ data }: AnyFact) => (data as { item?: string }).item === 'poison';

/** How many facts each stream has: nothing of it is needed in the order of the log. */
const lengths: Projection = {
  name: 'lengths',
  version: 1,
  whenBroken: 'park',
  applies: ['Added', 'Removed'],
  tables: [{ name: 'lengths', columns: { stream: 'text', facts: 'integer' }, key: ['stream'] }],
  byStream: {
    types: ['Added', 'Removed'],
    first: 'Added',
    reduce(facts, rows) {
      for (const fact of facts) lengths.reduce(fact, rows);
    },
  },
  reduce({ stream }, rows) {
    const { facts = 0n } = rows.get('lengths', stream) ?? {};
    rows.put('lengths', { stream, facts: (facts as bigint) + 1n });
  },
};

const fact = fc.record({ stream: fc.nat(3), names: fc.boolean() });

/** Of a few streams, and of others that name them. */
function told(
  streams: readonly StreamName[],
  facts: readonly { stream: number; names: boolean }[],
) {
  return facts.map(({ stream, names }): Told => {
    const concerned = streams[stream]!;
    return names ? { event: removed(concerned) } : { stream: concerned, event: added('bread') };
  });
}

/** Each page, and then once more with the one before. */
async function* repeated(pages: AsyncIterable<readonly StoredEvent[]>) {
  let before: readonly StoredEvent[] = [];
  for await (const page of pages) {
    yield page;
    yield [...before, ...page];
    before = page;
  }
}

async function built(store: Store, name: string, given = projection) {
  const views = await store.views(name);
  // Fewer names than there are streams: some have to be found again.
  const runner = await store.runner([given], { views, pageEvents: 3, namesMax: 2 });
  await runner.catchUp();
  return { runner, rows: () => rowsOf(runner, views, given, 'register') };
}

describe('a new build of a read model whose streams stand each for itself', () => {
  test(
    'comes to what following did, and goes on from there',
    onStore(async (store) => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(fact, { maxLength: 20 }), fc.array(fact), async (all, later) => {
          const streams = Array.from({ length: 4 }, () => aStream());
          run += 1;
          const followed = await built(store, `followed${run}`);
          for (const one of told(streams, all)) {
            await store.append(one);
            await followed.runner.catchUp();
          }
          const fresh = await built(store, `fresh${run}`);
          expect(await fresh.rows()).toEqual(await followed.rows());
          await store.append(...told(streams, later));
          await followed.runner.catchUp();
          await fresh.runner.catchUp();
          expect(await fresh.rows()).toEqual(await followed.rows());
          expect(await followed.runner.compareRebuilt()).toEqual([
            { projection: 'register', equal: true },
          ]);
        }),
        { numRuns: 6 },
      );
    }),
  );

  test(
    'reads each of them once and whole; who follows reads none',
    onStore(async (store) => {
      const [one, other] = [aStream(), aStream()];
      await store.append(
        ...[one, other, one, one].map((stream) => ({ stream, event: added('bread') })),
      );
      const read: StreamName[] = [];
      const views = await store.views();
      const log = logWith(store.log, {
        readStreams: (streams) => {
          read.push(...streams);
          return store.log.readStreams(streams);
        },
      });
      const runner: Runner = await store.runner([projection], { views, log });
      await runner.catchUp();
      expect(read.sort()).toEqual([one, other].sort());
      await store.append({ stream: one, event: added('tea') });
      await runner.catchUp();
      expect(read).toHaveLength(2);
      const rows = await rowsOf(runner, views, projection, 'register');
      expect(rows.map(({ stream, trail }) => [stream, trail])).toEqual(
        [
          [one, '0 1 2 3 '],
          [other, '0 '],
        ].sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      );
    }),
  );

  test(
    'asks the log for no more than it needs in order, and the first fact of each stream',
    onStore(async (store) => {
      const stream = aStream();
      await store.append(
        { stream, event: added('bread') },
        { stream, event: removed('bread') },
        { stream, event: removed('soup') },
      );
      const asked: (readonly string[] | undefined)[] = [];
      const log = logWith(store.log, {
        readLog(options) {
          asked.push(options.filter?.types);
          return store.log.readLog(options);
        },
      });
      const views = await store.views();
      const runner = await store.runner([lengths], { views, log });
      await runner.catchUp();
      // The last time it follows: whatever came meanwhile, each fact as it comes.
      expect([asked[0], asked.at(-1)]).toEqual([['Added'], undefined]);
      expect(await rowsOf(runner, views, lengths, 'lengths')).toEqual([{ stream, facts: 3n }]);
      await store.append({ stream, event: removed('tea') });
      await runner.rebuild();
      expect(await rowsOf(runner, views, lengths, 'lengths')).toEqual([{ stream, facts: 4n }]);
      expect(await runner.compareRebuilt()).toEqual([{ projection: 'lengths', equal: true }]);
    }),
  );

  test(
    'keeps so many names at a time, and finds the other streams again, each once',
    onStore(async (store) => {
      const streams = Array.from({ length: 7 }, () => aStream());
      for (const stream of streams) await store.append({ stream, event: added('bread') });
      for (const stream of streams) await store.append({ stream, event: added('tea') });
      const asked: (readonly StreamName[])[] = [];
      const log = logWith(store.log, {
        readStreams(names) {
          asked.push(names);
          return store.log.readStreams(names);
        },
        readLog: (options) => repeated(store.log.readLog(options)),
      });
      const views = await store.views();
      const runner = await store.runner([lengths], { views, log, pageEvents: 2, namesMax: 3 });
      const shares: number[] = [];
      await runner.catchUp(({ done, total }) => shares.push(Number(done) / Number(total)));
      expect(asked).toEqual([streams.slice(0, 3), streams.slice(3, 6), streams.slice(6)]);
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      expect(shares.at(-1)).toBe(1);
      const rows = await rowsOf(runner, views, lengths, 'lengths');
      expect(rows.map(({ facts }) => facts)).toEqual(streams.map(() => 2n));
    }),
  );

  test(
    'takes what is delivered again once',
    onStore(async (store) => {
      const streams = [aStream(), aStream(), aStream()];
      for (const stream of streams) {
        await store.append(
          { stream, event: added('bread') },
          { stream, event: removed('bread') },
          { stream, event: removed('soup') },
        );
      }
      const log = logWith(store.log, {
        readLog: (options) => repeated(store.log.readLog(options)),
      });
      const views = await store.views();
      const runner = await store.runner([lengths], { views, log, pageEvents: 2 });
      await runner.catchUp();
      await runner.rebuild();
      const rows = await rowsOf(runner, views, lengths, 'lengths');
      expect(rows.map(({ facts }) => facts)).toEqual([3n, 3n, 3n]);
    }),
  );

  test(
    'tells how far it is: half of the way is the log, the other half the streams',
    onStore(async (store) => {
      for (let index = 0; index < 40; index += 1) {
        await store.append({ stream: aStream(), event: added('bread') });
      }
      const runner = await store.runner([projection], { pageEvents: 10 });
      for (const build of [
        (told: OnProgress) => runner.catchUp(told),
        (told: OnProgress) => runner.rebuild(undefined, told),
      ]) {
        const shares: number[] = [];
        let events = 0;
        await build((progress) => {
          shares.push(Number(progress.done) / Number(progress.total));
          events = progress.events;
        });
        expect(shares.slice(0, 4)).toEqual([0.125, 0.25, 0.375, 0.5]);
        expect(shares.length).toBeGreaterThan(6);
        expect(shares).toEqual(shares.toSorted((a, b) => a - b));
        expect([shares.at(-1), events]).toEqual([1, 40]);
      }
    }),
  );

  test(
    'takes what comes meanwhile once, and in order',
    onStore(async (store) => {
      const stream = aStream();
      await store.append({ stream, event: added('bread') }, { stream, event: added('soup') });
      const views = await store.views();
      const late = aStream();
      let isFirst = true;
      const log = logWith(store.log, {
        async *readStreams(streams) {
          if (isFirst) {
            isFirst = false;
            await store.append(
              { stream, event: added('tea') },
              { event: removed(stream) },
              { stream: late, event: added('late') },
            );
          }
          yield* store.log.readStreams(streams);
        },
      });
      const runner = await store.runner([projection], { views, log });
      await runner.catchUp();
      expect(isFirst).toBe(false);
      const rows = await rowsOf(runner, views, projection, 'register');
      const trails = new Map(rows.map((row) => [row['stream'], row['trail']]));
      expect(trails).toEqual(
        new Map([
          [stream, '0 1 2 '],
          [late, '0 '],
        ]),
      );
      expect(rows.find((row) => row['stream'] === stream)?.['named']).toBe(1n);
    }),
  );

  test.each([
    ['leaves one out', (events: readonly StoredEvent[]) => events.slice(1), '1 are in none'],
    [
      'gives one twice',
      (events: readonly StoredEvent[]) => [...events, ...events],
      '2 are too many',
    ],
  ])('serves nothing where the log %s when it is read by stream', (_, otherwise, message) =>
    onStore(async (store) => {
      await store.append({ event: added('bread') }, { event: added('tea') });
      const views = await store.views();
      const log = logWith(store.log, {
        async *readStreams(streams) {
          for await (const page of store.log.readStreams(streams)) yield otherwise(page);
        },
      });
      const building = (await store.runner([projection], { views, log })).catchUp();
      await expect(building).rejects.toBeInstanceOf(LogDamaged);
      await expect(building).rejects.toThrow(message);
      const sound = await store.runner([projection], { views });
      expect(await sound.generations.active('register')).toBeNull();
      await sound.catchUp();
      expect(await rowsOf(sound, views, projection, 'register')).toHaveLength(2);
    })(),
  );

  test(
    'parks a stream where following parks it, and takes it up again when it can',
    onStore(async (store) => {
      const [ill, well] = [aStream(), aStream()];
      const broken = register(isPoison);
      const followed = await built(store, 'followed', broken);
      await store.append(
        { stream: ill, event: added('bread') },
        { stream: well, event: added('bread') },
        { stream: ill, event: added('poison') },
        { stream: ill, event: added('tea') },
        { event: removed(ill) },
        { stream: well, event: added('tea') },
      );
      await followed.runner.catchUp();
      const fresh = await built(store, 'fresh', broken);
      const parked = (runner: Runner) => runner.generations.parked('register', 1);
      expect(await parked(fresh.runner)).toEqual([
        {
          ...{ projection: 'register', stream: ill, version: 1 },
          reason: 'Added: no way to apply it',
        },
      ]);
      expect(await parked(followed.runner)).toEqual(await parked(fresh.runner));
      expect(await fresh.rows()).toEqual(await followed.rows());
      const mended = await built(store, 'fresh');
      const trails = (await mended.rows()).map((row) => row['trail']);
      expect(trails.sort()).toEqual(['0 1 ', '0 1 2 ']);
    }),
  );
});
