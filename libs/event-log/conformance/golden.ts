import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Codec, type EventToStore, type RecordedFact } from '#event-log';
import {
  deriveId,
  streamOf,
  type EventCatalogue,
  type EventDefinition,
  type EventOf,
  type TSchema,
} from '#kernel';

/** `Prescribed.v1.json`, or with what is special about it: `Prescribed.v1.free.json`. */
const NAME = /^(?<type>[A-Z][A-Za-z]+)\.v(?<version>\d+)(?:\.[a-z-]+)?\.json$/;

interface Golden {
  readonly file: string;
  readonly stored: Omit<EventToStore, 'id'>;
  /** The data as it is read, pence as text with an n behind. */
  readonly decoded: object;
}

/**
 * Every event that was ever written still loads: each type and version of a catalogue has a golden
 * file, says what it said, and is written again to the byte while it is the newest. `folder` is the
 * slice's `domain/golden` from the project's root: compiling copies no JSON. `folds` is what the
 * slice's own state must make of each.
 */
export function describeGoldenFiles<C extends EventCatalogue>(
  catalogue: C,
  folder: string,
  folds: (fact: RecordedFact<EventOf<C>>) => void,
): void {
  const files = readGolden(folder);
  const definitions = Object.entries(catalogue as Readonly<Record<string, EventDefinition>>);
  const codec = new Codec(catalogue, {
    seal: () => Promise.reject(new Error('Golden data is clear: what was sealed stays as it was')),
  });
  const id = deriveId<'event'>('golden');
  const decode = ({ stored }: Golden) =>
    codec.decode({ ...stored, id, stream: streamOf('golden', id), version: 0, position: 1n });

  describe('every event that was ever written still loads', () => {
    const versions = definitions.flatMap(([type, { version }]) =>
      Array.from({ length: version }, (_, index) => [type, index + 1] as const),
    );

    test.each(versions)('%s version %i has a golden file', (type, version) => {
      expect(files.map(({ file }) => file)).toContain(`${type}.v${version}.json`);
    });

    test.each(files)('$file says what its name says, of a type that is known', (golden) => {
      const { type, version } = NAME.exec(golden.file)?.groups ?? {};
      const { stored } = golden;
      expect({ type, version }).toEqual({
        type: stored.type,
        version: String(stored.schemaVersion),
      });
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
      // The catalogue is what ties type and data together.
      const event = { type, data } as unknown as EventOf<C>;
      const written = await codec.encode({ event, id, metadata });
      expect(written.data).toBe(golden.stored.data);
      expect(written.metadata).toBe(golden.stored.metadata);
      expect(written.schemaVersion).toBe(golden.stored.schemaVersion);
    });

    test.each(files)('$file folds', (golden) => {
      folds(decode(golden));
    });
  });

  test.each(definitions)('the golden files leave nothing out of %s', (type, definition) => {
    const mine = files.filter(({ stored }) => stored.type === type);
    const inData = new Set(mine.flatMap(({ decoded }) => Object.keys(decoded)));
    const people = mine.flatMap(({ stored }) =>
      Object.values(JSON.parse(stored.protected) as Record<string, object>),
    );
    const inSealed = new Set(people.flatMap((fields) => Object.keys(fields)));
    const { data, protectedData } = definition;
    expect([...inData].sort()).toEqual(fieldsOf(data));
    expect([...inSealed].sort()).toEqual(
      protectedData === undefined ? [] : fieldsOf(protectedData),
    );
  });
}

function readGolden(folder: string): Golden[] {
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      return { ...(JSON.parse(text) as Omit<Golden, 'file'>), file };
    });
}

function penceAsText(value: unknown): unknown {
  const text = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? `${part}n` : part,
  );
  return JSON.parse(text);
}

function fieldsOf(schema: TSchema): string[] {
  const { properties = {}, anyOf = [] } = schema as {
    readonly properties?: Readonly<Record<string, TSchema>>;
    readonly anyOf?: readonly TSchema[];
  };
  return [...new Set([...Object.keys(properties), ...anyOf.flatMap(fieldsOf)])].sort();
}
