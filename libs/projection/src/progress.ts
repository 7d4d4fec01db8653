import { LOG_START, type Position, type StoredEvent } from '#event-log';

export interface Progress {
  /**
   * Places in the log, of the one that its head has: a share, and no number of events. What is
   * left for later is gone through a second time, so both count twice for who leaves something.
   */
  readonly done: Position;
  readonly total: Position;
  /** Events gone through since this began, each counted once. */
  readonly events: number;
}
export type OnProgress = (progress: Progress) => void;

/** How far it is. Of a page that another process was quicker with nothing counts twice. */
export class ProgressCount {
  private events = 0;
  private counted = LOG_START;
  private rounds = 1n;

  constructor(
    private readonly onProgress: OnProgress | undefined,
    /** Asked only where there is somebody to tell. */
    private readonly head: () => Promise<Position>,
  ) {}

  /** Streams will be read a second time. */
  twice(): void {
    this.rounds = 2n;
  }

  async page(page: readonly StoredEvent[]): Promise<void> {
    if (this.onProgress === undefined) return;
    for (const { position } of page) {
      if (position <= this.counted) continue;
      this.counted = position;
      this.events += 1;
    }
    const head = await this.head();
    this.onProgress({ done: this.counted, total: head * this.rounds, events: this.events });
  }

  /** Of what was left, after all pages. */
  streams(taken: number, all: number): void {
    const { counted: head, events } = this;
    const done = head + (head * BigInt(taken)) / BigInt(all);
    this.onProgress?.({ done, total: head * this.rounds, events });
  }

  /** All that was left is taken; what comes now is counted as before. */
  once(): void {
    this.rounds = 1n;
  }
}
