import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import type { Slug } from '#kernel';
import { FunnelQuery, type FunnelCounted } from '#referral';
import { Wayledger } from '#engine';
import { importFile } from '../../apps/cli/src/importer.js';
import { SETUP, json, line, wayledger, write, type Line } from '../cli/testing/command-line.js';
import { inFolder } from '../support/imported.js';

const SOUTH = line('south', 'RegisterOrganisation', '2026-04-01', {
  ...{ organisation: 'south', name: 'South', roles: ['anchor'] },
});

function told(
  anchor: string,
  command: string,
  at: string,
  referral: string,
  data: object = {},
): Line {
  told.count += 1;
  const actor = { id: 'ann', role: 'link-worker', organisation: anchor };
  return line(`told ${told.count}`, command, at, { referral, ...data }, { actor });
}
told.count = 0;

function refer(referral: string, at: string, anchor = 'north'): Line {
  const identity = { person: referral, name: `Person ${referral}`, contact: '07700 900000' };
  return told(anchor, 'Refer', at, referral, {
    ...{ anchor, scheme: 'spring', route: 'gp', ...identity },
  });
}

/** Prescribed gardening, and given up a week later for this reason. */
function droppedOut(referral: string, reason?: string): Line[] {
  const prescription = `${referral}-plot`;
  const service = { service: 'gardening', provider: 'allot' };
  return [
    refer(referral, '2026-04-02'),
    told('north', 'AcceptReferral', '2026-04-03', referral, { by: 'person' }),
    told('north', 'AssignLinkWorker', '2026-04-03', referral, { linkWorker: 'lw-a' }),
    told('north', 'RecordContact', '2026-04-10', referral, { mode: 'visit', minutes: 50 }),
    told('north', 'Prescribe', '2026-04-10', referral, { prescription, ...service }),
    told('north', 'RecordDropOut', '2026-04-17', referral, { prescription, reason }),
  ];
}

interface Counted {
  readonly data: string;
  funnel(anchor?: string, span?: object): Promise<FunnelCounted>;
}

/** What a funnel says of these commands. */
function after(lines: readonly Line[], work: (counted: Counted) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    const data = join(folder, 'data');
    const file = write(folder, [...SETUP, SOUTH, ...lines]);
    const engine = await Wayledger.open({ data });
    try {
      const refused: unknown[] = [];
      await importFile(engine, { file }, (result) => {
        if (result.status === 'refused') refused.push(result);
      });
      expect(refused).toEqual([]);
      await engine.catchUp();
      const funnel = (anchor?: string, span = {}) =>
        engine.query(new FunnelQuery(anchor as Slug | undefined, span));
      await work({ data, funnel });
    } finally {
      await engine.close();
    }
  });
}

const received = async (funnel: Promise<FunnelCounted>) =>
  (await funnel).steps.find(({ step }) => step === 'received')?.count;

describe('why people stopped', () => {
  const people = [
    ...droppedOut('d1', 'cannot-get-there'),
    ...droppedOut('d2', 'no-confidence'),
    ...droppedOut('d3', 'cannot-get-there'),
    ...droppedOut('d4', 'no-reason-given'),
    ...droppedOut('d5'),
    ...droppedOut('d6', 'Her sister Ann in Moneymore is ill.'),
    refer('d7', '2026-04-02'),
    told('north', 'RecordDropOut', '2026-04-20', 'd7', { reason: 'moved-away' }),
  ];

  test('is counted by code; what they said in words stays theirs', async () => {
    await after(people, async ({ data, funnel }) => {
      expect((await funnel('north')).dropOuts).toEqual({
        fromPrescription: 6,
        fromReferral: 1,
        reasons: {
          codes: [
            { code: 'cannot-get-there', count: 2 },
            { code: 'moved-away', count: 1 },
            { code: 'no-confidence', count: 1 },
          ],
          ...{ notStated: 2, inWords: 1, erased: 0, unreadable: 0 },
        },
      });
      const page = wayledger('funnel', '--anchor', 'north', '--data', data).stdout;
      expect(page).toMatch(/cannot get there +█+ +2$/mu);
      expect(page).toMatch(/not stated +█+ +2$/mu);
      expect(page).toMatch(/in their own words +█+ +1$/mu);
      expect(page).not.toMatch(/Ann|sister|Moneymore/u);
    });
  });

  test('a drop-out that was none is no longer counted, and voiding that counts it again', async () => {
    const stop = people.find(({ command }) => command === 'RecordDropOut')!;
    const voided = (at: string, what: Line) =>
      told('north', 'CorrectEntry', at, 'd1', {
        ...{ corrects: what['id'], kind: 'void', reasonCode: 'entered-in-error' },
      });
    const first = voided('2026-04-18', stop);
    for (const [corrections, times] of [
      [[first], 1],
      [[first, voided('2026-04-19', first)], 2],
    ] as const) {
      await after([...people, ...corrections], async ({ funnel }) => {
        const { fromPrescription, reasons } = (await funnel('north')).dropOuts;
        expect(reasons.codes).toContainEqual({ code: 'cannot-get-there', count: times });
        expect(fromPrescription).toBe(4 + times);
      });
    }
  });

  test('of who was erased nobody knows why, and of who has another key nobody can read it', async () => {
    await after(people, async ({ data, funnel }) => {
      const known = (await funnel()).dropOuts;
      const keys = new DatabaseSync(join(data, 'keys.db'));
      const persons = keys.prepare('SELECT person FROM person_keys ORDER BY person').all();
      keys.prepare('DELETE FROM person_keys').run();
      expect((await funnel()).dropOuts).toEqual({
        ...known,
        reasons: { codes: [], notStated: 1, inWords: 0, erased: 6, unreadable: 0 },
      });
      const insert = keys.prepare('INSERT INTO person_keys VALUES (?, ?, ?)');
      for (const { person } of persons) insert.run(person!, randomBytes(32), '2026-04-01');
      keys.close();
      expect((await funnel()).dropOuts.reasons).toEqual({
        ...{ codes: [], notStated: 1, inWords: 0, erased: 0, unreadable: 6 },
      });
    });
  });
});

describe('whose referrals are counted', () => {
  const lines = [
    refer('s1', '2026-04-02'),
    refer('s2', '2026-04-30'),
    refer('s3', '2026-05-01'),
    refer('s4', '2026-04-30', 'south'),
  ];

  test('those of the anchor, received between the days, both included', async () => {
    await after(lines, async ({ funnel }) => {
      expect(await received(funnel())).toBe(4);
      expect(await received(funnel('north'))).toBe(3);
      expect(await received(funnel('south'))).toBe(1);
      expect(await received(funnel('west'))).toBe(0);
      expect(await received(funnel('north', { from: '2026-04-30' }))).toBe(2);
      expect(await received(funnel('north', { to: '2026-04-30' }))).toBe(2);
      const lastOfApril = { from: '2026-04-30', to: '2026-04-30' };
      expect(await received(funnel('north', lastOfApril))).toBe(1);
      expect(await received(funnel(undefined, lastOfApril))).toBe(2);
      const between = { from: '2026-04-03', to: '2026-04-29' };
      expect(await received(funnel('north', between))).toBe(0);
    });
  });

  test('more of them than are held at once', async () => {
    const many = Array.from({ length: 503 }, (_, index) => refer(`m${index}`, '2026-04-02'));
    await after([...many, refer('other', '2026-04-02', 'south')], async ({ funnel }) => {
      expect(await received(funnel('north'))).toBe(503);
      expect(await received(funnel())).toBe(504);
    });
  });

  test('nobody, and days that are the wrong way round, are told so', async () => {
    await after(lines, async ({ data }) => {
      const west = wayledger('funnel', '--anchor', 'west', '--data', data);
      expect(west).toMatchObject({
        ...{ status: 0, stdout: 'Referrals to west\nNo referrals were received.\n' },
      });
      const flags = ['--anchor', 'north', '--from', '2026-05-01', '--to', '2026-04-30'];
      const { status, stderr } = wayledger('funnel', ...flags, '--data', data);
      expect(status).toBe(2);
      expect(stderr).toMatch(/--to 2026-04-30 is before --from 2026-05-01/u);
      const [south] = json(
        wayledger('funnel', '--anchor', 'south', '--json', '--data', data).stdout,
      );
      expect(south).toMatchObject({ anchor: 'south', undecided: 1, prescriptions: { active: 0 } });
    });
  });
});
