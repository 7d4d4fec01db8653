import type { CivilDate } from '#kernel';
import { fold } from './cells.js';
import { readRows, type ReadFile } from './read-rows.js';
import type { MappedFile } from './mapping.js';
import { planContact } from './plan-contact.js';
import { planPrescription } from './plan-prescription.js';
import { planReferral } from './plan-referral.js';
import { planSession } from './plan-session.js';
import type { Planned, Planning, PlannedRow, RefusedRow, SheetRow } from './planned.js';
import { RowReader } from './row-reader.js';
import { SHEETS, type Sheet } from './fields.js';

/** People whom somebody has yet to ask something, by their reference. */
export interface ToBeAsked {
  /** No mark under consent. */
  readonly consent: readonly string[];
  /** They said no. */
  readonly refusedConsent: readonly string[];
  readonly contact: readonly string[];
}

export interface Plan {
  /** In the order in which they are given. */
  readonly rows: readonly PlannedRow[];
  readonly refused: readonly RefusedRow[];
  /** Rows that say once more what a row before them said. */
  readonly repeated: readonly { readonly row: SheetRow; readonly first: number }[];
  readonly toBeAsked: ToBeAsked;
  /** Contacts of unknown length, recorded as the setup says. */
  readonly withoutMinutes: number;
  readonly counted: ReadonlyMap<string, number>;
}

const PLANS = {
  referrals: planReferral,
  prescriptions: planPrescription,
  contacts: planContact,
  sessions: planSession,
} as const satisfies Record<Sheet, (reader: RowReader, planning: Planning) => Planned>;

/** All that a spreadsheet asks for. `bytesOf`: the files that the mapping names. */
export function planImport(
  files: readonly MappedFile[],
  bytesOf: (file: string) => Buffer,
  planning: Planning,
): Plan {
  const rows: PlannedRow[] = [];
  const refused: RefusedRow[] = [];
  const counted = new Map<string, number>();
  // What others rest on is read first, whatever the order of the files.
  const inOrder = SHEETS.flatMap((sheet) => files.filter((mapped) => mapped.sheet === sheet));
  for (const mapped of inOrder) {
    const read = readRows(mapped, bytesOf(mapped.file), planning.today);
    refused.push(...read.refused);
    counted.set(mapped.file, read.rows.length + read.refused.length);
    planFile(read, mapped.sheet, planning, rows, refused);
  }
  const { kept, repeated } = apart(rows, refused);
  return {
    ...{ rows: inOrderOfDays(kept), refused, repeated, counted },
    toBeAsked: toBeAskedOf(kept, planning),
    withoutMinutes: kept.filter((one) => one.row.sheet === 'contacts' && !says(one, 'minutes'))
      .length,
  };
}

function planFile(
  { rows, facts }: ReadFile,
  sheet: Sheet,
  planning: Planning,
  planned: PlannedRow[],
  refused: RefusedRow[],
): void {
  for (const row of rows) {
    const reader = new RowReader(row, facts);
    if (isTotals(row, reader)) {
      refused.push({ row, reasons: [TOTALS], keys: [] });
      continue;
    }
    const plan = PLANS[sheet](reader, planning);
    if ('keys' in plan) refused.push({ row, reasons: reader.reasons, keys: plan.keys });
    else planned.push({ row, ...plan });
  }
}

const TOTALS = {
  code: 'totals',
  message: 'This seems to be a row of totals, which says nothing of one person: take it out.',
};

/** What happened has a day; what is added up has none. */
function isTotals({ cells }: SheetRow, reader: RowReader): boolean {
  if (!cells.some((cell) => /^(?:(?:grand |sub)?totals?|sum)$/u.test(fold(cell)))) return false;
  return !/\d/u.test(reader.text('date') ?? '');
}

/** The same row again is no second fact; another row of the same key cannot be told apart. */
function apart(rows: readonly PlannedRow[], refused: RefusedRow[]) {
  const first = new Map<string, { row: SheetRow; said: string }>();
  const kept: PlannedRow[] = [];
  const repeated: { row: SheetRow; first: number }[] = [];
  for (const planned of rows) {
    const { row, commands } = planned;
    const [{ key }] = commands;
    const said = JSON.stringify(commands);
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, { row, said });
      kept.push(planned);
    } else if (before.said === said) {
      repeated.push({ row, first: before.row.line });
    } else {
      const where = before.row.file === row.file ? '' : ` of ${before.row.file}`;
      const message =
        `Line ${before.row.line}${where} is about the same ${SINGULAR[row.sheet]} and says ` +
        'otherwise: take one of the two out, or give it a reference or number of its own.';
      refused.push({ row, reasons: [{ code: 'said-otherwise', message }], keys: [] });
    }
  }
  return { kept, repeated };
}

const SINGULAR = {
  referrals: 'referral',
  prescriptions: 'prescription',
  contacts: 'contact',
  sessions: 'session',
} as const satisfies Record<Sheet, string>;

/**
 * By day, and nothing before what it rests on: of a session that is dated before its prescription
 * the one to be told is that, not that there is no such prescription.
 */
function inOrderOfDays(rows: readonly PlannedRow[]): PlannedRow[] {
  const day = new Map<string, CivilDate>();
  const placed = rows.map((planned, index) => {
    const [{ key, at }] = planned.commands;
    const after = planned.restsOn && day.get(planned.restsOn.key);
    const on = after !== undefined && after > at ? after : at;
    day.set(key, on);
    return { planned, on, rank: SHEETS.indexOf(planned.row.sheet), index };
  });
  placed.sort((a, b) => {
    if (a.on !== b.on) return a.on < b.on ? -1 : 1;
    return a.rank === b.rank ? a.index - b.index : a.rank - b.rank;
  });
  return placed.map(({ planned }) => planned);
}

const says = ({ row }: PlannedRow, field: string) =>
  new RowReader(row, NO_FACTS).text(field) !== undefined;

function toBeAskedOf(rows: readonly PlannedRow[], { setup }: Planning): ToBeAsked {
  const referrals = rows.filter(({ row }) => row.sheet === 'referrals');
  const named = (some: readonly PlannedRow[]) =>
    some.map(({ commands: [{ data }] }) => String(data['referral'])).sort();
  const asked = referrals.filter(({ row }) => row.columns.has('consent'));
  const isMarked = (planned: PlannedRow) => says(planned, 'consent');
  const consents = ({ commands }: PlannedRow) =>
    commands.some((c) => c.command === 'RecordConsent');
  return {
    consent: named(asked.filter((planned) => !isMarked(planned))),
    refusedConsent: named(asked.filter((planned) => isMarked(planned) && !consents(planned))),
    contact: named(
      referrals.filter(({ commands: [{ data }] }) => {
        return data['contact'] === undefined || data['contact'] === setup.unknownContact;
      }),
    ),
  };
}

const NO_FACTS = { monthFirst: new Set<string>(), today: '0001-01-01' as CivilDate };
