import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { dayOf, systemClock } from '#kernel';
import {
  FILE_BYTES_MAX,
  SHEETS,
  TO_FILL_IN,
  UNSURE,
  guessFile,
  mappingText,
  setupText,
  type GuessedFile,
  type UnknownFile,
} from '#interop';
import { DataRefused } from '#engine';
import { EXIT, bold, print, table } from '../terminal/output.js';
import { needFolder, schemeNames } from './import-csv.js';

const TABLES = /\.(?:csv|tsv|txt)$/iu;

/** Looks at the files of a folder and writes what they say of themselves, where it is missing. */
export async function proposeSheets(folder: string): Promise<number> {
  needFolder(folder);
  const names = readdirSync(folder)
    .filter((name) => TABLES.test(name))
    .sort();
  if (names.length === 0) {
    throw new DataRefused(
      `There is no CSV file in "${folder}": save each sheet of the workbook there as "CSV UTF-8".`,
    );
  }
  const guesses = names.map((name) => guessIn(folder, name));
  const files = SHEETS.flatMap((sheet) =>
    guesses.filter((guess) => 'sheet' in guess).filter((guess) => guess.sheet === sheet),
  );
  const unknown = guesses.filter((guess) => 'why' in guess);
  const schemes = await schemeNames();
  const today = dayOf(systemClock.now());
  const whose = basename(resolve(folder));
  await print(`${bold('What the files seem to be')}\n${guessedText(files)}`);
  for (const { file, why } of unknown) await print(`${file} is left out: ${why}\n`);
  await print('\n');
  await writeOnce(join(folder, 'mapping.yaml'), mappingText(files, unknown));
  await writeOnce(join(folder, 'setup.yaml'), setupText(whose, files, today, schemes));
  await print(
    `\nNext:\n  1. fill in and check the two files\n` +
      `  2. npx wayledger import --csv ${folder} --dry-run\n` +
      `  3. npx wayledger import --csv ${folder}\n`,
  );
  return EXIT.done;
}

function guessIn(folder: string, file: string): GuessedFile | UnknownFile {
  const path = join(folder, file);
  if (statSync(path).size > FILE_BYTES_MAX) {
    return { file, why: `a file has at most ${FILE_BYTES_MAX} bytes: split it` };
  }
  return guessFile(file, readFileSync(path));
}

function guessedText(files: readonly GuessedFile[]): string {
  if (files.length === 0) return '';
  const rows = files.map(({ file, sheet, table: { rows: all }, columns, unused }) => {
    const unsure = columns.filter((column) => column.unsure && column.header !== undefined);
    const missing = columns.filter(({ header }) => header === undefined);
    const notes = [
      ...(unsure.length === 0 ? [] : [`check ${unsure.map(({ field }) => field).join(', ')}`]),
      ...(missing.length === 0 ? [] : [`missing ${missing.map(({ field }) => field).join(', ')}`]),
      ...(unused.length === 0 ? [] : [`not read: ${unused.join(', ')}`]),
    ];
    return [file, sheet, String(all.length), String(columns.length), notes.join('; ')];
  });
  const head = ['file', 'holds', 'rows', 'columns', 'notes'];
  return table(head, rows, ['left', 'left', 'right', 'right']);
}

/** What a person has filled in is never written over. */
async function writeOnce(path: string, text: string): Promise<void> {
  if (existsSync(path)) {
    await print(`${path} is there already and stays as it is\n`);
    return;
  }
  writeFileSync(path, text, { flag: 'wx' });
  const lines = text.split('\n');
  const count = (mark: string) => lines.filter((line) => marked(line, mark)).length;
  await print(
    `${path} written: ${count(TO_FILL_IN)} to be filled in, ${count(UNSURE)} to be checked\n`,
  );
  for (const [index, line] of lines.entries()) {
    if (marked(line, TO_FILL_IN)) await print(`  line ${index + 1}: ${shown(line)}\n`);
  }
}

/** A mark stands in a remark beside what it is about; the file's first lines explain it. */
function marked(line: string, mark: string): boolean {
  return line.includes(`# ${mark}`) && !/^# /u.test(line);
}

/** A word of the spreadsheet that nobody could guess may be a name: it is in the file. */
function shown(line: string): string {
  return /^\s*#/u.test(line) ? 'a word that could not be guessed' : line.trim();
}
