import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { CivilDate, Slug } from '#kernel';
import { CaseloadQuery, ReferralQuery, VolumesQuery, type CaseloadItem } from '#referral';
import { SETUP, line, wayledger as run, write, type Line } from '../cli/testing/command-line.js';
import { afterImport, inFolder, type Imported } from '../support/imported.js';

const WORKER = { id: 'ann', role: 'link-worker', organisation: 'north' };
const PRACTICES = ['seacliff', 'hillside'].map((organisation, index) =>
  line(`practice ${index}`, 'RegisterOrganisation', '2026-04-01', {
    ...{ organisation, name: organisation, roles: ['referrer'] },
  }),
);

function told(command: string, at: string, referral: string, data: object = {}): Line {
  told.count += 1;
  return line(`told ${told.count}`, command, at, { referral, ...data }, { actor: WORKER });
}
told.count = 0;

function refer(referral: string, at: string, scheme: string, more: object = {}): Line {
  const identity = { name: `Person ${referral}`, contact: '07700 900000' };
  return told('Refer', at, referral, {
    anchor: 'north',
    scheme,
    route: 'gp',
    ...identity,
    ...more,
  });
}

/** The engine after these commands, each of them taken unless it says otherwise. */
function after(lines: readonly Line[], work: (imported: Imported) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    const recorded = [...SETUP, ...PRACTICES, ...lines]
      .map((given): Line => ({ ...given, recordedAt: given['at'] }))
      .sort((a, b) => (String(a['at']) < String(b['at']) ? -1 : a['at'] === b['at'] ? 0 : 1));
    await afterImport(write(folder, recorded), work);
  });
}

const caseloadOf = async ({ wayledger }: Imported, today: string, referrer?: string) => {
  const of = referrer === undefined ? ('lw-a' as Slug) : undefined;
  const query = new CaseloadQuery(of, today as CivilDate, referrer as Slug | undefined);
  return wayledger.query(query);
};
const refused = ({ results }: Imported) =>
  results.flatMap((result) => (result.status === 'refused' ? result.reasons : []));

test('a referral that cannot be is told why: its scheme had not begun, nobody is that old', async () => {
  const early = { ...refer('e1', '2026-04-02', 'spring'), at: '2017-12-31' };
  const old = refer('e2', '2026-04-02', 'spring', { ageAtReferral: 131 });
  const oldest = refer('e3', '2026-04-02', 'spring', { ageAtReferral: 130 });
  const lines = [...SETUP, early, old, oldest].map((given): Line => {
    return { ...given, recordedAt: '2026-04-02' };
  });
  const work = (imported: Imported) => {
    expect(refused(imported)).toMatchObject([
      {
        code: 'before-the-scheme',
        message: 'Scheme spring begins on 2018-01-01; 2017-12-31 is before that.',
      },
      { field: 'ageAtReferral', message: expect.stringContaining('must be 130 or less') },
    ]);
    return Promise.resolve();
  };
  await inFolder((folder) => afterImport(write(folder, lines), work));
});

describe('a name that was taken down wrongly', () => {
  const brought = refer('n1', '2026-04-02', 'spring');
  const correct = (at: string, what: Line, more: object) =>
    told('CorrectEntry', at, 'n1', {
      ...{ corrects: what['id'], kind: 'void', reasonCode: 'entered-in-error', ...more },
    });
  const amended = correct('2026-04-04', brought, { kind: 'amend', name: 'Ada Right' });
  const voided = correct('2026-04-06', amended, {});
  const steps: readonly (readonly [string, readonly Line[], string])[] = [
    ['as it was brought', [], 'Person n1'],
    ['amended', [amended], 'Ada Right'],
    ['amended, and that voided', [amended, voided], 'Person n1'],
    [
      'amended, that voided, and that voided too',
      [amended, voided, correct('2026-04-07', voided, {})],
      'Ada Right',
    ],
    [
      'amended anew after a void',
      [amended, voided, correct('2026-04-08', brought, { kind: 'amend', name: 'Ida Right' })],
      'Ida Right',
    ],
    [
      'beside an amendment of something else',
      [correct('2026-04-04', brought, { kind: 'amend', contact: '07700 900999' })],
      'Person n1',
    ],
  ];

  test.each(steps)('%s', async (_, corrections, name) => {
    const assign = told('AssignLinkWorker', '2026-04-03', 'n1', { linkWorker: 'lw-a' });
    await after([brought, assign, ...corrections], async (imported) => {
      expect(refused(imported)).toEqual([]);
      const { wayledger } = imported;
      const shown = async () => {
        const { items } = await caseloadOf(imported, '2026-06-01');
        const view = await wayledger.query(new ReferralQuery(items[0]!.referral));
        return [items.map((item) => item.name), view?.name];
      };
      expect(await shown()).toEqual([[name], name]);
      await wayledger.runner.rebuild();
      expect(await shown()).toEqual([[name], name]);
    });
  });
});

test('registers that differ are counted where the referral is seen, until one is corrected', async () => {
  const session = { prescription: 'q1-plot', session: 'q1-s1' };
  const evidence = { kind: 'worker-accompanied', by: 'north' };
  const lines = [
    refer('q1', '2026-04-02', 'spring'),
    told('AcceptReferral', '2026-04-02', 'q1', { by: 'person' }),
    told('AssignLinkWorker', '2026-04-02', 'q1', { linkWorker: 'lw-a' }),
    told('Prescribe', '2026-04-03', 'q1', {
      ...{ prescription: 'q1-plot', service: 'gardening', provider: 'allot' },
    }),
    told('RecordAttendance', '2026-04-10', 'q1', session),
    told('AddSessionEvidence', '2026-04-11', 'q1', { ...session, says: 'missed', evidence }),
  ];
  const righted = [
    ...lines,
    told('CorrectEntry', '2026-04-12', 'q1', {
      ...{ ...session, kind: 'void', reasonCode: 'not-evidenced' },
    }),
    told('RecordMissed', '2026-04-13', 'q1', session),
  ];
  for (const [recorded, queries] of [
    [lines, 1],
    [righted, 0],
  ] as const) {
    await after(recorded, async (imported) => {
      expect(refused(imported)).toEqual([]);
      const { items } = await caseloadOf(imported, '2026-06-01');
      const view = await imported.wayledger.query(new ReferralQuery(items[0]!.referral));
      expect([items[0]!.queries, view?.queries]).toEqual([queries, queries]);
    });
  }
});

describe('from command to caseload', () => {
  test('a link worker sees tier, prompt and what is still asked', async () => {
    const visits = Array.from({ length: 12 }, (_, week) =>
      told('RecordContact', `2026-05-${String(week + 1).padStart(2, '0')}`, 'b1', {
        ...{ mode: 'visit', ...(week > 0 && { minutes: 50 }) },
      }),
    );
    const lines = [
      refer('b1', '2026-04-02', 'brightlife', { referrer: 'seacliff' }),
      told('AcceptReferral', '2026-04-02', 'b1', { by: 'person' }),
      told('AssignLinkWorker', '2026-04-02', 'b1', { linkWorker: 'lw-a' }),
      told('RecordConsent', '2026-04-03', 'b1', { scopes: ['share'] }),
      told('ChangeTier', '2026-04-03', 'b1', { tier: 'tier-3' }),
      ...visits,
      // Given again it is known already, and prompts nobody a second time.
      visits.at(-1)!,
      told('WithdrawConsent', '2026-05-20', 'b1', { scopes: ['share'] }),
      refer('s1', '2026-04-02', 'spring', { referrer: 'hillside' }),
      told('AcceptReferral', '2026-04-02', 's1', { by: 'person' }),
      told('AssignLinkWorker', '2026-04-02', 's1', { linkWorker: 'lw-a' }),
      told('RecordAssessment', '2026-04-08', 's1', {
        ...{ instrument: 'gad-7', purpose: 'baseline', mode: 'visit' },
        answers: [1, 1, null, 0, 0, 0, 2],
      }),
      told('DeclineAssessment', '2026-04-08', 's1', { instrument: 'swemwbs', purpose: 'baseline' }),
    ];
    await after(lines, async (imported) => {
      expect(refused(imported)).toEqual([]);
      const { items } = await caseloadOf(imported, '2026-06-01');
      const of = (tier: string | null) => items.find((item) => item.tier === tier) as CaseloadItem;
      expect(of('tier-3')).toMatchObject({
        ...{ consent: false, contacts: 12, minutes: 120 + 11 * 50 },
        asks: { consent: true, instruments: [], prompt: { contacts: 12, cap: 16 } },
      });
      expect(of(null).asks).toMatchObject({
        ...{ consent: true, instruments: [], oneOf: ['phq-9', 'wemwbs', 'ons4'], prompt: null },
      });
      const notes = imported.results.flatMap((result) => ('notes' in result ? result.notes : []));
      expect(notes).toEqual([
        'Contacts so far: 12 of 16. It is time to look at other ways to support the person.',
      ]);
      const practice = await caseloadOf(imported, '2026-06-01', 'seacliff');
      expect(practice.items.map(({ tier }) => tier)).toEqual(['tier-3']);
    });
  });

  test('who is closed or declined is on no caseload, until taken up again', async () => {
    const theirs = (id: string, received: string): Line[] => [
      refer(id, received, 'spring', { referrer: 'seacliff' }),
      told('AcceptReferral', '2026-04-20', id, { by: 'person' }),
      told('AssignLinkWorker', '2026-04-20', id, { linkWorker: 'lw-a' }),
    ];
    const lines = [
      ...theirs('open', '2026-04-02'),
      ...theirs('closed', '2026-04-03'),
      ...theirs('back', '2026-04-05'),
      refer('declined', '2026-04-06', 'spring', { referrer: 'seacliff' }),
      told('DeclineReferral', '2026-04-21', 'declined', { by: 'person' }),
      told('CloseReferral', '2026-05-02', 'closed'),
      told('CloseReferral', '2026-05-02', 'back'),
      told('ReopenReferral', '2026-05-20', 'back', { reason: 'asked for more' }),
    ];
    await after(lines, async (imported) => {
      expect(refused(imported)).toEqual([]);
      for (const referrer of [undefined, 'seacliff']) {
        const { items } = await caseloadOf(imported, '2026-06-01', referrer);
        expect(items.map(({ received }) => received).sort()).toEqual(['2026-04-02', '2026-04-05']);
      }
    });
  });

  test('scores, scopes and reasons are written as the commands say them', async () => {
    const visit = told('RecordContact', '2026-04-12', 'w1', { mode: 'visit', minutes: 40 });
    const lines = [
      refer('w1', '2026-04-02', 'ways-to-wellness', { ageAtReferral: 74 }),
      told('DecideEligibility', '2026-04-02', 'w1', { conditions: ['long-term-condition'] }),
      told('AcceptReferral', '2026-04-02', 'w1', { by: 'person' }),
      told('RecordAssessment', '2026-04-08', 'w1', {
        ...{ assessment: 'star', instrument: 'wellbeing-star', purpose: 'baseline', mode: 'visit' },
        ...{ answers: [1, 2, 3, 4, 5, 1, 2, 3], licence: 'star-1', explainedToPerson: true },
      }),
      told('RecordAssessment', '2026-04-08', 'w1', {
        ...{ instrument: 'pam', purpose: 'baseline', mode: 'visit', score: 56.3, band: '3' },
      }),
      told('AgreePlan', '2026-04-08', 'w1', { goals: ['Sleep.'], assessment: 'star' }),
      told('AmendPlan', '2026-04-09', 'w1', { steps: ['A walk.'], assessment: 'star' }),
      told('IdentifyBarrier', '2026-04-09', 'w1', { code: 'frightened' }),
      told('RecordUnmetNeed', '2026-04-09', 'w1', { note: 'A bus.' }),
      told('Signpost', '2026-04-09', 'w1', { service: 'library' }),
      told('RaiseConcern', '2026-04-09', 'w1', { source: 'person', note: 'A note.' }),
      told('SetLevelOfSupport', '2026-04-09', 'w1', { level: 'supported-access' }),
      told('RecordServiceUse', '2026-04-09', 'w1', {
        ...{ source: 'practice', from: '2026-01-01', to: '2026-03-31' },
        counts: [{ of: 'gp-visits', count: 4 }],
      }),
      told('SendFeedback', '2026-04-10', 'w1', { to: 'seacliff' }),
      told('AcknowledgeFeedback', '2026-04-11', 'w1'),
      visit,
      told('RecordAssessment', '2026-04-12', 'w1', {
        ...{ instrument: 'pam', purpose: 'review', mode: 'visit', score: 58, band: '3' },
        contact: visit['id'],
      }),
      told('SendFeedback', '2026-04-13', 'w1', { to: 'seacliff', covers: [visit['id']] }),
    ];
    await after(lines, async (imported) => {
      expect(refused(imported)).toEqual([]);
    });
  });

  test.each([
    ['a score with three decimals', { instrument: 'pam', score: 56.333 }, 'score'],
    ['a score in words', { instrument: 'pam', score: '56' }, 'score'],
    ['an answer in words', { instrument: 'gad-7', answers: ['1'] }, 'answers'],
    ['half an answer', { instrument: 'gad-7', answers: [1.5] }, 'answers'],
  ])('%s is refused', async (_, data, field) => {
    const lines = [
      refer('s1', '2026-04-02', 'spring'),
      told('RecordAssessment', '2026-04-08', 's1', { purpose: 'baseline', mode: 'visit', ...data }),
    ];
    await after(lines, async (imported) => {
      expect(refused(imported)).toMatchObject([{ code: 'wrong-field', field }]);
    });
  });

  test('a drop-out has a reason of the list where there is one, or none', async () => {
    const lines = ['h1', 'h2', 'h3', 's1'].map((name) =>
      refer(name, '2026-04-02', name === 's1' ? 'spring' : 'highland', {
        ...(name !== 's1' && { kind: 'medium' }),
      }),
    );
    const reasons = { h1: 'bad-weather', h2: 'moved-away', h3: undefined, s1: 'Bad weather.' };
    const stops = Object.entries(reasons).map(([name, reason]) =>
      told('RecordDropOut', '2026-04-03', name, { reason }),
    );
    await after([...lines, ...stops], async (imported) => {
      expect(refused(imported)).toMatchObject([{ code: 'no-such-reason', field: 'reason' }]);
    });
  });

  test('a broad referral is nobody, and is told so', async () => {
    const lines = [
      told('Refer', '2026-04-02', 'h1', { anchor: 'north', scheme: 'highland', route: 'self' }),
      told('Refer', '2026-04-02', 'h2', {
        ...{ anchor: 'north', scheme: 'highland', route: 'self', kind: 'broad' },
      }),
      told('Signpost', '2026-04-02', 'h2', { note: 'The library.' }),
    ];
    await after(lines, async (imported) => {
      expect(refused(imported)).toMatchObject([{ code: 'kind-needed', field: 'kind' }]);
    });
  });
});

describe('volumes', () => {
  const lines = [
    refer('v1', '2026-04-02', 'valley-steps', { route: 'gp', referrer: 'seacliff' }),
    refer('v2', '2026-04-03', 'valley-steps', { route: 'self' }),
    refer('v3', '2026-06-03', 'valley-steps', { route: 'self' }),
    refer('v4', '2026-06-03', 'valley-steps', { route: 'gp', referrer: 'seacliff' }),
    told('AcceptReferral', '2026-04-04', 'v1', { by: 'person' }),
    told('AcceptReferral', '2026-04-05', 'v1', { by: 'provider' }),
    told('DeclineReferral', '2026-06-05', 'v3', { by: 'person' }),
  ];

  test('are counted by month, route and referrer', async () => {
    await after(lines, async (imported) => {
      const volumes = await imported.wayledger.query(new VolumesQuery('north' as Slug));
      const gp = { route: 'gp', referrer: 'seacliff' };
      const self = { route: 'self', referrer: null };
      expect(volumes).toEqual([
        { month: '2026-04', ...gp, received: 1, accepted: 1, declined: 0 },
        { month: '2026-04', ...self, received: 1, accepted: 0, declined: 0 },
        { month: '2026-06', ...gp, received: 1, accepted: 0, declined: 0 },
        { month: '2026-06', ...self, received: 1, accepted: 0, declined: 1 },
      ]);
      expect(await imported.wayledger.query(new VolumesQuery('south' as Slug))).toEqual([]);
    });
  });

  test('are printed with empty months and shares', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      const file = write(folder, [...SETUP, ...PRACTICES, ...lines]);
      expect(run('import', file, '--data', data).status).toBe(0);
      const { stdout, status } = run('volumes', '--anchor', 'north', '--data', data);
      expect(status).toBe(0);
      expect(stdout).toMatch(/route +2026-04 +2026-05 +2026-06 +all +share/u);
      expect(stdout).toMatch(/gp +1 +0 +1 +2 +50%/u);
      expect(stdout).toMatch(/\(no organisation\) +1 +0 +1 +2 +50%/u);
      expect(stdout).toMatch(/4 received, 1 accepted, 1 declined/u);
      const neither = run('caseload', '--data', data);
      expect(neither).toMatchObject({ status: 2 });
      expect(neither.stderr).toMatch(/--link-worker <slug>.*--referrer <slug>/u);
      const practice = run('caseload', '--referrer', 'seacliff', '--data', data);
      expect(practice.stdout).toMatch(/those referred by seacliff/u);
      expect(practice.stdout).toMatch(/2 open/u);
    });
  });
});
