import type { Random } from './random.js';

/** A line of a command file. */
export type Line = Readonly<Record<string, unknown>>;

const FINANCE = { id: 'finance', role: 'anchor', organisation: 'north' };
const LINK_WORKER = { id: 'ann', role: 'link-worker', organisation: 'north' };
const PROVIDER = { id: 'plot-holder', role: 'provider', organisation: 'allot' };

/** Everything happened in one budget year that is over: no clock comes near it. */
const DAY_ONE = Date.UTC(2024, 3, 2);
const DAY_MS = 24 * 60 * 60 * 1000;
const dayOf = (index: number) => new Date(DAY_ONE + index * DAY_MS).toISOString().slice(0, 10);

/** One anchor, one provider, one agreement, and one pot that everybody draws on. */
export const SETUP: readonly Line[] = [
  ['RegisterOrganisation', { organisation: 'north', name: 'North', roles: ['anchor'] }],
  ['RegisterOrganisation', { organisation: 'allot', name: 'Allotments', roles: ['provider'] }],
  ['RegisterService', { service: 'gardening', provider: 'allot', name: 'Gardening' }],
  ['RegisterLinkWorker', { linkWorker: 'lw-a', employer: 'north' }],
  ['ReceiveFund', { anchor: 'north', fund: 'lottery', funder: 'tnlcf', amount: 900_000_00 }],
  [
    'OpenBudget',
    {
      anchor: 'north',
      fund: 'lottery',
      year: 2024,
      pots: [{ pot: 'prescribing', amount: 900_000_00 }],
    },
  ],
  [
    'SignAgreement',
    {
      agreement: 'allot-2024',
      payer: 'north',
      payee: 'allot',
      services: ['gardening'],
      components: [
        { component: 'start', trigger: 'prescribed', amount: 500 },
        { component: 'sessions', trigger: 'session-attended', amount: 1001, per: 'course' },
        { component: 'fee', trigger: 'session-missed', amount: 100, limit: 2 },
        { component: 'end', trigger: 'completed', amount: 750 },
      ],
    },
  ],
].map(([command, data], index) => ({
  id: `setup-${index}`,
  command,
  at: '2024-04-01',
  actor: FINANCE,
  data,
}));

/** The lines of many referrals, mixed as they are in real life, each referral in its own order. */
export function referralLines(random: Random, referrals: number): Line[] {
  return mixed(
    random,
    Array.from({ length: referrals }, (_, index) => linesOfReferral(random, `r${index}`)),
  );
}

/** Each in its own order, several at a time. */
export function mixed(random: Random, several: readonly (readonly Line[])[]): Line[] {
  const waiting = several.map((lines) => [...lines]);
  const lines: Line[] = [];
  while (waiting.length > 0) {
    const at = random.below(Math.min(waiting.length, 8));
    const next = waiting[at]?.shift();
    if (next === undefined) waiting.splice(at, 1);
    else lines.push(next);
  }
  return lines;
}

/** From the day it was received to its end. */
export function linesOfReferral(random: Random, referral: string): Line[] {
  const lines: Line[] = [];
  let day = random.below(30);
  const add = (command: string, data: object, actor: object = LINK_WORKER) => {
    const id = `${referral}-${lines.length}`;
    lines.push({ id, command, at: dayOf(day), actor, data: { referral, ...data } });
    day += random.below(5);
  };
  add('Refer', {
    ...{ person: `p-${referral}`, anchor: 'north', scheme: 'spring', route: 'gp' },
    ...{ name: `Person of ${referral}`, contact: '07700 900000', needs: ['loneliness'] },
  });
  add('AcceptReferral', { by: 'person' });
  add('AssignLinkWorker', { linkWorker: 'lw-a' });
  add('RecordConsent', { scopes: ['sharing'] });
  add('RecordContact', { mode: 'phone', minutes: 20, note: 'likes the outdoors' });
  const prescriptions = 1 + random.below(2);
  for (let index = 0; index < prescriptions; index += 1) {
    addPrescription(random, add, `${referral}-p${index}`);
  }
  if (random.below(2) === 0) add('RecordDropOut', { reason: 'moved away' });
  return lines;
}

type Add = (command: string, data: object, actor?: object) => void;

function addPrescription(random: Random, add: Add, prescription: string): void {
  const plannedSessions = 1 + random.below(4);
  add('Prescribe', {
    ...{ prescription, service: 'gardening', provider: 'allot', plannedSessions },
    ...{ agreement: 'allot-2024', fund: 'lottery', year: 2024, pot: 'prescribing' },
  });
  const held = random.below(plannedSessions + 1);
  for (let session = 0; session < held; session += 1) {
    const data = { prescription, session: `${prescription}-s${session}` };
    if (random.below(3) === 0) add('RecordMissed', { ...data, reason: 'no bus' }, PROVIDER);
    else add('RecordAttendance', data, PROVIDER);
  }
  const end = random.below(4);
  if (end === 0) add('CompletePrescription', { prescription });
  if (end === 1) add('CancelPrescription', { prescription, by: 'person', reason: 'no time' });
  if (end === 2) add('RecordDropOut', { prescription });
}
