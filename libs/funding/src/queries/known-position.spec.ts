import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  deriveId,
  endOfDay,
  instantOfEpochMs,
  epochMs,
  type EventCatalogue,
  type Instant,
  type Metadata,
  type Slug,
  type StreamName,
} from '#kernel';
import { Codec, EncodedEvent, LOG_START, type EventLog, type Position } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import { Runner, type Projection } from '#projection';
import { VIEWS_KINDS, newViews, type ViewsKind } from '#projection/testing';
import { referralEvents } from '#referral';
import { fundingEvents } from '../domain/events.js';
import { learned } from '../projections/learned.js';
import {
  KnownDayHandler,
  KnownDayQuery,
  KnownPositionHandler,
  KnownPositionQuery,
} from './known-position.js';

const catalogue: EventCatalogue = { ...referralEvents, ...fundingEvents };
const codec = new Codec(catalogue, {
  seal: () => Promise.reject(new Error('Nothing is sealed here')),
});
const ANCHORS = ['north', 'south'] as Slug[];
/** Around a midnight in London. */
const START = epochMs('2026-05-04T20:00:00.000Z' as Instant);
const HOUR_MS = 3_600_000;

/** A fact of an anchor, in one of a few streams or in its books, recorded at this hour. */
interface Told {
  readonly anchor: Slug;
  readonly stream: number;
  readonly at: Instant;
}
const told: fc.Arbitrary<Told> = fc.record({
  anchor: fc.constantFrom(...ANCHORS),
  stream: fc.nat(2),
  // Clocks disagree: the next fact may have been recorded days before.
  at: fc.nat(60).map((hour) => instantOfEpochMs(START + hour * HOUR_MS)),
});

interface Known {
  readonly told: Told;
  readonly position: Position;
}

async function append(log: EventLog, { anchor, stream, at }: Told, index: number): Promise<Known> {
  const name = (stream === 0 ? `funding-${anchor}` : `referral-${anchor}${stream}`) as StreamName;
  let version = -1;
  for await (const event of log.readStream(name)) version = event.version;
  const type = stream === 0 ? 'FundReceived' : version === -1 ? 'Referred' : 'FeedbackSent';
  const metadata = { anchor, recordedAt: at, occurredOn: '2026-05-01' } as unknown as Metadata;
  const id = deriveId<'event'>('known', String(index));
  const event = new EncodedEvent(id, type, 1, { data: {}, protected: {}, metadata });
  const { position } = await log.append(name, version === -1 ? 'none' : version, [event]);
  return { told: { anchor, stream, at }, position };
}

/** By the definition, and no index. */
function knownBy(all: readonly Known[], anchor: Slug, at: Instant): Known[] {
  const mine = all.filter((one) => one.told.anchor === anchor);
  const first = mine.findIndex((one) => one.told.at > at);
  return first === -1 ? mine : mine.slice(0, first);
}

async function withLog(kind: ViewsKind, work: (given: Given) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'wayledger-known-'));
  const log = await openSqliteEventLog({ path: join(folder, 'log.db') });
  const { views, remove } = await newViews(kind);
  const projections = [learned as unknown as Projection];
  const runner = new Runner({ log, codec, views, projections, pageEvents: 3 });
  try {
    await work({
      log,
      runner,
      knownPosition: new KnownPositionHandler(views, log),
      knownDay: new KnownDayHandler(views),
    });
  } finally {
    await remove();
    await log.close();
    rmSync(folder, { recursive: true });
  }
}
interface Given {
  readonly log: EventLog;
  readonly runner: Runner;
  readonly knownPosition: KnownPositionHandler;
  readonly knownDay: KnownDayHandler;
}

test.each(VIEWS_KINDS)(
  'nobody knows a fact before all that came before it was recorded (read models in %s)',
  async (kind) => {
    const numRuns = kind === 'sqlite' ? 25 : 5;
    await fc.assert(
      fc.asyncProperty(fc.array(told, { minLength: 1, maxLength: 14 }), fc.nat(), (facts, cut) =>
        withLog(kind, async ({ log, runner, knownPosition, knownDay }) => {
          const all: Known[] = [];
          for (const [index, fact] of facts.entries()) {
            // The first ones by a build, the others by who follows.
            if (index === cut % facts.length) await runner.catchUp();
            all.push(await append(log, fact, index));
          }
          await runner.catchUp();
          const moments = new Set(facts.flatMap(({ at }) => [at, justBefore(at)]));
          for (const day of ['2026-05-04', '2026-05-05', '2026-05-06'] as never[]) {
            moments.add(endOfDay(day));
          }
          for (const anchor of ANCHORS) {
            for (const at of moments) {
              const position = await knownPosition.execute(new KnownPositionQuery(anchor, at));
              const mine = all.filter((one) => one.told.anchor === anchor);
              expect(mine.filter((one) => one.position <= position)).toEqual(
                knownBy(all, anchor, at),
              );
            }
          }
          for (const { position } of all) {
            const days = all
              .filter((one) => one.position <= position)
              .map(({ told: { at } }) => londonDay(at))
              .sort();
            expect(await knownDay.execute(new KnownDayQuery(position))).toBe(days.at(-1));
          }
          expect(await knownDay.execute(new KnownDayQuery(LOG_START))).toBeNull();
          expect(await runner.compareRebuilt()).toEqual([{ projection: 'learned', equal: true }]);
        }),
      ),
      { numRuns },
    );
  },
);

const justBefore = (at: Instant) => instantOfEpochMs(epochMs(at) - 1);

/** Without the kernel's own: in May London is an hour ahead. */
const londonDay = (at: Instant) => instantOfEpochMs(epochMs(at) + HOUR_MS).slice(0, 10);

test('who knows nothing is at the beginning of the log', () =>
  withLog('sqlite', async ({ runner, knownPosition }) => {
    await runner.catchUp();
    const [anchor = '' as Slug] = ANCHORS;
    const query = new KnownPositionQuery(anchor, instantOfEpochMs(START));
    expect(await knownPosition.execute(query)).toBe(LOG_START);
  }));
