import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ActorRole,
  type CivilDate,
  type Instant,
  type PrescriptionId,
  type Refusal,
} from '#kernel';
import {
  FILE_BYTES_MAX,
  FileNames,
  References,
  SheetFileRefused,
  planImport,
  setupCommands,
  type GivenName,
  type MappedFile,
  type Plan,
  type PlannedCommand,
  type PlannedRow,
  type RowReason,
  type Setup,
  type SheetRow,
} from '#interop';
import type { Wayledger } from '#engine';
import { giveLine } from '../importer.js';
import { amendLine, recordedAs, voidLine, type FixLine } from './import-csv-fix.js';
import { heldAgainst, sheetOf, type Held } from './import-csv-held.js';
import { historyOf, type History, type PastFact } from './import-csv-history.js';

/** The code of a row that has nothing wrong with it but what it rests on. */
export const RESTS_ON_REFUSED = 'rests-on-refused';

export interface SheetImport {
  readonly folder: string;
  readonly setup: Setup;
  readonly files: readonly MappedFile[];
  readonly today: CivilDate;
  /** When it is recorded. */
  readonly now: () => Instant;
}

export interface Reason extends RowReason {
  /** What would put the record right, where the row was imported before as something else. */
  readonly fix?: FixLine;
}

export interface RowResult {
  readonly row: SheetRow;
  readonly status: 'accepted' | 'unchanged' | 'refused';
  readonly reasons: readonly Reason[];
}

/** A fact that was imported before, and that no row asks for any more. */
export interface GoneFact {
  readonly file: string;
  readonly message: string;
  readonly fix?: FixLine;
}

export interface SheetSummary {
  readonly namespace: string;
  readonly setup: {
    readonly accepted: number;
    readonly unchanged: number;
    /** Where any is refused, no row is tried. */
    readonly refused: readonly string[];
  };
  readonly results: readonly RowResult[];
  readonly plan: Plan;
  readonly gone: readonly GoneFact[];
}

/** What an anchor's spreadsheet is known by: the same in every copy of its folder. */
export function namespaceOf({ anchor, source }: Setup): string {
  return `${anchor}:${source}`;
}

/** Reads all files, gives what they ask for, and tells of each row what became of it. */
export async function importSheets(
  wayledger: Pick<Wayledger, 'execute' | 'log' | 'codec'>,
  options: SheetImport,
  onRow: (done: number, total: number) => void = () => undefined,
): Promise<SheetSummary> {
  const { setup, today, files } = options;
  const called = new Map<string, GivenName>();
  const names = new FileNames(namespaceOf(setup), called);
  const history = await historyOf(wayledger, actorOf(setup));
  const plan = planImport(files, bytesIn(options.folder), {
    ...{ setup, today, referrals: new References<true>(), contacts: new Map<string, string[]>() },
    prescriptions: new References((reference) => {
      const id = names.idOf('prescription', reference) as PrescriptionId;
      const referral = history.prescriptions.get(id);
      return referral && { referral };
    }),
  });
  const given = new Giving(wayledger, options, names, called, history, plan);
  const setupResult = await given.setUp();
  const base = { namespace: names.namespace, setup: setupResult, plan };
  if (setupResult.refused.length > 0) return { ...base, results: [], gone: [] };
  const results: RowResult[] = plan.refused.map(({ row, reasons }) => {
    return { row, status: 'refused', reasons };
  });
  for (const [index, planned] of plan.rows.entries()) {
    results.push(await given.row(planned));
    onRow(index + 1, plan.rows.length);
  }
  return { ...base, results: inOrder(results, plan), gone: given.gone() };
}

function actorOf({ anchor, source }: Setup) {
  return { id: `import:${source}`, role: 'anchor' as ActorRole, organisation: anchor };
}

function bytesIn(folder: string): (file: string) => Buffer {
  return (file) => {
    const path = join(folder, file);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) {
      throw new SheetFileRefused([`There is no file "${path}", which mapping.yaml names.`]);
    }
    // One that is too long is not read, and is refused by its length.
    return size > FILE_BYTES_MAX ? Buffer.alloc(FILE_BYTES_MAX + 1) : readFileSync(path);
  };
}

function inOrder(results: readonly RowResult[], { counted }: Plan): RowResult[] {
  const place = new Map([...counted.keys()].map((file, index) => [file, index]));
  const at = ({ row }: RowResult) => place.get(row.file) ?? 0;
  return [...results].sort((a, b) => at(a) - at(b) || a.row.line - b.row.line);
}

/** Gives the commands of a plan one after the other, as lines of a command file. */
class Giving {
  private readonly held: Held;
  private readonly refusedKeys: Map<string, SheetRow>;

  constructor(
    private readonly wayledger: Pick<Wayledger, 'execute'>,
    private readonly options: SheetImport,
    private readonly names: FileNames,
    private readonly called: ReadonlyMap<string, GivenName>,
    private readonly history: History,
    plan: Plan,
  ) {
    const keys = plan.refused.flatMap((refused) => refused.keys);
    this.held = heldAgainst(history, plan.rows, keys, names);
    this.refusedKeys = new Map(
      plan.refused.flatMap(({ keys: own, row }) =>
        own.filter((key) => !this.isRecorded(key)).map((key) => [key, row] as const),
      ),
    );
  }

  async setUp(): Promise<SheetSummary['setup']> {
    const { setup, today } = this.options;
    const counts = { accepted: 0, unchanged: 0 };
    const refused: string[] = [];
    // What begins later is given once it has begun.
    for (const command of setupCommands(setup).filter(({ at }) => at <= today)) {
      const answer = await this.give(command, command.key);
      if (answer.status !== 'refused') counts[answer.status] += 1;
      else
        refused.push(...answer.reasons.map((refusal) => setupReason(setup, command.path, refusal)));
    }
    return { ...counts, refused };
  }

  async row(planned: PlannedRow): Promise<RowResult> {
    const { row, commands, restsOn } = planned;
    const before = restsOn && this.refusedKeys.get(restsOn.key);
    if (restsOn && before) {
      const message =
        `This was not imported because ${restsOn.what} was refused (${before.file}, line ` +
        `${before.line}): correct that row first.`;
      return this.refused(planned, [{ code: RESTS_ON_REFUSED, message }]);
    }
    if (this.held.correctedAs(planned) !== undefined)
      return { row, status: 'unchanged', reasons: [] };
    const moved = this.held.movedFrom(planned);
    if (moved !== undefined) return this.refused(planned, [this.movedReason(moved)]);
    let accepted = false;
    const reasons: Reason[] = [];
    for (const [index, command] of commands.entries()) {
      const { name } = this.held.idOf(command);
      const answer = await this.give(command, name);
      if (answer.status !== 'refused') {
        accepted ||= answer.status === 'accepted';
        continue;
      }
      const said = answer.reasons.flatMap(
        (refusal) => this.reasonOf(planned, command, refusal) ?? [],
      );
      reasons.push(...said);
      // Nothing of the rest of a row stands without its first part.
      if (index === 0 && said.length > 0) return this.refused(planned, said);
    }
    // Another row of the same reference may have been refused.
    this.refusedKeys.delete(commands[0].key);
    if (reasons.length > 0) return { row, status: 'refused', reasons };
    return { row, status: accepted ? 'accepted' : 'unchanged', reasons };
  }

  gone(): GoneFact[] {
    const called = new Map([...this.called.values()].map(({ id, name }) => [id, name]));
    return this.held.gone.map((past) => {
      const fix = voidLine(past, this.options.setup, this.options.today);
      const file = this.options.files.find(({ sheet }) => sheet === sheetOf(past))?.file ?? '';
      const message =
        `${nameOf(past, called)}: imported before (${recordedAs(past)}), and no row says so any ` +
        'more. If the row was deleted or its key edited by mistake, put it back; if it should not ' +
        'have been, take it back in Wayledger' +
        (fix === undefined ? ': close the referral.' : ':');
      return { file, message, ...(fix && { fix }) };
    });
  }

  private async give(command: PlannedCommand, id: string) {
    const { setup, now } = this.options;
    const { command: name, at: on, data } = command;
    // By its id in whichever way it was found, so that the same row is always the same command.
    const { referral } = data;
    const same =
      typeof referral === 'string' ? { referral: this.names.idOf('referral', referral) } : {};
    const line = { id, command: name, on, actor: actorOf(setup), data: { ...data, ...same } };
    return giveLine(this.wayledger, line, this.names, now());
  }

  private refused(planned: PlannedRow, reasons: readonly Reason[]): RowResult {
    const { row, commands } = planned;
    const [{ key }] = commands;
    if (!this.isRecorded(key)) this.refusedKeys.set(key, row);
    return { row, status: 'refused', reasons };
  }

  private isRecorded(key: string): boolean {
    return this.history.byCommand.has(this.held.idOf({ key }).id);
  }

  /** `undefined`: what was refused is as the row says already. */
  private reasonOf(
    planned: PlannedRow,
    command: PlannedCommand,
    refusal: Refusal,
  ): Reason | undefined {
    const { row, fieldOf } = planned;
    const past = this.history.byCommand.get(this.held.idOf(command).id);
    if (refusal.code === 'command-id-reused' && past !== undefined) {
      return this.saysSoNow(past, command) ? undefined : this.editedReason(past, command);
    }
    const { code, field = '' } = refusal;
    const message = [refusal.message, IN_THE_SHEET[code]].filter(Boolean).join(' ');
    const [top = ''] = field.split('.');
    const column = row.columns.get(fieldOf[top] ?? '') ?? row.columns.get(BESIDE[top] ?? '');
    return { code, message, ...(column !== undefined && { column }) };
  }

  /** Whether the record has been put right since, by whatever way. */
  private saysSoNow(past: PastFact, command: PlannedCommand): boolean {
    const { linkWorker } = command.data;
    if (past.fact.type === 'LinkWorkerAssigned') {
      return this.history.linkWorkers.get(past.referral) === linkWorker;
    }
    if (past.amended === undefined) return false;
    if (past.fact.type === 'Referred') {
      return past.on === command.at && past.fact.data.route === command.data['route'];
    }
    const { setup, today } = this.options;
    const data = amendLine(past, command, setup, today)?.['data'] as { kind?: string } | undefined;
    return data?.kind === 'amend' && !Object.keys(data).some((field) => AMENDABLE.has(field));
  }

  private editedReason(past: PastFact, command: PlannedCommand): Reason {
    const { setup, today } = this.options;
    const fix = amendLine(past, command, setup, today);
    const how =
      fix === undefined
        ? past.fact.type === 'Prescribed'
          ? 'A prescription is not amended: cancel it (CancelPrescription) and give this row a ' +
            'reference of its own, or put the row back as it was.'
          : 'Put the row back as it was, or record the change in Wayledger.'
        : 'Put the row back as it was or, if it is right now, correct the record with ' +
          `${String(fix['command'])} and import again:`;
    const message =
      `This row was imported before with other content (${recordedAs(past)}); nothing was ` +
      `changed. ${how}`;
    return { code: 'edited', message, ...(fix && { fix }) };
  }

  private movedReason(past: PastFact): Reason {
    const fix = voidLine(past, this.options.setup, this.options.today);
    const message =
      `This row is new, and one that was imported before is gone (${recordedAs(past)}): if it was ` +
      'edited into this one, it must not count twice. Put the old row back if both are so; else ' +
      'take the old record back and import again:';
    return { code: 'moved', message, ...(fix && { fix }) };
  }
}

/** As the spreadsheet calls it, where a row still does. */
function nameOf({ fact, referral }: PastFact, called: ReadonlyMap<string, string>): string {
  const whose = called.get(referral) ?? `a referral that has no row (${referral})`;
  if (!('prescription' in fact.data)) return whose;
  return called.get(fact.data.prescription) ?? `a prescription of ${whose}`;
}

/** Where a command's field has no column of its own, the one next to it. */
const BESIDE: Readonly<Record<string, string>> = {
  name: 'surname',
  contact: 'phone',
};
/** Where the rows say what the refusal of a command asks for. */
const IN_THE_SHEET: Readonly<Record<string, string>> = {
  'link-worker-needed':
    'Name one in the row of its referral, or for all under unknown in setup.yaml.',
  'eligibility-undecided':
    'Give it with --namespace, under the reference of this row, then import again.',
  'not-accepted': 'The row of its referral was refused in part: correct that row first.',
  'kind-needed': 'Map a column to kind, or say it for all under unknown in setup.yaml.',
};
/** What a line that amends would still change. */
const AMENDABLE = new Set(['on', 'number', 'late', 'class', 'mode', 'minutes']);

function setupReason(setup: Setup, path: readonly string[], refusal: Refusal): string {
  const known = ['slug-taken', 'command-id-reused', 'agreement-signed', 'budget-open'];
  const { field = '', code, message } = refusal;
  const whole = [...path, ...field.split('.')];
  const how = known.includes(code)
    ? ' It was set up before with other content: put it back as it was, and change it with ' +
      'ChangeTerms, ChangeBudget or ReceiveFund.'
    : '';
  const at = `${setup.file}, line ${setup.lineOf(whole)}, key "${path.join('.')}"`;
  return `${at}: ${message}${how}`;
}
