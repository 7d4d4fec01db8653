import { refuse, type CivilDate } from '#kernel';
import { REFERRAL_KINDS, ROUTES } from '#referral';
import { fold, readIdentifier, readList, readName, readWhole, yesOrNo } from './cells.js';
import { keyOf, type Planned, type Planning, type PlannedCommand } from './planned.js';
import type { RowReader } from './row-reader.js';
import type { Setup } from './setup.js';

const FIELD_OF = {
  referral: 'reference',
  at: 'date',
  route: 'route',
  kind: 'kind',
  referrer: 'practice',
  name: 'name',
  contact: 'postcode',
  dateOfBirth: 'dateOfBirth',
  nhsNumber: 'nhsNumber',
  chiNumber: 'chiNumber',
  ageAtReferral: 'age',
  needs: 'needs',
  reason: 'notes',
  linkWorker: 'linkWorker',
  scopes: 'consent',
};

/** The referral, that the anchor took it on, what the person agreed to, and who supports them. */
export function planReferral(reader: RowReader, { setup, referrals, today }: Planning): Planned {
  const written = reader.needed('reference', 'The reference');
  const reference = written === undefined ? undefined : referrals.spelled(written);
  const on = reader.neededDate('date');
  const route = reader.needed('route', 'Who referred', setup.routes) && routeOf(reader, setup);
  const kind = kindOf(reader, setup);
  const about = whoAndWhy(reader, setup, on ?? today);
  const referrer = referrerOf(reader, setup, route);
  const consent = consentOf(reader, setup, on);
  const linkWorker = workerOf(reader, setup);
  const key = keyOf('referral', reference ?? '');
  const wrong = reader.reasons.length > 0;
  if (wrong || reference === undefined || on === undefined || route === undefined) {
    return { keys: reference === undefined ? [] : keysOfReferral(reference) };
  }
  referrals.add(reference, true);
  const { anchor, scheme } = setup;
  const person = reader.text('person') ?? reference;
  const command = (part: string, name: string, data: object, at = on): PlannedCommand => ({
    ...{ key: keyOf('referral', reference, part), command: name, at },
    data: { referral: reference, ...data },
  });
  const how = { ...given({ kind }), route, ...referrer };
  const main = { referral: reference, person, anchor, scheme, ...how, ...about };
  return {
    fieldOf: FIELD_OF,
    commands: [
      { key, command: 'Refer', at: on, data: main },
      command('accepted', 'AcceptReferral', { by: 'anchor' }),
      ...(consent === undefined
        ? []
        : [command('consent', 'RecordConsent', { scopes: setup.consentScopes }, consent)]),
      ...(linkWorker === undefined
        ? []
        : [command('link-worker', 'AssignLinkWorker', { linkWorker })]),
    ],
  };
}

export function keysOfReferral(reference: string): string[] {
  const parts = ['accepted', 'consent', 'link-worker'].map((p) => keyOf('referral', reference, p));
  return [keyOf('referral', reference), ...parts];
}

function routeOf(reader: RowReader, { routes }: Setup): string | undefined {
  return reader.word<string>('route', routes, ROUTES, 'words.routes');
}

/** Where the scheme tells kinds apart. */
function kindOf(reader: RowReader, { kinds, unknownKind }: Setup): string | undefined {
  return reader.word<string>('kind', kinds, REFERRAL_KINDS, 'words.kinds') ?? unknownKind;
}

/** What is protected from here on: who it is, how to reach them, and why they come. */
function whoAndWhy(reader: RowReader, { unknownContact }: Setup, on: CivilDate) {
  const whole = reader.read('name', readName);
  const parts = [reader.text('firstName'), reader.text('surname')].filter(Boolean).join(' ');
  const name = whole ?? (parts === '' ? undefined : parts);
  const reached = ['phone', 'email', 'address', 'postcode'].flatMap((f) => reader.text(f) ?? []);
  const contact = reached.length === 0 ? unknownContact : reached.join(', ');
  const dateOfBirth = reader.date('dateOfBirth', 'birth', on);
  const nhsNumber = reader.read('nhsNumber', (cell) => readIdentifier(cell, 'nhsNumber'));
  const chiNumber = reader.read('chiNumber', (cell) => readIdentifier(cell, 'chiNumber'));
  const ageAtReferral = reader.read('age', readWhole);
  const needs = reader.read('needs', readList);
  const reason = reader.text('notes');
  return given({ name, contact, dateOfBirth, nhsNumber, chiNumber, ageAtReferral, needs, reason });
}

/** A practice is the referrer where it referred; else it is where the person is registered. */
function referrerOf(reader: RowReader, { practices }: Setup, route: string | undefined) {
  if (route !== 'gp' && route !== 'practice-staff') return {};
  const names = new Map([...practices].map(([name, { organisation }]) => [name, organisation]));
  const referrer = reader.word('practice', names, [], 'practices');
  return given({ referrer });
}

/** The day of the consent; `undefined` where there is none. */
function consentOf(
  reader: RowReader,
  { consent }: Setup,
  on: CivilDate | undefined,
): CivilDate | undefined {
  const given = reader.date('consentDate');
  const read = (cell: string) =>
    consent.get(fold(cell)) ??
    yesOrNo(cell) ??
    refuse(
      'unknown-word',
      'This is neither yes nor no: correct it, or say in setup.yaml, under words.consent, what ' +
        'it stands for.',
    );
  const said = reader.read('consent', read, consent);
  return said === true ? (given ?? on) : undefined;
}

function workerOf(reader: RowReader, { linkWorkers, unknownLinkWorker }: Setup) {
  const read = (cell: string) =>
    linkWorkers.get(fold(cell)) ??
    refuse(
      'unknown-word',
      'Nobody knows this link worker: correct the name, or add it to setup.yaml under linkWorkers.',
    );
  return reader.read('linkWorker', read, linkWorkers) ?? unknownLinkWorker;
}

export function given<T extends object>(fields: T): Partial<T> {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as Partial<T>; // The same fields, without the empty ones.
}
