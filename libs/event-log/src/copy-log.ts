import { VersionConflict } from './errors.js';
import { LogHash } from './log-hash.js';
import { PAGE_EVENTS_MAX } from './paging.js';
import { LOG_START, type Position } from './place.js';
import type { EventLog } from './port.js';
import {
  APPEND_BYTES_MAX,
  EVENTS_PER_APPEND_MAX,
  type EventToStore,
  type StoredEvent,
} from './stored-event.js';

/** The target holds, or is being given, something that the source does not. */
export class CopyRefused extends Error {
  override readonly name = 'CopyRefused';
}

export interface CopyProgress {
  readonly phase: 'comparing' | 'copying' | 'proving';
  /** A place in the source, of the one that its head had when the phase began. */
  readonly done: Position;
  readonly total: Position;
  /** Events that this phase has been through. */
  readonly events: number;
}

export interface HashedLog {
  readonly events: number;
  /** SHA-256, see `LogHash`. */
  readonly hash: string;
}

export interface CopiedLog {
  /** Appended by this copying. */
  readonly copied: number;
  /** Up to its head as it was when the proof began. */
  readonly source: HashedLog;
  /** All of it. */
  readonly target: HashedLog;
  readonly equal: boolean;
  /** The source has gained events since: they are neither copied nor proven. */
  readonly sourceMovedOn: boolean;
}

/**
 * Copies a log into another store, in log order, and proves the copy by reading both again. What
 * the target already holds must be how the source begins: so a copying that was cut off anywhere
 * goes on where it was. Nobody else may write to the target.
 * @throws CopyRefused when the target holds something else; nothing was written over
 * @throws LogUnavailable when a store did not answer; the same copying again goes on
 */
export async function copyLog(
  from: EventLog,
  to: EventLog,
  onProgress: (progress: CopyProgress) => void = () => undefined,
): Promise<CopiedLog> {
  const common = await compare(from, to, reporter('comparing', await from.head(), onProgress));
  const { copied, through } = await copyRest(
    from,
    to,
    common,
    reporter('copying', await from.head(), onProgress),
  );
  const [source, target] = await prove(from, to, through, reporter('proving', through, onProgress));
  return {
    copied,
    source,
    target,
    equal: source.events === target.events && source.hash === target.hash,
    sourceMovedOn: (await from.head()) !== through,
  };
}

type Report = (event: StoredEvent) => void;

function reporter(
  phase: CopyProgress['phase'],
  total: Position,
  onProgress: (progress: CopyProgress) => void,
): Report {
  let events = 0;
  return ({ position }) => {
    events += 1;
    onProgress({ phase, done: position, total, events });
  };
}

/** Where in the source the target ends. */
async function compare(from: EventLog, to: EventLog, report: Report): Promise<Position> {
  let common = LOG_START;
  let number = 0;
  const theirs = eventsOf(from, LOG_START);
  try {
    for await (const there of eventsOf(to, LOG_START)) {
      number += 1;
      const { value: here } = await theirs.next();
      if (here === undefined || !isSame(here, there)) {
        throw new CopyRefused(
          `The target holds something else: event ${number} is ${nameOf(there)} there and ` +
            `${nameOf(here)} in the source. Nothing was written; copy into an empty log.`,
        );
      }
      common = here.position;
      report(here);
    }
    return common;
  } finally {
    await theirs.return(undefined);
  }
}

/** How many were appended, and up to where in the source. */
async function copyRest(
  from: EventLog,
  to: EventLog,
  after: Position,
  report: Report,
): Promise<{ readonly copied: number; readonly through: Position }> {
  let copied = 0;
  let through = after;
  for await (const events of runsOf(eventsOf(from, after))) {
    await appendRun(to, events);
    for (const event of events) {
      through = event.position;
      report(event);
    }
    copied += events.length;
  }
  return { copied, through };
}

async function appendRun(to: EventLog, events: readonly [StoredEvent, ...StoredEvent[]]) {
  const [{ stream, version }] = events;
  try {
    await to.append(stream, version === 0 ? 'none' : version - 1, events.map(toStore));
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error;
    throw new CopyRefused(
      `Somebody else writes to the target: ${error.message}. Let nothing but the copying write ` +
        'there, then run it again.',
      { cause: error },
    );
  }
}

/** Both from the start: the source up to a place, the target whole. */
async function prove(
  from: EventLog,
  to: EventLog,
  through: Position,
  report: Report,
): Promise<readonly [HashedLog, HashedLog]> {
  const source = new LogHash();
  const target = new LogHash();
  const copies = eventsOf(to, LOG_START);
  const addCopy = async (): Promise<boolean> => {
    const { value: copy } = await copies.next();
    if (copy !== undefined) target.add(copy);
    return copy !== undefined;
  };
  try {
    for await (const event of eventsOf(from, LOG_START)) {
      if (event.position > through) break;
      source.add(event);
      await addCopy();
      report(event);
    }
    while (await addCopy());
  } finally {
    await copies.return(undefined);
  }
  const hashed = (log: LogHash): HashedLog => ({ events: log.events, hash: log.digest() });
  return [hashed(source), hashed(target)];
}

async function* eventsOf(
  log: EventLog,
  after: Position,
): AsyncGenerator<StoredEvent, undefined, undefined> {
  for await (const page of log.readLog({ after, max: PAGE_EVENTS_MAX })) yield* page;
  return undefined;
}

type Run = [StoredEvent, ...StoredEvent[]];

/** Events that follow each other in the log and in their stream, as many as one append carries. */
async function* runsOf(events: AsyncIterable<StoredEvent>): AsyncGenerator<Run> {
  let run: Run | undefined;
  let last: StoredEvent | undefined;
  let bytes = 0;
  for await (const event of events) {
    const size = bytesOf(event);
    const joins =
      run !== undefined &&
      event.stream === last?.stream &&
      event.version === last.version + 1 &&
      run.length < EVENTS_PER_APPEND_MAX &&
      bytes + size <= APPEND_BYTES_MAX;
    if (run !== undefined && joins) {
      run.push(event);
      bytes += size;
    } else {
      if (run !== undefined) yield run;
      run = [event];
      bytes = size;
    }
    last = event;
  }
  if (run !== undefined) yield run;
}

const TEXTS = ['data', 'protected', 'metadata'] as const;

function bytesOf(event: EventToStore): number {
  return TEXTS.reduce((sum, text) => sum + Buffer.byteLength(event[text]), 0);
}

function toStore(event: StoredEvent): EventToStore {
  const { id, type, schemaVersion, data, metadata } = event;
  return { id, type, schemaVersion, data, protected: event.protected, metadata };
}

/** In all but the position, which is each store's own. */
function isSame(a: StoredEvent, b: StoredEvent): boolean {
  const parts = ['stream', 'version', 'id', 'type', 'schemaVersion', ...TEXTS] as const;
  return parts.every((part) => a[part] === b[part]);
}

/** Events can differ in what their names do not say: the id tells two writings apart. */
function nameOf(event: StoredEvent | undefined): string {
  if (event === undefined) return 'nothing';
  const { type, stream, version, id } = event;
  return `${type} ${id} (${stream}, version ${version})`;
}
