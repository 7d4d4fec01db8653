import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  epochMs,
  instantOfEpochMs,
  type Clock,
  type Pence,
  type ReferralId,
  type Slug,
} from '#kernel';
import { verify, type Check } from '#audit';
import { BalancesQuery, budgetStream } from '#funding';
import { referralStream } from '#referral';
import { Wayledger } from '#engine';
import {
  RECORDED_AT,
  give,
  must,
  names,
  openEngine,
  type Engine,
  type EngineOptions,
  type Line,
  type Outcome,
} from './engine.js';
import { forkPrescriber, type Prescriber } from './fork-prescriber.js';
import type { Task } from './prescriber.js';

/** Four sessions of 12.50. */
export const PRICE: Pence = 5_000n;
export const NORTH = 'north' as Slug;
const FUND = 'lottery' as Slug;
const YEAR = 2026;
const BUDGET = budgetStream(NORTH, FUND, YEAR);

export class MovingClock implements Clock {
  private ms = epochMs(RECORDED_AT);

  now() {
    return instantOfEpochMs(this.ms);
  }

  pass(ms: number): void {
    this.ms += ms;
  }
}

/** An anchor with a fund, a provider and people who may be prescribed to; a folder of its own. */
export interface World {
  readonly data: string;
  readonly clock: MovingClock;
  readonly wayledger: Wayledger;
  give(line: Line): Promise<Outcome>;
  /** Another engine on the same folder, its read models caught up. */
  engine(wrap?: EngineOptions['wrap']): Promise<Engine>;
  /** Another process on the same folder, ready to give these commands. */
  fork(task: Omit<Task, 'data'>): Promise<Prescriber>;
  /** What happened about one person's money, on the referral and on the budget, in log order. */
  story(person: string): Promise<string[]>;
  /** Free by the budget's own stream; available by the ledger. */
  free(): Promise<Pence>;
  available(): Promise<Pence>;
  broken(): Promise<string[]>;
  remove(): Promise<void>;
}

export const person = (index: number) => `person-${index}`;

/** `prescribed`: everybody has a prescription already. */
export async function makeWorld(given: {
  people: number;
  pot: Pence;
  prescribed?: boolean;
}): Promise<World> {
  const data = mkdtempSync(join(tmpdir(), 'wayledger-reservations-'));
  const clock = new MovingClock();
  const wayledger = await Wayledger.open({ data, clock });
  await found(wayledger, given.pot);
  await Promise.all(
    Array.from({ length: given.people }, (_, index) => refer(wayledger, person(index))),
  );
  if (given.prescribed === true) {
    for (let index = 0; index < given.people; index += 1) {
      await must(wayledger, prescribe(person(index)));
    }
  }
  const toEnd: (() => Promise<void>)[] = [];
  return {
    ...{ data, clock, wayledger },
    give: (line) => give(wayledger, line),
    async engine(wrap) {
      const engine = await openEngine({ data, clock, ...(wrap && { wrap }) });
      toEnd.push(() => engine.close());
      await engine.runner.catchUp();
      return engine;
    },
    async fork(task) {
      const child = await forkPrescriber({ ...task, data });
      toEnd.push(() => child.end());
      return child;
    },
    story: (who) => story(wayledger, who),
    free: () => freeOf(wayledger),
    available: () => availableOf(wayledger),
    async broken() {
      await wayledger.catchUp();
      return broken(wayledger);
    },
    async remove() {
      for (const end of toEnd) await end();
      await wayledger.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

const DAY = { at: '2026-04-02' };

async function found(wayledger: Wayledger, pot: Pence): Promise<void> {
  const lines: [string, object, string?][] = [
    ['RegisterOrganisation', { organisation: 'north', name: 'North', roles: ['anchor'] }],
    ['RegisterOrganisation', { organisation: 'allot', name: 'Allotments', roles: ['provider'] }],
    ['RegisterService', { service: 'gardening', provider: 'allot', name: 'Gardening' }],
    ['RegisterLinkWorker', { linkWorker: 'ann', employer: 'north' }],
    ['ReceiveFund', { anchor: 'north', fund: FUND, funder: 'tnlcf', amount: Number(pot) }],
    [
      'OpenBudget',
      {
        ...{ anchor: 'north', fund: FUND, year: YEAR },
        pots: [{ pot: 'prescribing', amount: Number(pot) }],
      },
    ],
    [
      'SignAgreement',
      {
        ...{ agreement: 'garden', payer: 'north', payee: 'allot', services: ['gardening'] },
        components: [{ component: 'sessions', trigger: 'session-attended', amount: 1250 }],
      },
    ],
  ];
  for (const [index, [command, data]] of lines.entries()) {
    await must(wayledger, { id: `found-${index}`, command, ...DAY, data });
  }
}

async function refer(wayledger: Wayledger, referral: string): Promise<void> {
  const lines: [string, object][] = [
    [
      'Refer',
      {
        ...{ referral, person: referral, anchor: 'north', area: 'hill', scheme: 'spring' },
        ...{ route: 'gp', name: referral, contact: '028 9018 0000' },
      },
    ],
    ['AcceptReferral', { referral, by: 'anchor' }],
    ['AssignLinkWorker', { referral, linkWorker: 'ann' }],
    ['RecordConsent', { referral, scopes: ['share-with-providers'] }],
  ];
  for (const [command, data] of lines) {
    await must(wayledger, { id: `${referral} ${command}`, command, ...DAY, data });
  }
}

export function prescribe(referral: string, id = `${referral} Prescribe`): Line {
  const money = { agreement: 'garden', fund: FUND, year: YEAR, pot: 'prescribing' };
  const what = { service: 'gardening', provider: 'allot', plannedSessions: 4, ...money };
  const data = { referral, prescription: referral, ...what };
  return { id, command: 'Prescribe', at: '2026-05-04', data };
}

export function dropOut(referral: string): Line {
  const data = { referral, prescription: referral };
  return { id: `${referral} RecordDropOut`, command: 'RecordDropOut', at: '2026-05-20', data };
}

/** On a day before the drop-out. */
export function attend(referral: string): Line {
  const data = { referral, prescription: referral };
  return { id: `${referral} Attended`, command: 'RecordAttendance', at: '2026-05-11', data };
}

/** That the person never dropped out. */
export function voidDropOut(referral: string): Line {
  const corrects = dropOut(referral).id;
  const data = { referral, corrects, kind: 'void', reasonCode: 'entered-in-error' };
  return { id: `${referral} CorrectEntry`, command: 'CorrectEntry', at: '2026-05-25', data };
}

const MONEY = [
  ...['FundsReserved', 'FundsReleased', 'FundsDrawn', 'Prescribed', 'PrescriptionAbandoned'],
  ...['Attended', 'DroppedOut', 'PrescriptionRepriced', 'EntryCorrected'],
];

async function story({ log }: Pick<Engine, 'log'>, who: string): Promise<string[]> {
  const id = names().idOf('referral', who) as ReferralId;
  const prescription = names().idOf('prescription', who);
  const types: string[] = [];
  for await (const page of log.readLog({ after: 0n, max: 1_000, filter: { types: MONEY } })) {
    for (const { stream, type, data } of page) {
      if (stream === referralStream(id) || (stream === BUDGET && data.includes(prescription))) {
        types.push(type);
      }
    }
  }
  return types;
}

async function freeOf({ log, codec }: Pick<Engine, 'log' | 'codec'>): Promise<Pence> {
  let free = 0n;
  for await (const stored of log.readStream(BUDGET)) {
    const { type, data } = codec.decode(stored);
    const { pots, amount } = data as { pots?: { amount: Pence }[]; amount?: Pence };
    if (pots !== undefined) free = pots[0]?.amount ?? 0n;
    else free += type === 'FundsReleased' ? (amount ?? 0n) : -(amount ?? 0n);
  }
  return free;
}

async function availableOf(wayledger: Wayledger): Promise<Pence> {
  await wayledger.catchUp();
  const balances = await wayledger.query(new BalancesQuery(NORTH));
  const pot = balances.find(({ account }) => account.endsWith(':available:prescribing'));
  return -(pot?.balance ?? 0n);
}

/** What of the books does not hold; the read models have caught up. */
export async function broken(
  engine: Pick<Engine, 'log' | 'codec' | 'views' | 'runner'>,
): Promise<string[]> {
  const checks: Check[] = [];
  for await (const check of verify(engine)) checks.push(check);
  if (checks.length < 10) throw new Error('verify made its checks');
  return checks.filter(({ ok }) => !ok).map(({ name }) => name);
}
