import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CivilDate } from '#kernel';
import { Wayledger } from '#engine';
import { sheetImportOf } from '../../apps/cli/src/commands/import-csv.js';
import { importSheets, type SheetSummary } from '../../apps/cli/src/commands/import-csv-run.js';
import { inFolder } from '../support/imported.js';

export const NORTH_SHEET = fileURLToPath(
  new URL('../../../test/spreadsheet/north-sheet', import.meta.url),
);
/** As the sheet's README fixes it. */
export const TODAY = '2026-11-01' as CivilDate;

/** A copy of the north sheet that may be edited, and an engine on a folder of its own. */
export interface Desk {
  readonly folder: string;
  readonly wayledger: Wayledger;
  import(folder?: string): Promise<SheetSummary>;
  /** As a person edits a file in place; what is not there to be edited fails the test. */
  edit(file: string, from: string | RegExp, to: string): void;
  write(file: string, content: string | Buffer): void;
}

/** `data`: what an engine left behind, to go on from. */
export function atDesk<T>(work: (desk: Desk) => Promise<T>, data?: () => string): Promise<T> {
  return inFolder(async (base) => {
    const folder = join(base, 'sheet');
    cpSync(NORTH_SHEET, folder, { recursive: true });
    if (data !== undefined) cpSync(data(), join(base, 'data'), { recursive: true });
    const wayledger = await Wayledger.open({ data: join(base, 'data') });
    const write = (file: string, content: string | Buffer) => {
      writeFileSync(join(folder, file), content);
    };
    try {
      return await work({
        ...{ folder, wayledger, write },
        import: (from = folder) =>
          importSheets(wayledger, sheetImportOf(from, { data: base, today: TODAY })),
        edit: (file, from, to) => {
          // Byte for byte: a file in another encoding stays in it.
          const before = readFileSync(join(folder, file), 'latin1');
          const after = before.replace(from, to);
          if (after === before) throw new Error(`${String(from)} is not in ${file}`);
          write(file, Buffer.from(after, 'latin1'));
        },
      });
    } finally {
      await wayledger.close();
    }
  });
}

/** The whole sheet imported, for many tests to begin from. */
export function importedOnce() {
  const base = mkdtempSync(join(tmpdir(), 'wayledger-test-'));
  const data = join(base, 'data');
  return {
    data: () => data,
    async make() {
      const wayledger = await Wayledger.open({ data });
      await importSheets(wayledger, sheetImportOf(NORTH_SHEET, { data, today: TODAY }));
      await wayledger.settle();
      await wayledger.close();
    },
    remove() {
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** `file:line, column: code`, as short as a reader needs to see what was refused and where. */
export function refusals({ results }: SheetSummary): string[] {
  return results.flatMap(({ row, status, reasons }) =>
    status === 'refused'
      ? reasons.map(({ column = '', code }) => `${row.file}:${row.line} ${column} ${code}`)
      : [],
  );
}

export async function headOf({ wayledger }: Desk): Promise<bigint> {
  return wayledger.log.head();
}
