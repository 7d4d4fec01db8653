import { existsSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { importFile, type LineResult } from '../importer.js';
import { DataRefused } from '#engine';
import { EXIT, bad, good, print, printJson } from '../terminal/output.js';
import { progressLine } from '../terminal/progress.js';
import { catchUpShown, dateArgument, goesOn, storesOf, withWayledger } from './common.js';
import { runSheetImport, type SheetFlags } from './import-csv.js';
import { proposeSheets } from './import-csv-propose.js';

interface ImportFlags extends SheetFlags {
  readonly csv?: string;
  readonly propose?: boolean;
  readonly namespace?: string;
  readonly asRecorded?: boolean;
  readonly names?: boolean;
}

const AGAIN = 'Import the same file again: it goes on from here.';

export function addImport(program: Command): void {
  program
    .command('import')
    .summary('give the commands of a file, one a line, or the rows of a spreadsheet')
    .description(
      'Gives the commands of an NDJSON file, one after the other, or the rows of the CSV files of a ' +
        'folder. What is refused is listed with its line, field or column and reason and does not ' +
        'stop the rest. The same again changes nothing.',
    )
    .argument('[file]', 'the NDJSON file')
    .option('--dry-run', 'decide on every line and write nothing')
    .option('--as-recorded', "each line's recordedAt sets the clock, which may not run backwards")
    .option('--names', 'print the ids that the names of this file stand for')
    .option(
      '--namespace <text>',
      "what keeps this file's names apart from other files' (default: the file's name)",
    )
    .optionsGroup('Spreadsheet:')
    .option('--csv <folder>', 'the folder of its CSV files, mapping.yaml and setup.yaml')
    .option('--propose', 'look at the files and write the two .yaml files where they are missing')
    .option('--setup <file>', 'instead of setup.yaml in the folder')
    .option('--mapping <file>', 'instead of mapping.yaml in the folder')
    .option('--today <date>', 'the day it is: nothing can have happened after it', dateArgument)
    .option('--report <file>', 'write the refused rows there as CSV, each with its reason')
    .addHelpText('after', HELP)
    .action(async (file: string | undefined, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ImportFlags>();
      const wrong = wrongTogether(file, flags);
      if (wrong !== null) command.error(`error: ${wrong}`);
      process.exitCode = await run(file, flags);
    });
}

const OF_FILES = ['namespace', 'asRecorded', 'names'] as const;
const OF_SHEETS = ['propose', 'setup', 'mapping', 'today', 'report'] as const;

/** A file of commands and a folder of rows have options of their own. */
function wrongTogether(file: string | undefined, flags: ImportFlags): string | null {
  if ((file === undefined) === (flags.csv === undefined)) {
    return 'name the file of commands, or with --csv the folder of a spreadsheet: one of the two';
  }
  const [other] = (flags.csv === undefined ? OF_SHEETS : OF_FILES).filter((name) => flags[name]);
  if (other === undefined) return null;
  const option = `--${other.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`;
  return `${option} goes ${flags.csv === undefined ? 'with --csv only' : 'with a file of commands'}`;
}

function run(file: string | undefined, flags: ImportFlags): Promise<number> {
  if (flags.csv === undefined) return runImport(file ?? '', flags);
  return flags.propose === true ? proposeSheets(flags.csv) : runSheetImport(flags.csv, flags);
}

const HELP = `
A line:
  {"id": "c1", "command": "Prescribe", "at": "2026-04-10",
   "actor": {"id": "ann", "role": "link-worker", "organisation": "north"},
   "data": {"referral": "h1", "prescription": "h1-walks", "service": "walks", ...}}

  at          when it happened: a date, or an instant with its offset
  recordedAt  when it was learned; used with --as-recorded only
  data        the fields of the command: see "wayledger schema commands"

Names: anchors, providers, services, pots, funds, agreements and link workers are slugs. Referrals,
persons, prescriptions, sessions and offers may have any name of the file's own ("h1"), or a UUID.

Spreadsheet: see docs/spreadsheet.md. First --csv DIR --propose, then fill in DIR/setup.yaml, then
--csv DIR --dry-run, then --csv DIR; after that correct what was refused and give it again.

With --json, one line is printed for each line as soon as it is on disk, then a summary.`;

async function runImport(file: string, flags: ImportFlags): Promise<number> {
  const { dryRun = false, json = false } = flags;
  // Before anything is opened or made.
  if (!existsSync(file)) throw new DataRefused(`There is no file "${file}".`);
  if (statSync(file).isDirectory()) {
    throw new DataRefused(`"${file}" is a folder: name the file of commands in it.`);
  }
  return withWayledger({ ...storesOf(flags), dryRun }, async (wayledger) => {
    const bar = progressLine('importing', 'bytes');
    const onLine = async (result: LineResult, done: number, total: number): Promise<void> => {
      bar.update(done, total);
      if (json) await printJson(result);
      else if (result.status === 'refused') await print(refusedText(file, result));
      else for (const note of result.notes ?? []) await print(noteText(file, result, note));
    };
    const summary = await goesOn(AGAIN, () =>
      importFile(wayledger, { ...flags, file }, onLine),
    ).finally(() => {
      bar.end();
    });
    const settled = dryRun ? null : await goesOn(AGAIN, () => catchUpShown(wayledger, 'settle'));
    const { lines, accepted, unchanged, refused, names } = summary;
    if (json) {
      const given = flags.names === true ? { names } : {};
      await printJson({ lines, accepted, unchanged, refused, dryRun, ...given });
    } else {
      if (flags.names === true) {
        for (const { kind, name, id } of names) await print(`${kind} ${name} = ${id}\n`);
      }
      const verb = dryRun ? 'would be accepted (dry run: nothing was written)' : 'accepted';
      const counted = `${lines} lines: ${accepted} ${verb}, ${unchanged} known already`;
      const rest = refused === 0 ? good('none refused') : bad(`${refused} refused`);
      await print(`${counted}, ${rest}\n`);
      if (settled !== null && settled.waiting > 0) {
        await print(
          `${settled.waiting} reservation(s) still wait for their prescription; ` +
            'a later import gives back what nothing follows.\n',
        );
      }
    }
    return refused === 0 ? EXIT.done : EXIT.notAll;
  });
}

/** Names come from the file: what moves a terminal's cursor does not get through. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD');
}

function noteText(file: string, { line, id }: LineResult, note: string): string {
  return `${printable(`${file}:${line}, id ${id}: ${note}`)}\n`;
}

function refusedText(file: string, result: Extract<LineResult, { status: 'refused' }>): string {
  const { line, id, reasons } = result;
  return reasons
    .map(({ field, message }) => {
      const place = [`${file}:${line}`, id === null ? '' : `id ${id}`, field ?? '']
        .filter((part) => part !== '')
        .join(', ');
      return `${printable(`${place}: ${message}`)}\n`;
    })
    .join('');
}
