import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { LOG_START, type EventLog, type Position } from '#event-log';
import { aStream, collect, someEvents, until, upTo } from '../conformance/support.js';
import { onStore, type PostgresFixture } from './testing/postgres-fixture.js';

/** How long each of them writes; 30 s are asked for before a release. */
const WRITING_MS = Number(process.env['WAYLEDGER_TEST_ORDER_MS'] ?? 2_000);
const WRITERS = 20;
const HANDLES = 4;
/** Readers are kept near the head, where an event could come too late for them. */
const BEHIND_MAX = 200n;

/** One that reads what comes after the last position it has seen, and one that looks at all. */
interface Eyes {
  after(position: Position): Promise<readonly Position[]>;
  all(): Promise<readonly Position[]>;
}

/** Of all that was written, what a reader never got to see who passed its position. */
async function missedBy(eyes: Eyes, writing: Promise<unknown>): Promise<readonly Position[]> {
  const state = { done: false };
  const ended = writing.finally(() => (state.done = true));
  const seen = new Set<Position>();
  let at = LOG_START;
  for (let last = false; !last;) {
    last = state.done;
    for (const position of await eyes.after(at)) {
      seen.add(position);
      if (position > at) at = position;
    }
  }
  await ended;
  const all = await eyes.all();
  expect(all.length).toBeGreaterThan(WRITERS);
  return all.filter((position) => !seen.has(position));
}

/** Appends of different length: some are at it while others come and go. */
async function write(append: (size: number) => Promise<unknown>): Promise<void> {
  const end = performance.now() + WRITING_MS;
  for (let turn = 0; performance.now() < end; turn += 1) await append(1 + (turn % 4) * 3);
}

/** Looks through the log; the writers can ask how far it has come. */
function eyesOn(log: EventLog): Eyes & { readonly reached: () => Position } {
  let reached = LOG_START;
  const after = async (position: Position) => {
    reached = position;
    return (await collect(log.readLog({ after: position, max: 500 })))
      .flat()
      .map((e) => e.position);
  };
  return { after, all: () => after(LOG_START), reached: () => reached };
}

describe('a reader never finds an event at or below a position it has passed', () => {
  test(
    `while ${WRITERS} write`,
    onStore(async (store) => {
      const handles = await Promise.all(upTo(HANDLES).map(() => store.open()));
      const readers = (await Promise.all([store.open(), store.open()])).map(eyesOn);
      const writing = Promise.all(
        upTo(WRITERS).map((writer) =>
          write(async (size) => {
            const events = someEvents(size);
            const told = await handles[writer % HANDLES]!.append(aStream(), 'none', events);
            await until('the readers keep up', () =>
              readers.every(({ reached }) => told.position - reached() < BEHIND_MAX),
            );
          }),
        ),
      );
      const missed = await Promise.all(readers.map((eyes) => missedBy(eyes, writing)));
      expect(missed).toEqual([[], []]);
    }),
    WRITING_MS + 60_000,
  );

  /** What the test above must be able to see: positions drawn before there is any lock. */
  test(
    'and the same eyes see it where a sequence gives the positions',
    onStore(async (store) => {
      await store.query('CREATE TABLE naive (position bigserial PRIMARY KEY, size integer)');
      const [reader, slow, quick] = await Promise.all([
        client(store),
        client(store),
        client(store),
      ]);
      const positions = async (sql: string) =>
        (await reader.query<{ position: string }>(sql)).rows.map(({ position }) =>
          BigInt(position),
        );
      const passed = { at: LOG_START };
      const eyes: Eyes = {
        async after(position) {
          passed.at = position;
          return positions(`SELECT position FROM naive WHERE position > ${position} ORDER BY 1`);
        },
        all: () => positions('SELECT position FROM naive'),
      };
      const insert = 'INSERT INTO naive (size) VALUES (1) RETURNING position';
      const writing = (async () => {
        await slow.query('BEGIN');
        await slow.query(insert);
        for (const _ of upTo(WRITERS + 1)) await quick.query(insert);
        await until('the reader has passed it', () => passed.at > 1n);
        await slow.query('COMMIT');
      })();
      expect(await missedBy(eyes, writing)).toEqual([1n]);
      await Promise.all([reader.end(), slow.end(), quick.end()]);
    }),
  );
});

async function client(store: PostgresFixture): Promise<pg.Client> {
  const connected = new pg.Client({ connectionString: store.url });
  await connected.connect();
  return connected;
}
