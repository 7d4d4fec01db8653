import type { EventToStore } from '#event-log';

/** What a finance officer and a link worker of an anchor would ask. */
export interface Question {
  readonly anchor: string;
  readonly provider: string;
  /** In the middle of what happened. */
  readonly month: string;
  readonly linkWorker: string;
}

/** One for each anchor that has all of it, from the facts on their way into a log. */
export class Questions {
  /** The provider and worker met last. */
  readonly #met = new Map<string, { provider?: string; linkWorker?: string }>();
  readonly #months = new Map<string, number>();

  note({ type, data, metadata }: EventToStore): void {
    if (type !== 'Prescribed' && type !== 'LinkWorkerAssigned') return;
    const { anchor = '', occurredOn = '' } = JSON.parse(metadata) as Record<string, string>;
    const { provider, linkWorker } = JSON.parse(data) as Record<string, string>;
    const month = occurredOn.slice(0, 'YYYY-MM'.length);
    this.#months.set(month, (this.#months.get(month) ?? 0) + 1);
    this.#met.set(anchor, {
      ...this.#met.get(anchor),
      ...(provider !== undefined && { provider }),
      ...(linkWorker !== undefined && { linkWorker }),
    });
  }

  all(): readonly Question[] {
    const month = this.#middle();
    return [...this.#met].flatMap(([anchor, { provider, linkWorker = '' }]) =>
      provider === undefined ? [] : [{ anchor, provider, linkWorker, month }],
    );
  }

  #middle(): string {
    let left = [...this.#months.values()].reduce((sum, count) => sum + count, 0) / 2;
    for (const [month, count] of [...this.#months].sort()) {
      left -= count;
      if (left <= 0) return month;
    }
    return '';
  }
}
