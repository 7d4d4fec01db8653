import type { Refusal, Slug } from '#kernel';
import { FileNames, readLine, type CommandLine } from '#interop';
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
/** Lines of one area given side by side. */
const UNDER_WAY_MAX = 32;
const DAY_LENGTH = 'YYYY-MM-DD'.length;

/**
 * Decided on the referral, and on a directory that stands still meanwhile: no command on another
 * referral can change their answer. What they tell budgets and places is taken as it comes, and
 * whatever asks of those waits for all that was told before.
 */
const ASKS_NOBODY: ReadonlySet<string> = new Set([
  'AcceptReferral',
  'AcknowledgeFeedback',
  'AgreePlan',
  'AmendPlan',
  'AssignLinkWorker',
  'CancelPrescription',
  'CloseReferral',
  'CompletePrescription',
  'DeclineAssessment',
  'DeclinePrescription',
  'DeclineReferral',
  'IdentifyBarrier',
  'Offer',
  'PlanContact',
  'RaiseConcern',
  'RecordAssessment',
  'RecordAttendance',
  'RecordConsent',
  'RecordContact',
  'RecordContactAttempt',
  'RecordDropOut',
  'RecordFollowUp',
  'RecordMissed',
  'RecordUnmetNeed',
  'Refer',
  'RefuseOffer',
  'SendFeedback',
  'Signpost',
]);

/**
 * Gives the lines of areas, the areas side by side, and in an area what was recorded of different
 * referrals on the same day: so the log has many to write together, and one wait for the disk does
 * for all of them. What is of one referral, and what asks something of a budget, of places, of the
 * directory or of the books, comes after all that was recorded before it.
 *
 * Each line's `recordedAt` is its clock. A refused line does not stop the rest; what fails
 * otherwise stops all areas and is thrown when nothing is under way any more.
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
  const given = ({ anchor }: SimulatedArea, outcome: Given): void => {
    tally.count(anchor, outcome);
    onProgress({ lines: tally.lines, events: tally.events, reachedMs: abreast.last() });
  };
  let failed = false;
  const load = async (area: SimulatedArea): Promise<void> => {
    const recording = recorder();
    const underWay = new UnderWay();
    let day = '';
    for (const line of area.lines()) {
      if (failed) break;
      // As it would be read from a file.
      const read = readLine(JSON.stringify(line));
      if (!('command' in read)) {
        given(area, { id: line.id, status: 'refused', reasons: read });
        continue;
      }
      const recordedAt = recording(read);
      const give = async (): Promise<void> => {
        if (failed) return;
        given(area, await giveLine(wayledger, read, names, recordedAt));
      };
      const referral = ownReferral(read);
      if (referral === null || !line.recordedAt.startsWith(day) || underWay.isFull()) {
        await underWay.end();
        day = line.recordedAt.slice(0, DAY_LENGTH);
        await abreast.reach(area, Date.parse(line.recordedAt));
      }
      if (referral === null) await give();
      else underWay.start(referral, give);
    }
    await underWay.end();
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
  await allEnded(loads);
  return { ...tally.all(), seconds: (performance.now() - started) / 1_000 };
}

/** The referral of a line that asks nothing of anything else; `null` where it may ask. */
function ownReferral({ command, data }: CommandLine): string | null {
  const { referral } = data;
  return ASKS_NOBODY.has(command) && typeof referral === 'string' ? referral : null;
}

/** Work on referrals, in order on each of them. */
class UnderWay {
  private readonly byReferral = new Map<string, Promise<void>>();
  private started = 0;

  isFull(): boolean {
    return this.started >= UNDER_WAY_MAX;
  }

  start(referral: string, work: () => Promise<void>): void {
    this.started += 1;
    const before = this.byReferral.get(referral) ?? Promise.resolve();
    const done = before.then(work);
    // It is told at the end; until then nobody listens.
    done.catch(() => undefined);
    this.byReferral.set(referral, done);
  }

  /** Resolves when all of it is done. @throws what went wrong with the first that failed */
  async end(): Promise<void> {
    const all = [...this.byReferral.values()];
    this.byReferral.clear();
    this.started = 0;
    await allEnded(all);
  }
}

/** As `Promise.all`, but whatever happens, none is under way any more afterwards. */
async function allEnded(all: readonly Promise<void>[]): Promise<void> {
  for (const end of await Promise.allSettled(all)) {
    if (end.status === 'rejected') throw end.reason;
  }
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
