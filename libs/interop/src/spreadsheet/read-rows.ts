import { isRefusal, refuse, type CivilDate } from '#kernel';
import { monthFirst } from './dates.js';
import { fieldsOf, headerKey } from './fields.js';
import { FILE_BYTES_MAX } from './limits.js';
import { scoreByMapping, type MappedFile } from './mapping.js';
import type { RefusedRow, SheetRow } from './planned.js';
import { indexOf, type ColumnFacts } from './row-reader.js';
import { readTable, type Table } from './table.js';

/** A file as its rows, with what can be said of its columns as wholes. */
export interface ReadFile {
  readonly rows: readonly SheetRow[];
  readonly refused: readonly RefusedRow[];
  readonly facts: ColumnFacts;
}

export function readRows(mapped: MappedFile, bytes: Buffer, today: CivilDate): ReadFile {
  const { file, sheet, columns } = mapped;
  const rowOf = (line: number, cells: readonly string[], headers: readonly string[]): SheetRow => {
    return { file, sheet, columns, line, cells, headers };
  };
  const failed = (line: number, { code, message }: { code: string; message: string }) => ({
    rows: [],
    refused: [{ row: rowOf(line, [], []), reasons: [{ code, message }], keys: [] }],
    facts: { monthFirst: new Set<string>(), today },
  });
  if (bytes.length > FILE_BYTES_MAX) {
    const message = `A file has at most ${FILE_BYTES_MAX} bytes: split it.`;
    return failed(1, refuse('file-too-large', message));
  }
  const table = readTable(bytes, scoreByMapping(mapped));
  if (isRefusal(table)) return failed(1, table);
  const wrong = wrongHeaders(mapped, table);
  if (wrong !== null) return failed(table.headerLine, wrong);
  const { headers } = table;
  return {
    rows: table.rows.map(({ line, cells }) => rowOf(line, cells, headers)),
    refused: table.broken.map(({ line, cells, refusal: { code, message } }) => ({
      row: rowOf(line, cells, headers),
      reasons: [{ code, message }],
      keys: [],
    })),
    facts: { monthFirst: monthFirstIn(mapped, table), today },
  };
}

function wrongHeaders({ columns, sheet }: MappedFile, { headers }: Table) {
  const missing = [...columns].filter(([, header]) => indexOf(headers, header) === -1);
  const needed = missing.find(([field]) => fieldsOf(sheet).get(field)?.needed === true);
  const [field, header] = needed ?? missing[0] ?? [];
  if (field !== undefined) {
    return refuse(
      'no-such-column',
      `There is no column "${header}", which mapping.yaml names for ${field}; the headers are: ` +
        `${headers.filter((one) => one !== '').join(', ')}.`,
    );
  }
  const keys = headers.map(headerKey);
  for (const one of columns.values()) {
    if (keys.indexOf(headerKey(one)) === keys.lastIndexOf(headerKey(one))) continue;
    return refuse('column-twice', `There are two columns "${one}": give one another header.`);
  }
  return null;
}

const DATES = ['date', 'dateOfBirth', 'consentDate'];

function monthFirstIn({ columns }: MappedFile, { headers, rows }: Table): Set<string> {
  const found = new Set<string>();
  for (const field of DATES) {
    const header = columns.get(field);
    if (header === undefined) continue;
    const index = indexOf(headers, header);
    if (monthFirst(rows.map(({ cells }) => cells[index] ?? ''))) found.add(header);
  }
  return found;
}
