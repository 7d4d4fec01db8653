import { shape, type EventOf, type StreamName } from '#kernel';
import type { AnyFact, Projection, Rows } from '../index.js';

export const EVENTS = {
  Added: {
    version: 1,
    data: shape.object({
      item: shape.text(),
      amount: shape.integer(),
      note: shape.optional(shape.text()),
    }),
  },
  Removed: { version: 1, data: shape.object({ item: shape.text() }) },
  Unheard: { version: 1, data: shape.object({}) },
} as const;
export type TestEvent = EventOf<typeof EVENTS>;
type TestFact = AnyFact & TestEvent & { readonly stream: StreamName };

export interface TallyOptions {
  readonly name?: string;
  readonly version?: number;
  readonly whenBroken?: Projection['whenBroken'];
  /** What this build of the code cannot apply. */
  readonly cannot?: (fact: TestFact) => boolean;
}

/**
 * A read model that shows any fact applied twice, left out or out of order: it adds up, and it
 * keeps a trail. `tally` is by anchor and item, `stream` by stream.
 */
export function tally(options: TallyOptions = {}): Projection {
  const { name = 'tally', version = 1, whenBroken = 'stop', cannot = () => false } = options;
  return {
    name,
    version,
    whenBroken,
    applies: ['Added', 'Removed'],
    tables: [
      {
        name,
        columns: { anchor: 'text', item: 'text', total: 'integer', note: 'text?', trail: 'text' },
        key: ['anchor', 'item'],
        indexes: [['item']],
      },
      {
        name: `${name}_stream`,
        columns: { stream: 'text', facts: 'integer', trail: 'text' },
        key: ['stream'],
      },
    ],
    reduce(given, rows) {
      const fact = given as TestFact; // It is asked for these types alone.
      count(fact, rows, `${name}_stream`);
      // In the middle, so that what was done before it has to be undone.
      if (cannot(fact)) throw new Error(`no way to apply ${JSON.stringify(fact.data)}`);
      if (fact.type === 'Added') add(fact, rows, name);
      if (fact.type === 'Removed') rows.remove(name, anchorOf(fact), fact.data.item);
    },
  };
}

function anchorOf({ metadata }: AnyFact): string {
  return metadata.anchor ?? '';
}

function count({ stream, version, type }: TestFact, rows: Rows, table: string): void {
  const before = rows.get(table, stream);
  rows.put(table, {
    stream,
    facts: ((before?.['facts'] ?? 0n) as bigint) + 1n,
    trail: `${String(before?.['trail'] ?? '')}${type[0] ?? ''}${version} `,
  });
}

function add(fact: Extract<TestFact, { type: 'Added' }>, rows: Rows, table: string): void {
  const { item, amount, note } = fact.data;
  const before = rows.get(table, anchorOf(fact), item);
  rows.put(table, {
    anchor: anchorOf(fact),
    item,
    total: ((before?.['total'] ?? 0n) as bigint) + BigInt(amount),
    // Left out where nothing was said: then the column is empty again.
    ...(note !== undefined && { note }),
    trail: `${String(before?.['trail'] ?? '')}+${amount}`,
  });
}
