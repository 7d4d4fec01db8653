import { refuse, type CivilDate, type Refusal } from '#kernel';
import { MISSED_CLASSES, type MissedClass } from '#referral';
import { fold, readWhole, yesOrNo } from './cells.js';
import { given } from './plan-referral.js';
import { keyOf, type Planned, type Planning } from './planned.js';
import type { RowReader } from './row-reader.js';
import { ATTENDED, type AttendedWord, type Setup } from './setup.js';

const FIELD_OF = {
  referral: 'prescription',
  prescription: 'prescription',
  session: 'session',
  number: 'session',
  at: 'date',
  late: 'attended',
  class: 'reason',
  reason: 'reason',
};

/** The everyday words; a spreadsheet's own are in its setup. */
const OWN_WORDS: ReadonlyMap<string, AttendedWord> = new Map([
  ...['attended', 'present', 'came', 'here'].map((word) => [word, 'attended'] as const),
  ...['late', 'attended late', 'came late', 'yes late', 'y late'].map(
    (word) => [word, 'late'] as const,
  ),
  ...['missed', 'absent', 'dna', 'did not attend'].map((word) => [word, 'missed'] as const),
  ...['dropped out', 'drop out', 'dropout', 'stopped', 'left'].map(
    (word) => [word, 'dropped-out'] as const,
  ),
]);
const NO_REASON = [
  'no reason',
  'none',
  'none given',
  'no reason given',
  'not stated',
  'unknown',
  '',
];
/** What every scheme's list of reasons has. */
const NO_REASON_GIVEN = 'no-reason-given';

export function planSession(reader: RowReader, { setup, prescriptions }: Planning): Planned {
  const named = reader.needed('prescription', 'The reference of the prescription');
  const number = reader.read('session', readWhole);
  const on = reader.neededDate('date');
  const what = attendedOf(reader, setup);
  const prescription = named === undefined ? undefined : prescriptions.spelled(named);
  const known = prescription === undefined ? undefined : prescriptions.get(prescription);
  if (prescription !== undefined && known === undefined) {
    reader.refuse(
      'prescription',
      refuse(
        'no-such-prescription',
        'There is no such prescription: it is neither in these files nor was it imported before.',
      ),
    );
  }
  // Here and not left to the decider: such a row must not stand in the way of a right one.
  if (on !== undefined && known?.prescribedOn !== undefined && on < known.prescribedOn) {
    reader.refuse(
      'date',
      refuse(
        'before-the-prescription',
        `${on} is before it was prescribed, ${known.prescribedOn}.`,
      ),
    );
  }
  const why = what && whyOf(reader, setup, what);
  const ends = what === 'dropped-out';
  const key =
    prescription && on && what && sessionKey(prescription, ends ? undefined : number, on, what);
  if (reader.reasons.length > 0 || !prescription || !known || !on || !what || !key) {
    return { keys: key ? [key] : [] };
  }
  const at = { referral: known.referral, prescription };
  const session = { ...at, session: key, ...given({ number }) };
  const data = {
    attended: session,
    late: { ...session, late: true },
    missed: { ...session, ...why },
    'dropped-out': { ...at, ...why },
  }[what];
  const command = ends ? 'RecordDropOut' : what === 'missed' ? 'RecordMissed' : 'RecordAttendance';
  return {
    fieldOf: FIELD_OF,
    restsOn: {
      key: keyOf('prescription', prescription),
      what: `its prescription ${prescription}`,
    },
    commands: [{ key, command, at: on, data }],
  };
}

/** By its number where it has one, else by its day and kind. */
function sessionKey(
  prescription: string,
  number: number | undefined,
  on: CivilDate,
  what: AttendedWord,
): string {
  if (number !== undefined) return keyOf('session', prescription, String(number));
  const kind = what === 'late' ? 'attended' : what;
  return keyOf('session', prescription, on, kind);
}

/** Whether a word under attended needs no explaining. */
export function isEverydayAttended(cell: string): boolean {
  return OWN_WORDS.has(fold(cell)) || yesOrNo(cell) !== null;
}

export function isNoReason(cell: string): boolean {
  return NO_REASON.includes(fold(cell));
}

function attendedOf(reader: RowReader, { attended, missed }: Setup): AttendedWord | undefined {
  const words = new Map<string, unknown>([...attended, ...missed]);
  if (reader.needed('attended', 'Whether the person came', words) === undefined) return undefined;
  const read = (cell: string): AttendedWord | Refusal => {
    const word = fold(cell);
    const own = attended.get(word) ?? OWN_WORDS.get(word);
    if (own !== undefined) return own;
    const came = yesOrNo(cell);
    if (came !== null) return came ? 'attended' : 'missed';
    // A reason where Y or N should stand says that the person did not come, and why.
    if (missed.has(word)) return 'missed';
    return refuse(
      'unknown-word',
      'Nobody knows this word for what happened: write Y, N, late or dropped out, or say in ' +
        `setup.yaml, under words.attended, which it is: ${ATTENDED.join(', ')}.`,
    );
  };
  return reader.read('attended', read, words);
}

/** `cancelled by provider` in place of N: what it costs hangs on it. */
function whyByAttended(reader: RowReader, missed: Setup['missed']) {
  const reason = reader.text('attended', missed) ?? '';
  const known = missed.get(fold(reason));
  return known === undefined ? { class: 'not-stated' } : { class: known, reason };
}

/** A reason for missing has a class, one for stopping a code or words of its own. */
function whyOf(reader: RowReader, { missed, dropOut }: Setup, what: AttendedWord) {
  if (what === 'attended' || what === 'late') return {};
  const reason = reader.text('reason', what === 'missed' ? missed : dropOut);
  const silent = isNoReason(reason ?? '');
  if (what === 'dropped-out') {
    if (reason === undefined) return {};
    return { reason: dropOut.get(fold(reason)) ?? (silent ? NO_REASON_GIVEN : reason) };
  }
  if (silent) return whyByAttended(reader, missed);
  const known = reader.word<MissedClass>('reason', missed, MISSED_CLASSES, 'words.missed');
  return known === undefined ? {} : { class: known, reason };
}
