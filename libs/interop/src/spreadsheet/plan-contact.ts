import { CONTACT_MODES } from '#referral';
import { readMinutes } from './cells.js';
import { given } from './plan-referral.js';
import { keyOf, type Planned, type Planning } from './planned.js';
import type { RowReader } from './row-reader.js';

const FIELD_OF = {
  referral: 'reference',
  at: 'date',
  mode: 'mode',
  minutes: 'minutes',
  note: 'notes',
};

/** A conversation: one of several on a day is told apart by its place among them. */
export function planContact(reader: RowReader, { setup, referrals, contacts }: Planning): Planned {
  const named = reader.needed('reference', 'The reference of the referral');
  const on = reader.neededDate('date');
  const how = reader.needed('mode', 'How the contact was made', setup.modes);
  const mode = how && reader.word<string>('mode', setup.modes, CONTACT_MODES, 'words.contactModes');
  const minutes = reader.read('minutes', readMinutes) ?? setup.unknownMinutes;
  const note = reader.text('notes');
  if (reader.reasons.length > 0 || !named || !on || !mode) return { keys: [] };
  const referral = referrals.spelled(named);
  const data = { referral, mode, ...given({ minutes, note }) };
  const number = numberOn(contacts, keyOf(referral, on), JSON.stringify(data));
  return {
    fieldOf: FIELD_OF,
    restsOn: { key: keyOf('referral', referral), what: `its referral ${referral}` },
    commands: [
      {
        key: keyOf('contact', referral, on, String(number)),
        command: 'RecordContact',
        at: on,
        data,
      },
    ],
  };
}

function numberOn(contacts: Map<string, string[]>, day: string, said: string): number {
  const before = contacts.get(day) ?? [];
  contacts.set(day, before);
  const known = before.indexOf(said);
  return known === -1 ? before.push(said) : known + 1;
}
