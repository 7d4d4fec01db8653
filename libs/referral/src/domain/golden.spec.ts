import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Codec, type EventToStore } from '#event-log';
import { deriveId, streamOf, type EventDefinition, type TSchema } from '#kernel';
import { referralEvents, type ReferralEvent } from './events.js';
import { evolve, statusOf } from './state.js';
import { RECEIVED } from './testing/beginnings.js';
import { fold } from './testing/given.js';

/** The sources: compiling copies no JSON. */
const FOLDER = new URL('../../../../../libs/referral/src/domain/golden/', import.meta.url);
/** `Prescribed.v1.json`, or with what is special about it: `Prescribed.v1.free.json`. */
const NAME = /^(?<type>[A-Z][A-Za-z]+)\.v(?<version>\d+)(?:\.[a-z-]+)?\.json$/;

interface Golden {
  readonly file: string;
  readonly stored: Omit<EventToStore, 'id'>;
  /** The data as it is read, pence as text with an n behind. */
  readonly decoded: object;
}

const files = readdirSync(FOLDER)
  .sort()
  .map((file): Golden => {
    const text = readFileSync(new URL(file, FOLDER), 'utf8');
    return { ...(JSON.parse(text) as Omit<Golden, 'file'>), file };
  });

function penceAsText(value: unknown): unknown {
  const text = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? `${part}n` : part,
  );
  return JSON.parse(text);
}

const catalogue: Readonly<Record<string, EventDefinition>> = referralEvents;
const codec = new Codec(referralEvents, {
  seal: () => {
    throw new Error('Golden data is clear: what was sealed stays as it was');
  },
});
const id = deriveId<'event'>('golden');

function decode({ stored }: Golden) {
  const place = { stream: streamOf('referral', id), version: 0, position: 1n };
  return codec.decode({ ...stored, id, ...place });
}

describe('every event that was ever written still loads', () => {
  const versions = Object.entries(catalogue).flatMap(([type, { version }]) =>
    Array.from({ length: version }, (_, index) => [type, index + 1] as const),
  );

  test.each(versions)('%s version %i has a golden file', (type, version) => {
    expect(files.map(({ file }) => file)).toContain(`${type}.v${version}.json`);
  });

  test.each(files)('$file says what its name says, of a type that is known', (golden) => {
    const { file, stored } = golden;
    const { type, version } = NAME.exec(file)?.groups ?? {};
    expect({ type, version }).toEqual({ type: stored.type, version: String(stored.schemaVersion) });
    expect(versions).toContainEqual([stored.type, stored.schemaVersion]);
  });

  test.each(files)('$file is read as it was recorded', (golden) => {
    const { data, sealed, metadata, type } = decode(golden);
    expect(type).toBe(golden.stored.type);
    expect(penceAsText(data)).toEqual(golden.decoded);
    expect(sealed).toEqual(JSON.parse(golden.stored.protected));
    expect(metadata).toEqual(JSON.parse(golden.stored.metadata));
  });

  const newest = files.filter(
    ({ stored }) => stored.schemaVersion === catalogue[stored.type]?.version,
  );

  test.each(newest)('$file is written again to the byte', async (golden) => {
    const { type, data, metadata } = decode(golden);
    const written = await codec.encode({ event: { type, data } as ReferralEvent, id, metadata });
    expect(written.data).toBe(golden.stored.data);
    expect(written.metadata).toBe(golden.stored.metadata);
    expect(written.schemaVersion).toBe(golden.stored.schemaVersion);
  });

  test.each(files)('$file folds', (golden) => {
    const state = evolve(fold(RECEIVED), decode(golden));
    expect(state && statusOf(state)).toEqual(expect.any(String));
  });
});

describe('the golden files leave nothing out', () => {
  test.each(Object.entries(catalogue))('of %s', (type, { data, protectedData }) => {
    const mine = files.filter(({ stored }) => stored.type === type);
    const inData = new Set(mine.flatMap(({ decoded }) => Object.keys(decoded)));
    const people = mine.flatMap(({ stored }) =>
      Object.values(JSON.parse(stored.protected) as Record<string, object>),
    );
    const inSealed = new Set(people.flatMap((fields) => Object.keys(fields)));
    expect([...inData].sort()).toEqual(fieldsOf(data));
    expect([...inSealed].sort()).toEqual(
      protectedData === undefined ? [] : fieldsOf(protectedData),
    );
  });

  function fieldsOf(schema: TSchema): string[] {
    const { properties = {}, anyOf = [] } = schema as {
      readonly properties?: Readonly<Record<string, TSchema>>;
      readonly anyOf?: readonly TSchema[];
    };
    return [...new Set([...Object.keys(properties), ...anyOf.flatMap(fieldsOf)])].sort();
  }
});
