import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Hit {
  readonly needle: string;
  /** A file, or a table of a database. */
  readonly place: string;
  readonly encoding: string;
}

/** How a text might lie in a file. */
export function encodingsOf(text: string): Map<string, Buffer> {
  const encodings = new Map<string, Buffer>();
  const forms = { '': text, 'decomposed ': text.normalize('NFD'), 'lower-case ': lower(text) };
  for (const [form, as] of Object.entries(forms)) {
    const bytes = Buffer.from(as, 'utf8');
    encodings.set(`${form}UTF-8`, bytes);
    encodings.set(`${form}UTF-16LE`, Buffer.from(as, 'utf16le'));
    encodings.set(`${form}UTF-16BE`, Buffer.from(as, 'utf16le').swap16());
    encodings.set(`${form}hex`, Buffer.from(bytes.toString('hex')));
    encodings.set(`${form}HEX`, Buffer.from(bytes.toString('hex').toUpperCase()));
    encodings.set(`${form}JSON escapes`, Buffer.from(escaped(as)));
    encodings.set(`${form}URI`, Buffer.from(encodeURIComponent(as)));
    for (const shift of [0, 1, 2]) {
      const base64 = base64At(bytes, shift);
      encodings.set(`${form}base64 at ${shift}`, Buffer.from(base64));
      const url = base64.replaceAll('+', '-').replaceAll('/', '_');
      encodings.set(`${form}base64url at ${shift}`, Buffer.from(url));
    }
  }
  return encodings;
}

function lower(text: string): string {
  return text.toLowerCase();
}

function escaped(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Of a longer text's base64, the part that depends on these bytes alone, by where they begin. */
function base64At(bytes: Buffer, shift: number): string {
  const whole = Buffer.concat([Buffer.alloc(shift), bytes]);
  const from = Math.ceil((shift * 8) / 6);
  const to = Math.floor((whole.length * 8) / 6);
  return whole.toString('base64').slice(from, to);
}

export function searchBytes(place: string, bytes: Buffer, needles: readonly string[]): Hit[] {
  return needles.flatMap((needle) =>
    [...encodingsOf(needle)]
      .filter(([, encoded]) => bytes.includes(encoded))
      .map(([encoding]) => ({ needle, place, encoding })),
  );
}

/**
 * Every byte of every file under a folder; and every value of its databases too, as a text may be
 * cut in two by the end of a page.
 */
export function searchFolder(folder: string, needles: readonly string[]): Hit[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({ name, path: join(parentPath, name) }));
  return files.flatMap(({ name, path }) => [
    ...searchBytes(name, readFileSync(path), needles),
    ...(name.endsWith('.db') ? searchTables(name, path, needles) : []),
  ]);
}

function searchTables(name: string, path: string, needles: readonly string[]): Hit[] {
  const db = new DatabaseSync(path, { readOnly: true, readBigInts: true });
  try {
    const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
    return tables.flatMap(({ name: table }) => {
      const rows = db.prepare(`SELECT * FROM "${String(table)}"`).all();
      const values = rows.flatMap((row) => Object.values(row)).map(bytesOf);
      return searchBytes(`${name} ${String(table)}`, Buffer.concat(values), needles);
    });
  } finally {
    db.close();
  }
}

function bytesOf(value: unknown): Buffer {
  return ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : Buffer.from(`${String(value)}\n`);
}
