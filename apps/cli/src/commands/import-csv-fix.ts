import type { CivilDate } from '#kernel';
import type { PlannedCommand, Setup } from '#interop';
import type { PastFact } from './import-csv-history.js';

/** A line of a command file that would put the record right, for a person to check and give. */
export type FixLine = Readonly<Record<string, unknown>>;

/** What was recorded, in words without anything personal. */
export function recordedAs({ fact, on, amended = {} }: PastFact): string {
  const day = amended.on ?? on;
  switch (fact.type) {
    case 'Attended':
      return `session ${amended.number ?? fact.data.number} on ${day}, attended${fact.data.late === true ? ' late' : ''}`;
    case 'Missed':
      return `session ${amended.number ?? fact.data.number} on ${day}, missed (${amended.class ?? fact.data.class})`;
    case 'FirstContactMade':
    case 'ContactMade':
      return `contact on ${day}, ${amended.mode ?? fact.data.mode}, ${amended.minutes ?? fact.data.minutes} minutes`;
    case 'Prescribed': {
      const { service, provider, plannedSessions } = fact.data;
      const planned = plannedSessions === undefined ? '' : `, ${plannedSessions} sessions planned`;
      return `prescription of ${service} at ${provider} on ${day}${planned}`;
    }
    case 'DroppedOut':
      return `drop-out on ${day}`;
    case 'Referred':
      return `referral on ${day} by the route ${fact.data.route}`;
    case 'ConsentRecorded':
      return `consent on ${day}`;
    case 'LinkWorkerAssigned':
      return `link worker ${fact.data.linkWorker}`;
    default:
      return `${fact.type} on ${day}`;
  }
}

/** Voids a fact that no row asks for any more. */
export function voidLine(past: PastFact, setup: Setup, today: CivilDate): FixLine | undefined {
  const { referral, event: corrects, fact } = past;
  const data = { referral, corrects, kind: 'void', reasonCode: 'entered-in-error' };
  switch (fact.type) {
    case 'Prescribed': {
      const { prescription } = fact.data;
      return line(
        past,
        'CancelPrescription',
        { referral, prescription, by: 'anchor' },
        setup,
        today,
      );
    }
    case 'ConsentRecorded': {
      const { scopes } = fact.data;
      return line(past, 'WithdrawConsent', { referral, scopes }, setup, today);
    }
    case 'Referred':
      return undefined;
    default:
      return line(past, 'CorrectEntry', data, setup, today);
  }
}

/** Brings what was recorded to what the row says now. */
export function amendLine(
  past: PastFact,
  { command, at, data: row }: PlannedCommand,
  setup: Setup,
  today: CivilDate,
): FixLine | undefined {
  const { referral, event: corrects, fact } = past;
  if (fact.type === 'LinkWorkerAssigned') {
    const { linkWorker } = row;
    return line(past, 'AssignLinkWorker', { referral, linkWorker }, setup, today);
  }
  if (fact.type === 'Prescribed') return undefined;
  if (fact.type === 'ConsentRecorded') return undefined;
  const held = { RecordAttendance: 'Attended', RecordMissed: 'Missed' } as Record<string, string>;
  const isOther = (held[command] ?? fact.type) !== fact.type;
  if (isOther || fact.type === 'DroppedOut') return voidLine(past, setup, today);
  const was: Readonly<Record<string, unknown>> = { ...fact.data, on: past.on, ...past.amended };
  const is: Readonly<Record<string, unknown>> = { late: false, ...row, on: at };
  const clear = CLEAR.filter(
    (field) => field in is && is[field] !== (was[field] ?? DEFAULT[field]),
  );
  const mayDiffer = clear.filter((field) => FIELDS[fact.type]?.includes(field) === true);
  const amended =
    mayDiffer.length > 0
      ? Object.fromEntries(mayDiffer.map((field) => [field, is[field]]))
      : (PROTECTED[fact.type] ?? {});
  const data = { referral, corrects, kind: 'amend', ...amended, reasonCode: 'entered-in-error' };
  return line(past, 'CorrectEntry', data, setup, today);
}

const CLEAR = ['on', 'number', 'late', 'class', 'mode', 'minutes'];
const DEFAULT: Readonly<Record<string, unknown>> = { late: false };
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Attended: ['on', 'number', 'late'],
  Missed: ['on', 'number', 'class'],
  FirstContactMade: ['on', 'mode', 'minutes'],
  ContactMade: ['on', 'mode', 'minutes'],
};
const FILL_IN = 'FILL IN';
/** Where nothing else differs it is one of these: what they say is never printed. */
const PROTECTED: Readonly<Record<string, object>> = {
  Missed: { reason: FILL_IN },
  FirstContactMade: { note: FILL_IN },
  ContactMade: { note: FILL_IN },
  Referred: { name: FILL_IN },
};

function line(
  past: PastFact,
  command: string,
  data: object,
  { anchor }: Setup,
  today: CivilDate,
): FixLine {
  const actor = { id: 'FILL IN', role: 'anchor', organisation: anchor };
  return { id: `fix ${past.event} ${today}`, command, at: today, actor, data };
}
