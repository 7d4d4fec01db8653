import type { AnyFact, Projection, Row, Rows } from '../index.js';
import type { TestEvent } from './tally.js';

/**
 * A read model of streams that stand each for itself: a row for each, with a trail that shows any
 * fact left out, doubled or out of order, and how often the facts of other streams name it.
 */
export function register(cannot: (fact: AnyFact) => boolean = () => false): Projection {
  const reduceAdded = (facts: readonly AnyFact[], rows: Rows) => {
    for (const fact of facts) {
      const row = rowOf(rows, fact.stream);
      const { version } = fact;
      rows.put('register', { ...row, trail: `${String(row['trail'])}${version} ` });
      // After it, so that what was done has to be undone.
      if (cannot(fact)) throw new Error('no way to apply it');
    }
  };
  return {
    name: 'register',
    version: 1,
    whenBroken: 'park',
    applies: ['Added', 'Removed'],
    tables: [
      {
        name: 'register',
        columns: { stream: 'text', trail: 'text', named: 'integer' },
        key: ['stream'],
      },
    ],
    byStream: { types: ['Added'], first: 'Added', reduce: reduceAdded },
    reduce(fact, rows) {
      const { type, data } = fact as AnyFact & TestEvent; // It is asked for these types alone.
      if (type === 'Removed') {
        const row = rowOf(rows, data.item);
        rows.put('register', { ...row, named: (row['named'] as bigint) + 1n });
      } else reduceAdded([fact], rows);
    },
  };
}

function rowOf(rows: Rows, stream: string): Row {
  return rows.get('register', stream) ?? { stream, trail: '', named: 0n };
}
