import { FILES_MAX } from './limits.js';
import { SHEETS, fieldsOf, headerKey, type Sheet } from './fields.js';
import { YamlFile } from './yaml-file.js';

/** Which file is which, and which of its headers is which field. */
export interface MappedFile {
  readonly file: string;
  readonly sheet: Sheet;
  /** Field to header, as the file has it. */
  readonly columns: ReadonlyMap<string, string>;
}

/** @throws SheetFileRefused with every mistake at its line and key */
export function parseMapping(text: string, file: string): readonly MappedFile[] {
  const yaml = new YamlFile(file, text);
  const files: MappedFile[] = [];
  const all = [...yaml.root.map()];
  if (all.length === 0) yaml.root.wrong('names no file.');
  if (all.length > FILES_MAX) yaml.root.wrong(`names more than ${FILES_MAX} files.`);
  for (const [name, value] of all) {
    if (/[/\\]/u.test(name)) value.wrong('is no name of a file in this folder.');
    value.map(['holds', 'columns']);
    const sheet = value.key('holds').oneOf(SHEETS, 'what this file holds');
    if (sheet === undefined) continue;
    const fields = fieldsOf(sheet);
    const given = value.key('columns');
    const columns = new Map<string, string>();
    for (const [field, header] of given.map([...fields.keys()])) {
      const words = header.text('the header of its column, or take the line out');
      if (words !== undefined) columns.set(field, words);
    }
    for (const [field, { needed }] of fields) {
      if (needed === true && given.key(field).value === undefined) {
        given.wrong(`${field} is missing: no ${sheet} can be read without it.`);
      }
    }
    files.push({ file: name, sheet, columns });
  }
  yaml.finish();
  return files;
}

/** How many of a file's own headers a row has: the row with most of them is its header row. */
export function scoreByMapping({ columns }: MappedFile): (cells: readonly string[]) => number {
  const wanted = [...columns.values()].map(headerKey);
  return (cells) => {
    const keys = new Set(cells.map(headerKey));
    return wanted.filter((header) => keys.has(header)).length;
  };
}
