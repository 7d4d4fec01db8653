import { describe, expect, test } from '@jest/globals';
import type { CivilDate } from '#kernel';
import { References } from './known-rows.js';
import { parseMapping } from './mapping.js';
import { planImport } from './plan.js';
import { setupCommands } from './setup-commands.js';
import { parseSetup } from './setup.js';

const SETUP = `
source: sheet
anchor: north
anchorName: North
scheme: spring
since: 2026-04-01
consentScopes: [support]
fund: { fund: lottery, funder: lf, received: 2026-04-01, amount: 100.00 }
budgets: [{ year: 2026, pots: [{ pot: prescribing, amount: 100.00 }] }]
services:
  WALK: { provider: walkers, providerName: Walkers, service: walks, name: Walks }
agreements:
  walks:
    provider: walkers
    services: [walks]
    components: [{ component: sessions, trigger: session-attended, amount: 5.00 }]
words:
  routes: { Doctor: gp }
  missed: { cancelled by provider: provider-logistics, tba: acceptable }
`;
const MAPPING = `
r.csv: { holds: referrals, columns: { reference: Ref, date: Date, route: By, name: Name, dateOfBirth: Born } }
p.csv: { holds: prescriptions, columns: { prescription: Rx, reference: Ref, provider: Who, date: Date, plannedSessions: N } }
s.csv: { holds: sessions, columns: { prescription: Rx, session: No, date: Date, attended: Came, reason: Why } }
`;

function planned(files: Readonly<Record<'r' | 'p' | 's', string>>) {
  const heads = { r: 'Ref,Date,By,Name,Born', p: 'Rx,Ref,Who,Date,N', s: 'Rx,No,Date,Came,Why' };
  const bytes = (file: string) => {
    const name = file[0] as 'r' | 'p' | 's'; // Of the three files that the mapping names.
    return Buffer.from(`${heads[name]}\n${files[name]}\n`);
  };
  const plan = planImport(parseMapping(MAPPING, 'mapping.yaml'), bytes, {
    setup: parseSetup(SETUP, 'setup.yaml'),
    today: '2026-11-01' as CivilDate,
    ...{ referrals: new References<true>(), prescriptions: new References(), contacts: new Map() },
  });
  const refused = plan.refused.flatMap(({ row, reasons }) =>
    reasons.map(({ column = '', code }) => `${row.file}:${row.line} ${column} ${code}`),
  );
  const told = JSON.stringify(plan.refused.map(({ reasons }) => reasons));
  return { plan, refused, told, keys: plan.rows.map(({ commands: [{ key }] }) => key) };
}

const R1 = 'R1,1/5/2026,Doctor,Ann Bell,1/2/60';
const P1 = 'P1,R1,WALK,2/5/2026,4';
const S1 = 'P1,1,9/5/2026,Y,';

describe('what rows ask for', () => {
  test('comes by day, nothing before what it rests on, under keys of its own', () => {
    const { plan, keys, refused } = planned({
      r: `${R1}\nR 2,1/4/2026,gp,Tom,`,
      p: `p2,r 2,walk,1/4/2026,2\n${P1}`,
      s: `${S1}\nP2,,8/4/2026,late,\nP2,,9/4/2026,left,moved`,
    });
    expect(refused).toEqual([]);
    expect(keys).toEqual([
      ...['referral/R%202', 'prescription/p2', 'session/p2/2026-04-08/attended'],
      ...['session/p2/2026-04-09/dropped-out', 'referral/R1', 'prescription/P1', 'session/P1/1'],
    ]);
    const [refer] = plan.rows.find(({ row }) => row.line === 2 && row.file === 'r.csv')!.commands;
    expect(refer.data).toMatchObject({ route: 'gp', name: 'Ann Bell', dateOfBirth: '1960-02-01' });
  });

  test('is one thing a key: the same again is told, anything else refused with its line', () => {
    const { plan, refused } = planned({ r: R1, p: P1, s: `${S1}\n${S1}\nP1,1,10/5/2026,Y,` });
    expect(refused).toEqual(['s.csv:4  said-otherwise']);
    expect(plan.repeated).toMatchObject([{ row: { line: 3 }, first: 2 }]);
  });

  test('is not guessed where a column puts the month first; a date beyond doubt stands', () => {
    const { refused, keys } = planned({
      r: R1,
      p: P1,
      s: 'P1,1,05/09/2026,Y,\nP1,2,05/16/2026,Y,\nP1,3,2026-05-23,Y,',
    });
    expect(refused).toEqual(['s.csv:2 Date month-first', 's.csv:3 Date month-first']);
    expect(keys).toContain('session/P1/3');
  });

  test('needs a budget of its day, a word that is known, and says no person back', () => {
    const { refused, told } = planned({
      r: `${R1}\nR2,2/5/2026,Mary Jones,Tom,\nR3,2/5/2026,Palm reader,Tom,31/13/1960`,
      p: `${P1}\nP2,R1,WALK,31/3/2026,4\nP3,R1,SWIM,2/5/2026,4`,
      s: 'P1,1,9/5/2026,N,it rained\nP1,2,16/5/2026,N,no reason',
    });
    expect(refused).toEqual([
      ...['r.csv:3 By unknown-word', 'r.csv:4 By unknown-word', 'r.csv:4 Born no-such-day'],
      ...['p.csv:3 Date no-budget', 'p.csv:4 Who unknown-word', 's.csv:2 Why unknown-word'],
    ]);
    expect(told).toMatch(/Palm reader/u);
    expect(told).not.toMatch(/Jones|Tom|1960/u);
  });

  test('is nothing where a mark fills an empty cell, unless the setup has a word for it', () => {
    const { plan, refused } = planned({
      r: 'R1,1/5/2026,Doctor,-,n/a\nR2,tbc,?,Na,',
      p: 'P1,R1,WALK,2/5/2026,TBC',
      s: 'P1,1,9/5/2026,N,tba\nP1,2,16/5/2026,N,n/a\nP1,3,17/5/2026,?,',
    });
    expect(refused).toEqual(['r.csv:3 Date missing', 'r.csv:3 By missing', 's.csv:4 Came missing']);
    const said = plan.rows.map(({ commands: [{ data }] }) => data);
    expect(said[0]).not.toHaveProperty('name');
    expect(said[0]).not.toHaveProperty('dateOfBirth');
    expect(said[1]).not.toHaveProperty('plannedSessions');
    expect(said[2]).toMatchObject({ class: 'acceptable', reason: 'tba' });
    expect(said[3]).toMatchObject({ class: 'not-stated' });
  });

  test('is a miss of its class where the reason stands in place of N', () => {
    const { plan, refused } = planned({ r: R1, p: P1, s: 'P1,1,9/5/2026,Cancelled by provider,' });
    expect(refused).toEqual([]);
    const [missed] = plan.rows.at(-1)!.commands;
    expect(missed.command).toBe('RecordMissed');
    expect(missed.data).toMatchObject({ class: 'provider-logistics' });
  });

  test('is of the kind and the link worker that the setup says where a row does not', () => {
    const unknown = 'unknown: { kind: medium, linkWorker: lw-1 }';
    const setup = parseSetup(`${SETUP}${unknown}\n`, 'setup.yaml');
    const { rows } = planImport(
      parseMapping(MAPPING.split('\n').slice(0, 2).join('\n'), 'mapping.yaml'),
      () => Buffer.from(`Ref,Date,By,Name,Born\n${R1}\n`),
      {
        ...{ setup, today: '2026-11-01' as CivilDate, referrals: new References<true>() },
        ...{ prescriptions: new References(), contacts: new Map() },
      },
    );
    expect(rows[0]?.commands[0].data).toMatchObject({ kind: 'medium' });
    expect(rows[0]?.commands.at(-1)?.data).toMatchObject({ linkWorker: 'lw-1' });
    expect(setupCommands(setup).map(({ key }) => key)).toContain('link-worker/lw-1');
  });

  test('is not asked of a row of totals', () => {
    const { refused } = planned({
      r: `${R1}\nR2,2/5/2026,Doctor,Total,`,
      p: `${P1}\n,Grand total,,,4`,
      s: `${S1}\n,,TOTAL,1,`,
    });
    expect(refused).toEqual(['p.csv:3  totals', 's.csv:3  totals']);
  });

  test('reads names of columns that are not there as a mistake of the mapping, with what there is', () => {
    const text = MAPPING.replace('Came', 'Attended');
    const plan = planImport(
      parseMapping(text, 'm'),
      () => Buffer.from('Rx,No,Date,Came,Why\nP1,1,1/5/26,Y,'),
      {
        setup: parseSetup(SETUP, 's'),
        today: '2026-11-01' as CivilDate,
        ...{
          referrals: new References<true>(),
          prescriptions: new References(),
          contacts: new Map(),
        },
      },
    );
    const sessions = plan.refused.find(({ row }) => row.file === 's.csv');
    expect(sessions?.reasons[0]?.message).toMatch(/no column "Attended".*Rx, No, Date, Came, Why/u);
  });
});
