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

  /** @param isWanted whether an event of this type is not left for later */
  async page(page: readonly StoredEvent[], isWanted: (type: string) => boolean): Promise<void> {
    if (this.onProgress === undefined) return;
    for (const { position, type } of page) {
      if (position <= this.counted) continue;
      this.counted = position;
      if (isWanted(type)) this.events += 1;
    }
    const head = await this.head();
    this.onProgress({ done: this.counted, total: head * this.rounds, events: this.events });
  }

  /** Of what was left, after all pages: so many more events, and so many streams of all. */
  streams(events: number, taken: number, all: number): void {
    this.events += events;
    const { counted: head } = this;
    const done = head + (head * BigInt(taken)) / BigInt(all);
    this.onProgress?.({ done, total: head * this.rounds, events: this.events });
  }

  /** All that was left is taken; what comes now is counted as before. */
  once(): void {
    this.rounds = 1n;
  }
}
