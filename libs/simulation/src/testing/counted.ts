import { instrumentOf, scoreOf } from '#referral';
import { simulateAreas } from '../simulate.js';
import type { SimulatedLine, SimulationOptions } from '../simulated-line.js';

/** What became of one person, counted from the lines. */
export interface Became {
  readonly anchor: string;
  route: string;
  referredOn: string;
  contacts: number;
  firstContactOn?: string;
  prescriptions: number;
  attended: number;
  declined: boolean;
  baseline?: number;
  followUp?: number;
}

export interface Counted {
  readonly commands: ReadonlyMap<string, number>;
  readonly people: readonly Became[];
}

/** Counts the contacts as `parameters.ts` says. */
export function counted(options: SimulationOptions): Counted {
  const commands = new Map<string, number>();
  const people = new Map<string, Became>();
  for (const area of simulateAreas(options)) {
    for (const line of area.lines()) {
      commands.set(line.command, (commands.get(line.command) ?? 0) + 1);
      const { referral } = line.data;
      if (typeof referral !== 'string') continue;
      const became = people.get(referral) ?? begun(area.anchor);
      people.set(referral, became);
      count(became, line);
    }
  }
  return { commands, people: [...people.values()] };
}

function begun(anchor: string): Became {
  const nothing = { contacts: 0, prescriptions: 0, attended: 0, declined: false };
  return { anchor, route: '', referredOn: '', ...nothing };
}

function count(became: Became, { command, at, data }: SimulatedLine): void {
  switch (command) {
    case 'Refer':
      became.referredOn = at;
      became.route = String(data['route']);
      break;
    case 'RecordContact':
      became.contacts += 1;
      became.firstContactOn ??= at;
      break;
    case 'RecordFollowUp':
      if (data['reached'] === true) became.contacts += 1;
      break;
    case 'Prescribe':
      became.prescriptions += 1;
      break;
    case 'RecordAttendance':
      became.attended += 1;
      break;
    case 'DeclineReferral':
      became.declined = true;
      break;
    case 'RecordAssessment':
      if (data['instrument'] === 'swemwbs') score(became, data);
      break;
  }
}

function score(became: Became, { purpose, answers }: SimulatedLine['data']): void {
  // A line says the answers of this instrument as numbers.
  const { scoreHundredths = 0 } = scoreOf(instrumentOf('swemwbs'), answers as number[]);
  if (purpose === 'baseline') became.baseline = scoreHundredths / 100;
  else became.followUp = scoreHundredths / 100;
}
