import type { StoredEvent } from '#event-log';

/** What a finance officer and a link worker of an anchor would ask. */
export interface Question {
  readonly anchor: string;
  readonly provider: string;
  /** In the middle of what happened. */
  readonly month: string;
  readonly linkWorker: string;
}

/** One for each anchor that has all of it; the provider and worker met last. */
export function questionsOf(events: readonly StoredEvent[]): readonly Question[] {
  const found = new Map<string, { provider?: string; linkWorker?: string }>();
  const months: string[] = [];
  for (const { type, data, metadata } of events) {
    if (type !== 'Prescribed' && type !== 'LinkWorkerAssigned') continue;
    const { anchor = '', occurredOn = '' } = JSON.parse(metadata) as Record<string, string>;
    const said = JSON.parse(data) as Record<string, string>;
    months.push(occurredOn.slice(0, 'YYYY-MM'.length));
    found.set(anchor, {
      ...found.get(anchor),
      ...(said['provider'] !== undefined && { provider: said['provider'] }),
      ...(said['linkWorker'] !== undefined && { linkWorker: said['linkWorker'] }),
    });
  }
  const month = months.sort()[Math.floor(months.length / 2)] ?? '';
  return [...found].flatMap(([anchor, { provider, linkWorker = '' }]) =>
    provider === undefined ? [] : [{ anchor, provider, linkWorker, month }],
  );
}
