import { isRefusal, refuse, type CivilDate, type Refusal } from '#kernel';
import { fold, isBlankMark, spoiled } from './cells.js';
import { readDate, type DateKind } from './dates.js';
import { fieldsOf, headerKey } from './fields.js';
import { CELL_LENGTH_MAX } from './limits.js';
import type { RowReason, SheetRow } from './planned.js';

/** What columns say as wholes, told once a file. */
export interface ColumnFacts {
  /** Headers of the columns of dates that put the month first. */
  readonly monthFirst: ReadonlySet<string>;
  readonly today: CivilDate;
}

const SLASHED = /^\d{1,2}\s*[./-]\s*\d{1,2}\s*[./-]\s*\d{2,4}/u;
/**
 * What may be said back: words of a trade, as "Fortune teller". Not one word alone, nor two with
 * capitals, nor anything with digits: where columns slipped, a person may stand anywhere.
 */
const SAYABLE = /^\p{L}\p{Ll}*(?: (?:- )?\p{Ll}+){1,4}$/u;

/** Reads one row, field by field, and gathers what is wrong with it. */
export class RowReader {
  readonly reasons: RowReason[] = [];

  constructor(
    readonly row: SheetRow,
    private readonly facts: ColumnFacts,
  ) {}

  /**
   * The text of a cell; `undefined` where it is empty, spoiled, or has no column. A mark such as
   * `n/a` counts as empty, unless `words` of the setup say what it stands for.
   */
  text(field: string, words?: ReadonlyMap<string, unknown>): string | undefined {
    const header = this.row.columns.get(field);
    if (header === undefined) return undefined;
    const cell = this.row.cells[indexOf(this.row.headers, header)] ?? '';
    if (cell === '') return undefined;
    if (isBlankMark(cell, field) && words?.has(fold(cell)) !== true) return undefined;
    const wrong = spoiled(cell) ?? tooLong(cell);
    if (wrong === null) return cell;
    this.refuse(field, wrong);
    return undefined;
  }

  needed(field: string, what: string, words?: ReadonlyMap<string, unknown>): string | undefined {
    const before = this.reasons.length;
    const text = this.text(field, words);
    if (text === undefined && this.reasons.length === before) {
      this.refuse(field, refuse('missing', `${what} is missing.`));
    }
    return text;
  }

  read<T>(
    field: string,
    read: (cell: string) => T | Refusal,
    words?: ReadonlyMap<string, unknown>,
  ): T | undefined {
    const cell = this.text(field, words);
    if (cell === undefined) return undefined;
    const value = read(cell);
    if (!isRefusal(value)) return value;
    this.refuse(field, value);
    return undefined;
  }

  date(field: string, kind: DateKind = 'event', latest = this.facts.today): CivilDate | undefined {
    const header = this.row.columns.get(field);
    return this.read(field, (cell) => {
      if (header !== undefined && this.facts.monthFirst.has(header) && SLASHED.test(cell)) {
        return refuse(
          'month-first',
          'This column puts the month first, and dates are read day first: nothing is guessed. ' +
            'Format the column as 2026-03-31, then import it again.',
        );
      }
      return readDate(cell, kind, latest);
    });
  }

  /** The day on which something happened. */
  neededDate(field: string): CivilDate | undefined {
    const on = this.needed(field, 'The date') === undefined ? undefined : this.date(field);
    const { today } = this.facts;
    if (on === undefined || on <= today) return on;
    const message = `${on} is after today, ${today}: it cannot have happened yet.`;
    this.refuse(field, refuse('in-the-future', message));
    return undefined;
  }

  /** What a word of the spreadsheet stands for, by the setup; the field's own words go too. */
  word<T>(field: string, words: ReadonlyMap<string, T>, own: readonly T[], list: string) {
    const read = (cell: string): T | Refusal => {
      const folded = fold(cell);
      const known = words.get(folded) ?? own.find((word) => fold(String(word)) === folded);
      if (known !== undefined) return known;
      return refuse(
        'unknown-word',
        `Nobody knows ${this.said(field, cell)}: correct it, or say in setup.yaml, under ${list}, ` +
          'what it stands for.',
      );
    };
    return this.read(field, read, words);
  }

  refuse(field: string, { code, message }: Refusal): void {
    const column = this.row.columns.get(field);
    this.reasons.push({ code, ...(column !== undefined && { column }), message });
  }

  private said(field: string, cell: string): string {
    const personal = fieldsOf(this.row.sheet).get(field)?.personal === true;
    return personal || !SAYABLE.test(cell) ? 'this word' : `"${cell}"`;
  }
}

function tooLong(cell: string): Refusal | null {
  if (cell.length <= CELL_LENGTH_MAX) return null;
  return refuse('too-long', `A cell has at most ${CELL_LENGTH_MAX} characters.`);
}

export function indexOf(headers: readonly string[], header: string): number {
  const key = headerKey(header);
  return headers.findIndex((one) => headerKey(one) === key);
}
