import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 5;

/**
 * Reading from SQLite never waits for anything: somebody who reads page after page, or stream after
 * stream, would keep the whole process to himself. Here he lets the others in now and then.
 */
export class FairTurns {
  private sinceMs = performance.now();

  async take(): Promise<void> {
    if (performance.now() - this.sinceMs < SLICE_MS) return;
    await nextTurn();
    this.sinceMs = performance.now();
  }
}
