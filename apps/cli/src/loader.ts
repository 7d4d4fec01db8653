import type { Refusal, Slug } from '#kernel';
import { FileNames, readLine } from '#interop';
import type { Wayledger } from '#engine';
import type { SimulatedArea } from '#simulation';
import { Abreast } from './abreast.js';
import { giveLine, recorder, type Given } from './importer.js';

export interface LoadOptions {
  /** What keeps the names of these areas apart from those of other areas and files. */
  readonly namespace: string;
  /** Told of after every line. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface LoadProgress {
  readonly lines: number;
  /** Added so far. */
  readonly events: number;
  /** What was recorded before this moment, in milliseconds of the epoch, is given in all areas. */
  readonly reachedMs: number;
}

export interface RefusedLine {
  readonly anchor: Slug;
  readonly id: string | null;
  readonly reasons: readonly Refusal[];
}

export interface LoadSummary {
  readonly lines: number;
  readonly accepted: number;
  /** Known already: nothing was added. */
  readonly unchanged: number;
  readonly refused: number;
  /** The first few of them. */
  readonly refusals: readonly RefusedLine[];
  /** Added by the lines themselves; what budgets and places add because of them is not counted. */
  readonly events: number;
  readonly seconds: number;
}

export const REFUSALS_KEPT_MAX = 20;
/** How far an area may be ahead of another, in milliseconds: the log reads as time went by. */
export const AHEAD_MS_MAX = 31 * 24 * 60 * 60 * 1_000;

/**
 * Gives the lines of areas: those of an area one after the other, the areas side by side, so that
 * the log has several to write together. Each line's `recordedAt` is its clock. A refused line does
 * not stop the rest; what fails otherwise stops all areas and is thrown.
 */
export async function loadAreas(
  wayledger: Pick<Wayledger, 'execute'>,
  areas: readonly SimulatedArea[],
  { namespace, onProgress = () => undefined }: LoadOptions,
): Promise<LoadSummary> {
  const started = performance.now();
  const names = new FileNames(namespace);
  const abreast = new Abreast(areas, AHEAD_MS_MAX);
  const tally = new Tally();
  let failed = false;
  const load = async (area: SimulatedArea): Promise<void> => {
    const recording = recorder();
    for (const line of area.lines()) {
      await abreast.reach(area, Date.parse(line.recordedAt));
      if (failed) return;
      // As it would be read from a file.
      const read = readLine(JSON.stringify(line));
      const given: Given =
        'command' in read
          ? await giveLine(wayledger, read, names, recording)
          : { id: line.id, status: 'refused', reasons: read };
      tally.count(area.anchor, given);
      onProgress({ lines: tally.lines, events: tally.events, reachedMs: abreast.last() });
    }
  };
  const loads = areas.map((area) =>
    load(area)
      .catch((error: unknown) => {
        failed = true;
        throw error;
      })
      .finally(() => {
        abreast.leave(area);
      }),
  );
  // The others' commands are under way: nobody may close the stores before they are done.
  const ends = await Promise.allSettled(loads);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { ...tally.all(), seconds: (performance.now() - started) / 1_000 };
}

class Tally {
  lines = 0;
  events = 0;
  private readonly by = { accepted: 0, unchanged: 0, refused: 0 };
  private readonly refusals: RefusedLine[] = [];

  count(anchor: Slug, given: Given): void {
    this.lines += 1;
    this.by[given.status] += 1;
    if (given.status === 'accepted') this.events += given.events.length;
    if (given.status !== 'refused' || this.refusals.length === REFUSALS_KEPT_MAX) return;
    this.refusals.push({ anchor, id: given.id, reasons: given.reasons });
  }

  all(): Omit<LoadSummary, 'seconds'> {
    const { lines, events, refusals } = this;
    return { lines, ...this.by, refusals, events };
  }
}
