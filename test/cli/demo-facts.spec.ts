import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openSqliteEventLog } from '#event-log/sqlite';
import {
  deriveId,
  sum,
  type CivilDate,
  type Instant,
  type Month,
  type Slug,
  type StreamName,
} from '#kernel';
import type { StoryTold } from '#audit';
import { BalancesQuery, StatementQuery } from '#funding';
import type { SimulatedArea, SimulatedLine } from '#simulation';
import { Wayledger } from '#engine';
import { moneyOf } from '../../apps/cli/src/demo/money.js';
import { readToTell, tellingText } from '../../apps/cli/src/demo/telling.js';
import { whatIsThere } from '../../apps/cli/src/demo/there.js';
import { loadAreas } from '../../apps/cli/src/loader.js';
import { EXAMPLE } from './testing/command-line.js';
import { afterImport, inFolder } from '../support/imported.js';

const ANCHORS = ['north', 'east'].map((anchor) => anchor as Slug);

describe('where the money stands', () => {
  test('is what balances and statements say, to the penny', async () => {
    await afterImport(EXAMPLE, async ({ wayledger }) => {
      const { funds, providers } = await moneyOf(wayledger, ANCHORS);
      expect(new Set(funds.map(({ anchor }) => anchor))).toEqual(new Set(ANCHORS));
      for (const { authorised, free, committed, spent } of funds) {
        expect(free + committed + spent).toBe(authorised);
      }
      // Nothing is spent that nobody earned.
      expect(sum(providers.map(({ earned }) => earned))).toBe(sum(funds.map(({ spent }) => spent)));
      expect(sum(providers.map(({ committed }) => committed))).toBe(
        sum(funds.map(({ committed }) => committed)),
      );
      let fees = 0n;
      for (const anchor of ANCHORS) {
        for (const { account, balance } of await wayledger.query(new BalancesQuery(anchor))) {
          if (account.endsWith(':consumed:noshow')) fees -= balance;
        }
      }
      expect(fees).toBeGreaterThan(0n);
      expect(sum(providers.map(({ missedFees }) => missedFees))).toBe(fees);
      for (const { anchor, provider, earned } of providers) {
        const month = '2099-12' as Month;
        const query = new StatementQuery(anchor, provider as Slug, month);
        expect({ provider, earned }).toEqual({
          ...{ provider, earned: (await wayledger.query(query)).closing },
        });
      }
    });
  });
});

function organisation(anchor: string, name: string, day: string): SimulatedLine {
  return {
    id: `register ${name}`,
    command: 'RegisterOrganisation',
    at: day as CivilDate,
    recordedAt: `${day}T09:00:00.000Z` as Instant,
    actor: { id: 'finance', role: 'anchor', organisation: anchor as Slug },
    data: { organisation: name, name, roles: ['provider'] },
  };
}

function area(anchor: string, days: readonly string[]): SimulatedArea {
  const lines = days.map((day, index) => organisation(anchor, `${anchor}-${index}`, day));
  const [first, ...later] = lines;
  // Said again the next day, which adds nothing to the log.
  const again = { ...first!, id: `${first!.id} again`, recordedAt: later[0]!.recordedAt };
  lines.splice(1, 0, again);
  return { anchor: anchor as Slug, lines: () => lines };
}

describe('what a log holds of a demo', () => {
  const days = ['2025-04-01', '2025-04-02', '2025-06-01', '2025-06-01'];
  const whole = [area('north', days), area('south', days)];
  const cutOff = [area('north', days), area('south', days.slice(0, -1))];
  const namespace = 'demo';

  test.each([
    ['nothing', [], 'none'],
    ['one area but for its last line', cutOff, 'part'],
    ['one area of two', whole.slice(1), 'part'],
    ['all of it', whole, 'whole'],
    ['other areas', [area('east', days)], 'else'],
  ] as const)('%s', async (_, given, there) => {
    await inFolder(async (folder) => {
      const engine = await Wayledger.open({ data: join(folder, 'data') });
      try {
        expect((await loadAreas(engine, given, { namespace })).refused).toBe(0);
        expect(await whatIsThere(engine.log, whole, namespace)).toBe(there);
        if (there === 'none') return;
        expect(await whatIsThere(engine.log, whole, 'another demo')).toBe('else');
      } finally {
        await engine.close();
      }
    });
  });
});

type Told = readonly [type: string, data?: object, recorded?: string];

/** What is told of a log with these referrals, whatever a decider would say. */
async function told(referrals: Readonly<Record<string, readonly Told[]>>) {
  let answer: Awaited<ReturnType<typeof readToTell>> | undefined;
  await inFolder(async (folder) => {
    const log = await openSqliteEventLog({ path: join(folder, 'log.db') });
    for (const [name, facts] of Object.entries(referrals)) {
      const events = facts.map(([type, data = {}, recorded = '2026-04-02'], index) => ({
        id: deriveId<'event'>(name, String(index)),
        ...{ type, schemaVersion: 1, data: JSON.stringify(data), protected: '{}' },
        metadata: JSON.stringify({
          ...{ anchor: 'north', occurredOn: '2026-04-02', recordedAt: `${recorded}T12:00:00Z` },
        }),
      }));
      await log.append(`referral-${idOf(name)}` as StreamName, 'none', events);
    }
    answer = await readToTell(log);
    await log.close();
  });
  return answer!;
}

const idOf = (name: string) => deriveId<'referral'>('referral', name);
const REFERRED: Told = ['Referred'];
const PRICED: Told = ['Prescribed', { priced: {} }];
const FREE: Told = ['Prescribed'];
const MISSED: Told = ['Missed', { class: 'not-stated' }];
const CALLED_OFF: Told = ['Missed', { class: 'provider-logistics' }];
const LATE: Told = ['Attended', {}, '2026-04-05'];
const NEXT_DAY: Told = ['Attended', {}, '2026-04-04'];
const CORRECTED: Told = ['EntryCorrected'];
const REFUSED: Told = ['OfferRefused'];
const DROPPED: Told = ['DroppedOut'];
const ENOUGH = [REFERRED, PRICED, MISSED, LATE, REFUSED];

describe('the referral that is told', () => {
  test('has money, a missed session, a correction or late register, a drop-out or refusal', async () => {
    const { events, telling } = await told({ enough: ENOUGH });
    expect(events).toBe(ENOUGH.length);
    expect(telling).toEqual({
      ...{ referral: idOf('enough'), anchor: 'north' },
      traits: ['money', 'missed', 'late', 'refused'],
    });
  });

  test.each([
    ['was free', [FREE, MISSED, LATE, REFUSED]],
    ['missed nothing', [PRICED, LATE, REFUSED]],
    ['missed only what the provider called off', [PRICED, CALLED_OFF, LATE, REFUSED]],
    ['was registered by the second day, and right', [PRICED, MISSED, NEXT_DAY, REFUSED]],
    ['refused nothing and stayed', [PRICED, MISSED, LATE, CORRECTED]],
  ])('is not one that %s', async (_, facts) => {
    expect((await told({ one: [REFERRED, ...facts] })).telling).toBeUndefined();
  });

  test('is the one with most to tell, then the shortest', async () => {
    const longer = [...ENOUGH, REFUSED];
    const richest = [...ENOUGH, REFERRED, CORRECTED, DROPPED];
    const first = async (referrals: Parameters<typeof told>[0]) =>
      (await told(referrals)).telling?.referral;
    expect(await first({ longer, enough: ENOUGH })).toBe(idOf('enough'));
    expect(await first({ longer, richest, enough: ENOUGH })).toBe(idOf('richest'));
  });
});

// "✗ later voided, 2026-05-09 (recorded 2026-05-06)" once read as if the voiding had come before.
test('the day something was recorded stands beside it, and before what became of it', () => {
  const step = {
    ...{ type: 'Attended', sentence: 'Attended session 1.', before: 'supported' },
    ...{ after: 'supported', money: [], occurred: '2026-05-04' },
    ...{ recordedAt: '2026-05-06T09:00:00.000Z', corrected: { kind: 'void', on: '2026-05-09' } },
  };
  const story = { referral: 'a1', anchor: 'north', steps: [step] } as unknown as StoryTold;
  const told = tellingText({ ...story, traits: ['money'] }, story);
  expect(told.replaceAll(/\s+/gu, ' ')).toContain(
    '2026-05-04 Attended session 1. (recorded 2026-05-06) ✗ later voided, 2026-05-09',
  );
});
