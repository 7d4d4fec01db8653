import type { CivilDate } from '#kernel';
import type { Sheet } from './fields.js';
import type { References } from './known-rows.js';
import type { Setup } from './setup.js';

/** Where something stands that a person can go to and correct. */
export interface SheetPlace {
  readonly file: string;
  readonly line: number;
}

/** A row of a file of the spreadsheet, or a key of the setup file. */
export interface SheetRow extends SheetPlace {
  readonly sheet: Sheet;
  readonly headers: readonly string[];
  readonly cells: readonly string[];
  /** Field to header. */
  readonly columns: ReadonlyMap<string, string>;
}

/** A command that the spreadsheet asks for: the same row always asks for the same one. */
export interface PlannedCommand {
  /** The natural key: what the row is about, within the setup's source. */
  readonly key: string;
  readonly command: string;
  readonly at: CivilDate;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A row that was understood, with all that it asks for, in order. */
export interface PlannedRow {
  readonly row: SheetRow;
  readonly commands: readonly [PlannedCommand, ...PlannedCommand[]];
  /** What it rests on, by key: nothing of it can be recorded where that was refused. */
  readonly restsOn?: { readonly key: string; readonly what: string };
  /** The field of the row that each field of a command comes from. */
  readonly fieldOf: Readonly<Record<string, string>>;
}

/** What the rows of all files are read with. */
export interface Planning {
  readonly setup: Setup;
  readonly today: CivilDate;
  readonly referrals: References<true>;
  /** Whose they are: the reference of the referral, or its id where that is all that is known. */
  readonly prescriptions: References<KnownPrescription>;
  /** How many different contacts each referral has had on each day so far. */
  readonly contacts: Map<string, string[]>;
}

export interface KnownPrescription {
  readonly referral: string;
  readonly prescribedOn?: CivilDate | undefined;
}

/** One row, read: what it asks for, or the keys it would have had. */
export type Planned = Omit<PlannedRow, 'row'> | { readonly keys: readonly string[] };

/** Why a row, or a part of it, was not imported. */
export interface RowReason {
  readonly code: string;
  /** The header of the column, where one is to blame. */
  readonly column?: string;
  readonly message: string;
}

export interface RefusedRow {
  readonly row: SheetRow;
  readonly reasons: readonly RowReason[];
  /** The keys of what it would have been, as far as they can be told. */
  readonly keys: readonly string[];
}

/** Parts of a natural key: none of them can be taken for two. */
export function keyOf(...parts: readonly string[]): string {
  return parts.map((part) => encodeURIComponent(part)).join('/');
}
