import { readFileSync } from 'node:fs';
import { idFieldsOf } from '#kernel';
import { FileNames } from '#interop';
import { commandCatalogue } from '#engine';
import { EXAMPLE } from '../../cli/testing/command-line.js';
import { SETUP, type Line } from '../../crash/testing/commands.js';
import { plantedLines } from '../../protected/testing/planted.js';
import { commandRoutes } from '../../../apps/api/src/commands/index.js';
import type { Answer, Service } from './service.js';

const MANAGER = { id: 'mo', role: 'anchor', organisation: 'north' };
const PROVIDER = { id: 'plot-holder', role: 'provider', organisation: 'allot' };
const BUDGET = { anchor: 'north', fund: 'lottery', year: 2024 };
const SERVICE = { service: 'gardening', provider: 'allot' };

const FULL = { service: 'walking', provider: 'allot' };

type Given = readonly [command: string, data: object, actor?: object];

/** What neither of the two histories has. */
const REST: readonly Given[] = [
  ['ChangeBudget', { ...BUDGET, changes: [{ pot: 'training', amount: 5 }] }],
  ['RecordOpeningBalance', { ...BUDGET, bank: 0 }],
  [
    'Refer',
    {
      anchor: 'north',
      scheme: 'spring',
      route: 'gp',
      referrer: 'surgery',
      name: 'A',
      contact: 'B',
    },
  ],
  ['AcceptReferral', { by: 'person' }],
  ['AssignLinkWorker', { linkWorker: 'lw-a' }],
  ['RecordConsent', { scopes: ['sharing'] }],
  ['WithdrawConsent', { scopes: ['sharing'] }],
  ['PlanContact', { on: '2024-06-03', mode: 'phone' }],
  ['RecordContactAttempt', { mode: 'phone', outcome: 'no-answer', minutes: 2 }],
  ['Prescribe', { prescription: 'rest', ...SERVICE }],
  ['RecordAttendance', { prescription: 'rest', session: 'rest-1' }, PROVIDER],
  [
    'AddSessionEvidence',
    { prescription: 'rest', session: 'rest-1', says: 'attended', evidence: { kind: 'register' } },
  ],
  ['CompletePrescription', { prescription: 'rest' }],
  ['SendFeedback', {}],
  ['AcknowledgeFeedback', {}, { id: 'dr-x', role: 'referrer', organisation: 'surgery' }],
  ['Prescribe', { prescription: 'lapsing', ...FULL, waitlist: true }],
  ['OfferPlace', { prescription: 'lapsing', override: { reason: 'kept free' } }],
  ['LapsePlace', { prescription: 'lapsing' }],
  ['EndAgreement', { payer: 'north', agreement: 'allot-2024', until: '2025-03-31' }],
];

const SURGERY = { organisation: 'surgery', name: 'Surgery', roles: ['referrer'] };

function restLines(): Line[] {
  const given: readonly Given[] = [['RegisterOrganisation', SURGERY], ...REST];
  return given.map(([command, data, actor = MANAGER], index) => {
    const isOfReferral = commandRoutes.some(
      ({ name, slice }) => name === command && slice === 'referral',
    );
    const of = isOfReferral ? { referral: 'rest' } : {};
    return { id: `rest-${index}`, command, at: '2024-06-03', actor, data: { ...of, ...data } };
  });
}

/** Lines of command files that together give every command there is. */
export function scenarioLines(): Line[] {
  const example = readFileSync(EXAMPLE, 'utf8').trim().split('\n');
  return [
    ...example.map((text) => JSON.parse(text) as Line),
    ...[...SETUP, ...plantedLines(), ...restLines()],
  ];
}

export interface Posted {
  readonly command: string;
  readonly path: string;
  readonly body: object;
  readonly answer: Answer;
}

/**
 * Gives the commands of lines over HTTP, under the ids that a file's names stand for. `ifMatch`: of
 * those on a referral.
 */
export async function postLines(
  service: Service,
  lines: readonly Line[],
  ifMatch = '*',
): Promise<Posted[]> {
  const names = new FileNames('scenario');
  const posted: Posted[] = [];
  for (const line of lines) {
    const { id, command, at, actor, data } = line as Line & { id: string; command: string };
    const route = commandRoutes.find(({ name }) => name === command)!;
    const body = { at, actor, data: withIds(command, data as object, names) };
    const versioned: Record<string, string> = route.versioned ? { 'If-Match': ifMatch } : {};
    const answer = await service.post(route.path, names.commandIdOf(id), body, versioned);
    posted.push({ command, path: route.path, body, answer });
  }
  return posted;
}

function withIds(command: string, data: object, names: FileNames): object {
  const fields = idFieldsOf(commandCatalogue[command]!);
  return Object.fromEntries(
    Object.entries(data).map(([field, value]) => {
      const kind = fields.get(field);
      const idOf = (name: string) =>
        kind === undefined || kind === 'entry' ? names.commandIdOf(name) : names.idOf(kind, name);
      if (kind === undefined) return [field, value];
      return [field, Array.isArray(value) ? value.map(idOf) : idOf(String(value))];
    }),
  );
}
