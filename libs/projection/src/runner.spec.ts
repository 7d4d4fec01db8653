import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LOG_START, type EventLog, type StoredEvent } from '#event-log';
import { PARTITIONS, partitionOf, type Progress, type Runner } from './index.js';
import type { Slug } from '#kernel';
import { logWith } from '#event-log/conformance';
import {
  aStream,
  added,
  hashOf,
  onStore,
  removed,
  rowsOf,
  unheard,
  type Store,
  type Told,
} from './testing/store.js';
import { tally, type TestEvent } from './testing/tally.js';

const projection = tally();

const ANCHORS = [undefined, 'north', 'south', 'east'];
const event = fc.oneof(
  fc
    .record({
      item: fc.constantFrom('bread', 'soup', 'tea'),
      amount: fc.integer({ min: -5, max: 5 }),
      note: fc.option(fc.constantFrom('hot', 'cold'), { nil: undefined }),
    })
    .map(({ item, amount, note }): TestEvent => added(item, amount, note)),
  fc.constantFrom('bread', 'soup', 'tea').map((item): TestEvent => removed(item)),
  fc.constant(unheard),
);

/** Facts of a few streams, each of one anchor. */
const history = fc.array(fc.record({ stream: fc.nat(5), event }), { minLength: 1, maxLength: 14 });

async function appendHistory(
  store: Store,
  facts: readonly { stream: number; event: TestEvent }[],
): Promise<void> {
  const streams = Array.from({ length: 6 }, () => aStream());
  for (const { stream, event } of facts) {
    const anchor = ANCHORS[stream % ANCHORS.length];
    const told: Told = { stream: streams[stream]!, event, ...(anchor && { anchor }) };
    await store.append(told);
  }
}

/** Each event twice in its page, and every page begun with what was delivered before. */
function repeating(log: EventLog): EventLog {
  let before: readonly StoredEvent[] = [];
  return logWith(log, {
    async *readLog(options) {
      for await (const page of log.readLog(options)) {
        yield before; // A page that holds nothing new.
        yield [...before, ...page.flatMap((event) => [event, event])];
        before = page;
      }
    },
  });
}

describe('those who bring them up at the same time', () => {
  test(
    'read each page once between them, and all wait until it is there',
    onStore(async (store) => {
      let delivered = 0;
      const log = logWith(store.log, {
        async *readLog(options) {
          for await (const page of store.log.readLog(options)) {
            delivered += page.length;
            yield page;
          }
        },
      });
      const facts = ['bread', 'soup', 'tea', 'bread'];
      for (const item of facts) await store.append({ stream: aStream(), event: added(item, 1) });
      const runner = await store.runner([projection], { log, pageEvents: 2 });
      const head = await store.log.head();
      const reached = await Promise.all([1, 2, 3].map(() => runner.catchUp()));
      expect(reached).toEqual([head, head, head]);
      expect(delivered).toBe(facts.length);
    }),
  );

  test(
    'go on when the one before them could not',
    onStore(async (store) => {
      let isDown = true;
      const log = logWith(store.log, {
        async *readLog(options) {
          if (isDown) throw new Error('the log is away');
          yield* store.log.readLog(options);
        },
      });
      await store.append({ stream: aStream(), event: added('tea', 1) });
      const runner = await store.runner([projection], { log });
      const first = runner.catchUp().finally(() => {
        isDown = false;
      });
      const second = runner.catchUp();
      await expect(first).rejects.toThrow('the log is away');
      expect(await second).toBe(await store.log.head());
    }),
  );
});

describe('rows follow from the log', () => {
  test('and not from where its pages end, nor from how often an event is delivered', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (facts) => {
        await onStore(async (store) => {
          await appendHistory(store, facts);
          const expected = await store.expected(projection);
          for (let pageEvents = 1; pageEvents <= facts.length; pageEvents += 1) {
            const views = await store.views(`pagesof${pageEvents}`);
            const log = repeating(store.log);
            const runner = await store.runner([projection], { views, log, pageEvents });
            await runner.catchUp();
            expect(await hashOf(runner, projection)).toBe(expected);
          }
        })();
      }),
      { numRuns: 5 },
    );
  });

  test(
    'and not from how the log grew between two runs',
    onStore(async (store) => {
      const views = await store.views();
      const facts = ['bread', 'soup', 'bread', 'tea'].map((item) => ({
        anchor: 'north',
        event: added(item, 2, item === 'soup' ? 'hot' : undefined),
      }));
      for (const fact of [...facts, { anchor: 'north', event: removed('tea') }]) {
        await store.append(fact);
        await (await store.runner([projection], { views })).catchUp();
      }
      const runner = await store.runner([projection], { views });
      expect(await hashOf(runner, projection)).toBe(await store.expected(projection));
      expect(await rowsOf(runner, views, projection, 'tally')).toEqual([
        { anchor: 'north', item: 'bread', total: 4n, note: null, trail: '+2+2' },
        { anchor: 'north', item: 'soup', total: 2n, note: 'hot', trail: '+2' },
      ]);
    }),
  );

  test(
    'for a projection that joins later as for those that were there',
    onStore(async (store) => {
      const views = await store.views();
      const late = tally({ name: 'late' });
      await store.append(...'abc'.split('').map((item) => ({ event: added(item) })));
      await (await store.runner([projection], { views })).catchUp();
      await store.append(...'abd'.split('').map((item) => ({ event: added(item) })));
      const runner = await store.runner([projection, late], { views, pageEvents: 2 });
      await runner.catchUp();
      expect(await hashOf(runner, projection)).toBe(await store.expected(projection));
      expect(await hashOf(runner, late)).toBe(await store.expected(late));
    }),
  );
});

describe('catching up', () => {
  test(
    'answers how far it got, not how far the log is',
    onStore(async (store) => {
      const views = await store.views();
      await (await store.runner([projection], { views })).catchUp();
      const position = await store.append({ event: added('bread') });
      // One more arrives when everything there was has been read.
      let late: Promise<bigint> | undefined;
      const log = logWith(store.log, {
        async *readLog(options) {
          let isOver = true;
          for await (const page of store.log.readLog(options)) {
            isOver = false;
            yield page;
          }
          if (isOver) await (late ??= store.append({ event: added('soup') }));
        },
      });
      expect(await (await store.runner([projection], { views, log })).catchUp()).toBe(position);
      expect(await (await store.runner([projection], { views })).catchUp()).toBe(await late);
    }),
  );

  test(
    'on an empty log serves empty tables',
    onStore(async (store) => {
      const views = await store.views();
      const runner = await store.runner([projection], { views });
      expect(await runner.catchUp()).toBe(LOG_START);
      expect(await rowsOf(runner, views, projection, 'tally')).toEqual([]);
    }),
  );

  test(
    'shows how it goes, up to all there is',
    onStore(async (store) => {
      await store.append(...Array.from({ length: 7 }, () => ({ event: added('bread') })));
      const seen: Progress[] = [];
      await (
        await store.runner([projection], { pageEvents: 3 })
      ).catchUp((progress) => {
        seen.push(progress);
      });
      expect(seen).toEqual(
        [3, 6, 7].map((events) => ({ done: BigInt(events), total: 7n, events })),
      );
    }),
  );

  // EventStoreDB's positions are places in a file; it reads on from those that it gave alone.
  test(
    'takes positions for places, never for numbers of events',
    onStore(async (store) => {
      const log = farApart(store.log);
      const views = await store.views();
      await store.append(...Array.from({ length: 5 }, () => ({ event: added('bread') })));
      const seen: Progress[] = [];
      const runner = await store.runner([projection], { views, log, pageEvents: 2 });
      await runner.catchUp((progress) => seen.push(progress));
      expect(seen).toEqual(
        [2, 4, 5].map((events) => ({ done: BigInt(events) * APART, total: 5n * APART, events })),
      );
      await store.append({ event: added('soup') });
      await (
        await store.runner([projection], { views, log })
      ).catchUp((progress) => seen.push(progress));
      expect(seen.slice(3)).toEqual([{ done: 6n * APART, total: 6n * APART, events: 1 }]);
      await runner.rebuild();
      expect(await hashOf(runner, projection)).toBe(await store.expected(projection));
    }),
  );

  test(
    'builds anew what was built from another log, though it holds the same events elsewhere',
    onStore(async (store) => {
      const views = await store.views();
      await store.append(...['bread', 'soup'].map((item) => ({ event: added(item) })));
      await (await store.runner([projection], { views })).catchUp();
      const seen: Progress[] = [];
      const moved = await store.runner([projection], { views, log: farApart(store.log) });
      expect(await moved.catchUp((progress) => seen.push(progress))).toBe(2n * APART);
      expect(seen).toEqual([{ done: 2n * APART, total: 2n * APART, events: 2 }]);
      expect(await hashOf(moved, projection)).toBe(await store.expected(projection));
    }),
  );
});

const APART = 1000n;

/** The log with its positions spread out; it reads on only from where an event lies. */
function farApart(log: EventLog): EventLog {
  const spread = <E extends StoredEvent>(event: E): E => {
    return { ...event, position: event.position * APART };
  };
  return logWith(log, {
    async *readStream(...given) {
      for await (const event of log.readStream(...given)) yield spread(event);
    },
    async *readLog({ after, ...options }) {
      if (after % APART !== 0n) throw new Error(`there is no event at ${after}`);
      for await (const page of log.readLog({ ...options, after: after / APART })) {
        yield page.map(spread);
      }
    },
    head: async () => (await log.head()) * APART,
  });
}

/** A runner whose pages are late: others get ahead between its reading and its writing. */
function lateRunner(
  store: Store,
  meanwhile: () => Promise<unknown>,
  given = projection,
): Promise<Runner> {
  const log = logWith(store.log, {
    async *readLog(options) {
      for await (const page of store.log.readLog(options)) {
        await meanwhile();
        yield page;
      }
    },
  });
  return store.runner([given], { log });
}

async function addToBread(store: Store, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await store.append({ anchor: ANCHORS[time % 3] ?? 'north', event: added('bread', time) });
  }
}

describe('several runners on one database', () => {
  test(
    'never apply a page twice',
    onStore(async (store) => {
      const runners = await Promise.all(
        [1, 2, 3, 5].map((pageEvents) => store.runner([projection], { pageEvents })),
      );
      for (let round = 0; round < 5; round += 1) {
        await addToBread(store, 12);
        const reached = await Promise.all(runners.map((runner) => runner.catchUp()));
        expect(reached).toEqual(runners.map(() => BigInt((round + 1) * 12)));
      }
      for (const runner of runners) {
        expect(await hashOf(runner, projection)).toBe(await store.expected(projection));
      }
    }),
  );

  test(
    'lose their page when they were overtaken, and write nothing of it',
    onStore(async (store) => {
      await (await store.runner([projection])).catchUp();
      await addToBread(store, 4);
      const quick = await store.runner([projection]);
      let before = '';
      let pages = 0;
      const zombie = await lateRunner(store, async () => {
        pages += 1;
        await quick.catchUp();
        before = await hashOf(quick, projection);
      });
      await zombie.catchUp();
      expect(pages).toBe(1);
      expect(await hashOf(zombie, projection)).toBe(before);
      expect(before).toBe(await store.expected(projection));
    }),
  );

  test(
    'cannot stop a partition for facts that others applied already',
    onStore(async (store) => {
      // Each fact may be applied once; and of all partitions one is left that runs.
      const anchors = anchorOfEachPartition();
      const once = tally({ cannot: ({ data }) => 'item' in data && data.item === 'poison' });
      const strict = {
        ...once,
        reduce: ((fact, rows) => {
          const known = rows.get('tally_stream', fact.stream);
          if (known !== undefined) throw new Error(`${fact.stream} was applied before`);
          once.reduce(fact, rows);
        }) as typeof once.reduce,
      };
      for (const anchor of anchors.slice(1)) await store.append({ anchor, event: added('poison') });
      const quick = await store.runner([strict]);
      await quick.catchUp();
      expect(await quick.generations.stopped()).toHaveLength(PARTITIONS - 1);
      await store.append({ anchor: anchors[0]!, event: added('bread') });
      const zombie = await lateRunner(store, () => quick.catchUp(), strict);
      await zombie.catchUp();
      expect(await zombie.generations.stopped()).toHaveLength(PARTITIONS - 1);
    }),
  );
});

function anchorOfEachPartition(): string[] {
  const anchors: string[] = [];
  for (let index = 0; Object.keys(anchors).length < PARTITIONS; index += 1) {
    anchors[partitionOf(`anchor-${index}` as Slug)] ??= `anchor-${index}`;
  }
  return anchors;
}
