import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inFolder } from '../support/imported.js';
import { SETUP, json, line, receive, wayledger, write, type Line } from './testing/command-line.js';

const ALLOT = { actor: { id: 'register', role: 'provider', organisation: 'allot' } };

/** Referred, accepted, with a link worker. */
function referred(name: string): Line[] {
  const identity = { name: 'Ann Example', contact: '07700 900000' };
  const where = { anchor: 'north', scheme: 'spring', route: 'gp' };
  return [
    line(`refer ${name}`, 'Refer', '2026-04-02', { referral: name, ...where, ...identity }),
    line(`accept ${name}`, 'AcceptReferral', '2026-04-02', { referral: name, by: 'person' }),
    line(`assign ${name}`, 'AssignLinkWorker', '2026-04-02', {
      referral: name,
      linkWorker: 'lw-a',
    }),
  ];
}
function prescribe(name: string, at: string, more: object = {}): Line {
  const what = { service: 'gardening', provider: 'allot', ...more };
  return line(`prescribe ${name}`, 'Prescribe', at, {
    referral: name,
    prescription: name,
    ...what,
  });
}

const ONE_PLACE = [
  ...SETUP,
  line(
    'c1',
    'DeclareCapacity',
    '2026-04-01',
    { provider: 'allot', service: 'gardening', places: 1 },
    ALLOT,
  ),
  ...['h1', 'h2', 'h3', 'h4'].flatMap(referred),
  prescribe('h1', '2026-04-10'),
];

/** 75.00 if the score rises within 90 days of 10 April. */
const HOPEFUL = [
  ...SETUP,
  receive('f1', 50_000),
  line('b1', 'OpenBudget', '2026-04-02', {
    ...{ anchor: 'north', fund: 'lottery', year: 2026 },
    pots: [{ pot: 'prescribing', amount: 50_000 }],
  }),
  line('a1', 'SignAgreement', '2026-04-02', {
    ...{ agreement: 'garden', payer: 'north', payee: 'allot', services: ['gardening'] },
    components: [
      {
        ...{ component: 'wellbeing', trigger: 'outcome-met', amount: 7_500 },
        outcome: { instrument: 'swemwbs', change: 'rise', atLeast: 2, windowDays: 90 },
      },
    ],
  }),
  ...referred('h1'),
  prescribe('h1', '2026-04-10', {
    ...{ agreement: 'garden', fund: 'lottery', year: 2026, pot: 'prescribing' },
  }),
].map((given) => ({ ...given, recordedAt: given['at'] }));

describe('wayledger places', () => {
  test('shows what is declared, taken and free, and who waits in the order of the days', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      const file = write(folder, [
        ...ONE_PLACE,
        prescribe('h2', '2026-04-12', { waitlist: true }),
        prescribe('h3', '2026-04-11', { waitlist: true }),
        prescribe('h4', '2026-04-11'),
      ]);
      const imported = wayledger('import', file, '--data', data, '--names');
      expect(imported.status).toBe(1);
      expect(imported.stdout).toContain(
        'file.ndjson:21, id prescribe h4, service: 1 of 1 places of gardening at allot are taken: ' +
          'put the person on the waiting list (waitlist: true) or give a reason to go past it ' +
          '(override).',
      );
      const idOf = (name: string) =>
        new RegExp(`referral ${name} = (?<id>\\S+)`, 'u').exec(imported.stdout)?.groups?.['id'];
      const shown = wayledger('places', '--provider', 'allot', '--data', data);
      expect(shown.status).toBe(0);
      expect(shown.stdout).toMatch(/gardening +1 +1 +0 +2\n/u);
      expect(shown.stdout).toMatch(
        new RegExp(
          `1 +2026-04-11 +north +${idOf('h3')} .*\\n2 +2026-04-12 +north +${idOf('h2')}`,
          'u',
        ),
      );
      const [told] = json(
        wayledger('places', '--provider', 'allot', '--data', data, '--json').stdout,
      );
      expect(told).toMatchObject({
        provider: 'allot',
        services: [
          {
            ...{ service: 'gardening', declared: 1, taken: 1, overridden: 0, free: 0, over: 0 },
            waiting: [
              { referral: idOf('h3'), anchor: 'north', since: '2026-04-11' },
              { referral: idOf('h2'), anchor: 'north', since: '2026-04-12' },
            ],
          },
        ],
      });
      expect(shown.stdout).not.toContain('Ann Example');
      expect(wayledger('verify', '--data', data).status).toBe(0);
    });
  });

  test('of a provider that declared nothing, nothing is limited', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      wayledger('import', write(folder, SETUP), '--data', data);
      const { status, stdout } = wayledger('places', '--provider', 'allot', '--data', data);
      expect(status).toBe(0);
      expect(stdout).toContain('nothing is limited');
    });
  });
});

describe('wayledger clocks', () => {
  test('records once that the window of an outcome ended, on the day it did', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      const file = write(folder, HOPEFUL);
      const imported = wayledger('import', file, '--data', data, '--as-recorded');
      expect(imported.stdout).toContain('none refused');
      const clocks = (...more: string[]) =>
        wayledger('clocks', ...more, '--data', data, '--json').stdout;
      const due = { what: 'outcome', component: 'wellbeing', lastDay: '2026-07-09' };
      expect(json(clocks('--list'))).toMatchObject([{ timers: [due] }]);
      expect(json(clocks('--today', '2026-07-09'))).toEqual([{ fired: [] }]);
      const text = wayledger('clocks', '--today', '2026-07-10', '--data', data).stdout;
      expect(text).toMatch(/2026-07-09 +the window of an outcome ends \(wellbeing\).* recorded\n/u);
      expect(json(clocks('--today', '2026-07-11'))).toEqual([{ fired: [] }]);
      const balances = wayledger('balances', '--anchor', 'north', '--data', data).stdout;
      expect(balances).toMatch(/available:prescribing +-?500\.00/u);
      expect(wayledger('verify', '--data', data).stdout).toContain(
        "✓ the budgets' guard agrees with the ledger",
      );
    });
  });

  test('where nothing is due says so, lists nothing, and writes nothing', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      wayledger('import', write(folder, ONE_PLACE), '--data', data);
      const events = () => wayledger('verify', '--data', data).stdout;
      const before = events();
      const ran = wayledger('clocks', '--today', '2030-01-01', '--data', data);
      expect([ran.status, ran.stdout]).toEqual([0, 'Nothing fell due.\n']);
      const listed = wayledger('clocks', '--list', '--json', '--data', data);
      expect([listed.status, json(listed.stdout)]).toEqual([0, [{ timers: [] }]]);
      expect(events()).toBe(before);
    });
  });
});
