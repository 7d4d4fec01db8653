import type { CommandId, ReferralId } from '#kernel';
import type { FileNames, PlannedCommand, PlannedRow, Sheet } from '#interop';
import type { ReferralEvent } from '#referral';
import type { History, PastFact } from './import-csv-history.js';

/** The planned commands under their ids, held against what earlier imports recorded. */
export interface Held {
  readonly idOf: (command: Pick<PlannedCommand, 'key'>) => {
    readonly name: string;
    readonly id: CommandId;
  };
  /** Recorded by this source, and asked for by no row any more. */
  readonly gone: readonly PastFact[];
  /** A row whose fact was corrected until it said what the row says. */
  readonly correctedAs: (row: PlannedRow) => PastFact | undefined;
  /** A recorded fact that a new row may be an edited form of: it must not be booked twice. */
  readonly movedFrom: (row: PlannedRow) => PastFact | undefined;
}

const SHEET_OF: Partial<Record<ReferralEvent['type'], Sheet>> = {
  Referred: 'referrals',
  ConsentRecorded: 'referrals',
  Prescribed: 'prescriptions',
  FirstContactMade: 'contacts',
  ContactMade: 'contacts',
  Attended: 'sessions',
  Missed: 'sessions',
  DroppedOut: 'sessions',
};

export const sheetOf = ({ fact }: PastFact): Sheet | undefined => SHEET_OF[fact.type];

export function heldAgainst(
  history: History,
  rows: readonly PlannedRow[],
  refusedKeys: readonly string[],
  names: FileNames,
): Held {
  const idOf: Held['idOf'] = ({ key }) => idUnder(key, history, names);
  const asked = new Set<CommandId>();
  for (const { commands } of rows) for (const command of commands) asked.add(idOf(command).id);
  for (const key of refusedKeys) asked.add(idOf({ key }).id);
  const sheets = new Set<Sheet | undefined>(rows.map(({ row }) => row.sheet));
  const missing = [...history.byCommand.values()].filter(
    (past) => !past.voided && !asked.has(past.command) && sheets.has(sheetOf(past)),
  );
  const byReferral = Map.groupBy(missing, ({ referral }) => referral);
  const near = ({ commands: [{ data }] }: PlannedRow) => {
    const referral = names.idOf('referral', String(data['referral'])) as ReferralId;
    return byReferral.get(referral) ?? [];
  };
  const isNew = ({ commands: [command] }: PlannedRow) => !history.byCommand.has(idOf(command).id);
  const correctedAs = (row: PlannedRow) =>
    isNew(row) ? near(row).find((past) => past.amended && saysNow(past, row, names)) : undefined;
  const settled = new Set(rows.map(correctedAs));
  const gone = missing.filter(
    (past) => !settled.has(past) && !goesWithReferral(past, byReferral.get(past.referral) ?? []),
  );
  const isGone = new Set(gone);
  const movedFrom = (row: PlannedRow) =>
    isNew(row) ? near(row).find((past) => isGone.has(past) && mayBe(past, row, names)) : undefined;
  return { idOf, gone, correctedAs, movedFrom };
}

/** A row whose fact was voided is a new fact, under the next id of the same key. */
function idUnder(key: string, { byCommand }: History, names: FileNames) {
  for (let time = 1; ; time += 1) {
    const name = time === 1 ? key : `${key}~${time}`;
    const id = names.commandIdOf(name);
    if (byCommand.get(id)?.voided !== true) return { name, id };
  }
}

/** Who is told that a referral is gone need not be told so of its consent. */
function goesWithReferral({ fact }: PastFact, missingOfIt: readonly PastFact[]): boolean {
  if (fact.type !== 'ConsentRecorded') return false;
  return missingOfIt.some((other) => other.fact.type === 'Referred');
}

/** Whether the fact, as it was amended, is what the row says. */
function saysNow(past: PastFact, planned: PlannedRow, names: FileNames): boolean {
  if (!sameKind(past, planned, names)) return false;
  const [{ at, data }] = planned.commands;
  const { fact, amended = {} } = past;
  if ((amended.on ?? past.on) !== at) return false;
  if (fact.type !== 'Attended' && fact.type !== 'Missed') return true;
  return data['number'] === undefined || data['number'] === (amended.number ?? fact.data.number);
}

/** Whether a fact that no row asks for any more may be what this new row was before an edit. */
function mayBe(past: PastFact, planned: PlannedRow, names: FileNames): boolean {
  if (!sameKind(past, planned, names)) return false;
  const [{ command, at, data }] = planned.commands;
  if (command === 'RecordContact') return true;
  // With a number or reference of its own it is another one, unless only that was edited.
  return (data['number'] === undefined && command !== 'Prescribe') || past.on === at;
}

function sameKind({ fact }: PastFact, planned: PlannedRow, names: FileNames): boolean {
  const [{ command, data }] = planned.commands;
  const mine = (prescription: string) =>
    names.idOf('prescription', String(data['prescription'])) === prescription;
  switch (fact.type) {
    case 'FirstContactMade':
    case 'ContactMade':
      return command === 'RecordContact';
    case 'Attended':
    case 'Missed': {
      const session = command === 'RecordAttendance' || command === 'RecordMissed';
      return session && mine(fact.data.prescription);
    }
    case 'DroppedOut':
      if (fact.data.scope === 'referral') return false;
      return command === 'RecordDropOut' && mine(fact.data.prescription);
    case 'Prescribed':
      return command === 'Prescribe' && fact.data.service === data['service'];
    default:
      return false;
  }
}
