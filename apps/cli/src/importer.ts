import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import {
  CommandRefused,
  messageOf,
  systemClock,
  refuse,
  type Clock,
  type CommandAnswer,
  type Instant,
  type Refusal,
} from '#kernel';
import { EventRefused } from '#event-log';
import {
  FileNames,
  LINE_BYTES_MAX,
  readCommand,
  readLine,
  type CommandLine,
  type GivenName,
} from '#interop';
import { commandCatalogue, type Wayledger } from '#engine';

export interface ImportOptions {
  readonly file: string;
  /** What keeps one file's names apart from another's; the file's own name unless given. */
  readonly namespace?: string;
  /** Each line's `recordedAt` is the clock. */
  readonly asRecorded?: boolean;
  /** Whether to answer what the file's names stand for: all of them are kept until then. */
  readonly names?: boolean;
  readonly clock?: Clock;
}

export type LineResult =
  | {
      readonly line: number;
      readonly id: string;
      readonly status: 'accepted' | 'unchanged';
      readonly stream: string;
      readonly version: number;
      readonly position: bigint;
      readonly events: CommandAnswer['events'];
      readonly notes?: readonly string[];
    }
  | {
      readonly line: number;
      readonly id: string | null;
      readonly status: 'refused';
      readonly reasons: readonly Refusal[];
    };

export interface ImportSummary {
  readonly lines: number;
  readonly accepted: number;
  /** Known already: nothing was added. */
  readonly unchanged: number;
  readonly refused: number;
  /** None unless they were asked for. */
  readonly names: readonly GivenName[];
}

/** Gives the commands of a file one after the other; what is refused does not stop the rest. */
export async function importFile(
  wayledger: Pick<Wayledger, 'execute'>,
  options: ImportOptions,
  onLine: (result: LineResult, bytesDone: number, bytesTotal: number) => void | Promise<void>,
): Promise<ImportSummary> {
  const { file, asRecorded = false, clock = systemClock } = options;
  const given = options.names === true ? new Map<string, GivenName>() : undefined;
  const names = new FileNames(options.namespace ?? basename(file).replace(/\.[^.]*$/u, ''), given);
  const { size } = await stat(file);
  const counts = { lines: 0, accepted: 0, unchanged: 0, refused: 0 };
  const recording: Recording = asRecorded ? recorder() : () => clock.now();
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  let number = 0;
  let bytes = 0;
  for await (const raw of lines) {
    number += 1;
    bytes += Buffer.byteLength(raw) + 1;
    const text = number === 1 ? raw.replace(/^\uFEFF/u, '') : raw;
    if (text.trim() === '') continue;
    const result = await importLine(wayledger, text, number, names, recording);
    counts.lines += 1;
    counts[result.status] += 1;
    await onLine(result, bytes, size);
  }
  return { ...counts, names: [...(given?.values() ?? [])] };
}

/** The time at which a line is recorded, or why it cannot be. */
export type Recording = (line: CommandLine) => Instant | Refusal;

/** Each line's own `recordedAt`, which may not run backwards. */
export function recorder(): Recording {
  let last: Instant | undefined;
  return ({ recordedAt }) => {
    const field = 'recordedAt';
    if (recordedAt === undefined) {
      return refuse('no-recorded-time', '--as-recorded needs recordedAt on every line.', { field });
    }
    if (last !== undefined && recordedAt < last) {
      return refuse(
        'time-runs-backwards',
        `recordedAt ${recordedAt} is before that of an earlier line, ${last}: ` +
          'what was recorded first comes first.',
        { field },
      );
    }
    last = recordedAt;
    return recordedAt;
  };
}

async function importLine(
  wayledger: Pick<Wayledger, 'execute'>,
  text: string,
  line: number,
  names: FileNames,
  recording: Recording,
): Promise<LineResult> {
  const refusedLine = (id: string | null, reasons: readonly Refusal[]): LineResult => {
    return { line, id, status: 'refused', reasons };
  };
  if (Buffer.byteLength(text) > LINE_BYTES_MAX) {
    const reason = refuse('line-too-long', `A line has at most ${LINE_BYTES_MAX} bytes.`);
    return refusedLine(null, [reason]);
  }
  // What is not UTF-8 was decoded to this character: it would be sealed for ever as it is.
  if (text.includes('\uFFFD')) {
    const message = 'The line is not UTF-8: save the file as UTF-8, then import it again.';
    return refusedLine(null, [refuse('not-utf-8', message)]);
  }
  const read = readLine(text);
  if (!('command' in read)) return refusedLine(null, read);
  return { line, ...(await giveLine(wayledger, read, names, recording)) };
}

/** What became of one line, wherever it stands. */
export type Given = WithoutLine<LineResult>;
type WithoutLine<T> = T extends unknown ? Omit<T, 'line'> : never;

/** Gives the command of one line; what else goes wrong than a refusal is thrown. */
export async function giveLine(
  wayledger: Pick<Wayledger, 'execute'>,
  line: CommandLine,
  names: FileNames,
  recording: Recording,
): Promise<Given> {
  const { id } = line;
  const refused = (reasons: readonly Refusal[]): Given => ({ id, status: 'refused', reasons });
  const recordedAt = recording(line);
  if (typeof recordedAt !== 'string') return refused([recordedAt]);
  const command = readCommand(line, commandCatalogue, names, recordedAt);
  if (!('meta' in command)) return refused(command);
  try {
    const { stream, version, position, events, unchanged, notes } =
      await wayledger.execute(command);
    const status = unchanged ? 'unchanged' : 'accepted';
    const written = { id, status, stream, version, position, events } as const;
    return notes === undefined ? written : { ...written, notes };
  } catch (error) {
    if (error instanceof CommandRefused) return refused(error.refusals);
    if (error instanceof EventRefused) return refused([refuse('event-refused', messageOf(error))]);
    throw error;
  }
}
