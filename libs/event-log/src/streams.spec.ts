import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  deriveId,
  instantOfEpochMs,
  shape,
  streamOf,
  type CivilDate,
  type CommandMeta,
  type EventDefinition,
  type Slug,
} from '#kernel';
import { Codec, Streams, type EventLog, type Fold, type Loaded } from '#event-log';
import { onStore } from '../sqlite/testing/sqlite-fixture.js';

const CATALOGUE = {
  Added: { version: 1, data: shape.object({ by: shape.integer() }) },
} as const satisfies Record<string, EventDefinition>;
type Catalogue = typeof CATALOGUE;

const codec = new Codec(CATALOGUE, { seal: () => Promise.reject(new Error('nothing is secret')) });
const hasher = {
  hash: (canonical: string) => Promise.resolve(canonical),
  matches: (hash: string, canonical: string) => Promise.resolve(hash === canonical),
};
/** What was added, one after the other: shows every fact that was left out or folded twice. */
const fold: Fold<Catalogue, readonly number[]> = {
  initialState: [],
  evolve: (state, { data }) => [...state, data.by],
};

type Sums = Streams<Catalogue, readonly number[]>;
const sumsOn = (log: EventLog, keep?: 'folded'): Sums =>
  new Streams(log, codec, hasher, fold, keep);
const stream = (number: number) => streamOf('sum', deriveId('sum', String(number)));

/** Adds each of these, as one command. */
function add(sums: Sums, to: number, name: string, ...all: number[]) {
  return sums.execute({
    stream: stream(to),
    meta: metaOf(name),
    decide: () => all.map((by) => ({ type: 'Added' as const, data: { by } })),
  });
}

function metaOf(name: string): CommandMeta {
  return {
    commandId: deriveId<'command'>(name),
    correlationId: deriveId('correlation', name),
    actor: { id: 'ann', role: 'anchor', organisation: 'north' as Slug },
    occurredOn: '2026-11-22' as CivilDate,
    recordedAt: instantOfEpochMs(0),
    canonical: name,
  };
}

/** Tells how many events were read from it. */
function counting(log: EventLog): { readonly log: EventLog; read(): number } {
  let events = 0;
  const counted: Pick<EventLog, 'readStream'> = {
    async *readStream(...given) {
      for await (const event of log.readStream(...given)) {
        events += 1;
        yield event;
      }
    },
  };
  const read = () => {
    const before = events;
    events = 0;
    return before;
  };
  return { log: Object.assign(Object.create(log) as EventLog, counted), read };
}

function contents({ version, state, facts, commands, ids }: Loaded<Catalogue, readonly number[]>) {
  return { version, state, facts, commands: [...commands], ids: [...ids] };
}

describe('a stream that was loaded before', () => {
  test(
    'is not read again, but for what has come since',
    onStore(async (store) => {
      const { log, read } = counting(await store.open('one'));
      const sums = sumsOn(log);
      await add(sums, 1, 'first', 1, 2, 3);
      await sums.load(stream(1));
      expect(read()).toBe(3);
      await add(sums, 1, 'second', 4);
      expect(read()).toBe(0);
      expect((await sums.load(stream(1))).state).toEqual([1, 2, 3, 4]);
      expect(read()).toBe(1);
    }),
  );

  test(
    'has what others wrote meanwhile, and decides on it',
    onStore(async (store) => {
      const [ours, theirs] = [sumsOn(await store.open('one')), sumsOn(await store.open('one'))];
      await add(ours, 1, 'first', 1);
      await ours.load(stream(1));
      await add(theirs, 1, 'second', 2);
      const third = await add(ours, 1, 'third', 3);
      expect(third).toMatchObject({ version: 2, state: [1, 2, 3], unchanged: false });
      expect(third.history.map(({ data }) => data.by)).toEqual([1, 2]);
      const again = await add(ours, 1, 'second', 2);
      expect(again).toMatchObject({ version: 1, unchanged: true });
      expect(again.added.map(({ data }) => data.by)).toEqual([2]);
      expect(again.history.map(({ data }) => data.by)).toEqual([1]);
    }),
  );

  test(
    'is to the last fact, command and id what somebody reads who never saw it',
    onStore(async (store) => {
      let run = 0;
      const step = fc.record({
        who: fc.nat(1),
        to: fc.nat(2),
        many: fc.integer({ min: 0, max: 3 }),
        name: fc.nat(12),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          run += 1;
          const log = await store.open(`run${run}`);
          const both = [sumsOn(log), sumsOn(await store.open(`run${run}`))];
          for (const { who, to, many, name } of steps) {
            const all = Array.from({ length: many }, (_, index) => name + index);
            await add(both[who]!, to, `${to} ${name} ${many}`, ...all);
            for (const sums of both) {
              const fresh = await sumsOn(log).load(stream(to));
              expect(contents(await sums.load(stream(to)))).toEqual(contents(fresh));
            }
          }
        }),
        { numRuns: 30 },
      );
    }),
  );

  test(
    'is let go of when there are many others, or long ones',
    onStore(async (store) => {
      const { log, read } = counting(await store.open('one'));
      for (const [many, facts] of [
        [600, 1],
        [20, 500],
      ] as const) {
        const sums = sumsOn(log);
        await add(sums, 0, 'kept', 1);
        await sums.load(stream(0));
        const each = Array.from({ length: many }, (_, index) => many + index);
        for (const number of each) {
          const values = Array.from({ length: facts }, () => 1);
          await add(sums, number, `${number}`, ...values);
          await sums.load(stream(number));
        }
        read();
        await sums.load(stream(each.at(-1)!));
        expect(read()).toBe(0);
        await sums.load(stream(0));
        expect(read()).toBe(1);
      }
    }),
  );

  test(
    'tells no facts where only the state is kept',
    onStore(async (store) => {
      const { log, read } = counting(await store.open('one'));
      const sums = sumsOn(log, 'folded');
      await add(sums, 1, 'first', 1, 2);
      expect(contents(await sums.load(stream(1)))).toMatchObject({ state: [1, 2], facts: [] });
      await add(sums, 1, 'second', 3);
      expect(read()).toBe(2);
      expect(contents(await sums.load(stream(1)))).toMatchObject({ state: [1, 2, 3], facts: [] });
    }),
  );
});
