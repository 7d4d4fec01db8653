import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { streamOf, type EventDefinition } from '#kernel';
import { Codec, type EventToStore } from '#event-log';
import { eventId } from '../testing/facts.js';
import { fundingEvents } from './events.js';

/** The sources: compiling copies no JSON. */
const FOLDER = new URL('../../../../../libs/funding/src/domain/golden/', import.meta.url);

interface Golden {
  readonly stored: Omit<EventToStore, 'id'>;
  /** The data as it is read, pence as text with an n behind. */
  readonly decoded: unknown;
}

const seal = () => Promise.reject(new Error('Facts of money have no protected fields.'));
const codec = new Codec(fundingEvents, { seal });

const versions = Object.entries<EventDefinition>(fundingEvents).flatMap(([type, { version }]) =>
  Array.from({ length: version }, (_, index) => `${type}.v${index + 1}`),
);

function golden(name: string): Golden {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Golden;
}

function decode({ stored }: Golden) {
  const id = eventId(stored.type);
  return codec.decode({ ...stored, id, stream: streamOf('x', id), version: 0, position: 1n });
}

function withPenceAsText(value: unknown): unknown {
  const text = JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'bigint' ? `${item}n` : item,
  );
  return JSON.parse(text);
}

describe('what was once written', () => {
  test('of each type and version one is kept, and none is left over', () => {
    const kept = readdirSync(FOLDER).sort();
    expect(kept).toEqual(versions.map((name) => `${name}.json`).sort());
  });

  test.each(versions)('%s is still read as it was', (name) => {
    const file = golden(name);
    expect(`${file.stored.type}.v${file.stored.schemaVersion}`).toBe(name);
    expect(withPenceAsText(decode(file).data)).toEqual(file.decoded);
  });

  test.each(versions)('%s is still written to the byte', async (name) => {
    const file = golden(name);
    const { version } = fundingEvents[file.stored.type as keyof typeof fundingEvents];
    // What only older programs wrote is read and never written again.
    if (file.stored.schemaVersion !== version) return;
    const { id, metadata, ...event } = decode(file);
    const { data, protected: sealed } = await codec.encode({ event, id, metadata });
    expect({ data, sealed }).toEqual({ data: file.stored.data, sealed: file.stored.protected });
  });
});
