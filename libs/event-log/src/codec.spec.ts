import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  randomId,
  shape,
  streamOf,
  type EventDefinition,
  type JsonObject,
  type Metadata,
  type PersonId,
} from '#kernel';
import { checkAppend, Codec, EncodedEvent, EventRefused, LogDamaged } from '#event-log';
import type { EventToStore, Sealer, StoredEvent } from '#event-log';

const CATALOGUE = {
  PriceAgreed: {
    version: 1,
    data: shape.object({
      service: shape.text(),
      price: shape.pence(),
      parts: shape.array(shape.pence()),
      lines: shape.optional(shape.array(shape.object({ what: shape.text(), cost: shape.pence() }))),
      nested: shape.optional(
        shape.object({ deep: shape.object({ cap: shape.optional(shape.pence()) }) }),
      ),
      rule: shape.optional(
        shape.union([
          shape.object({ kind: shape.literal('fixed'), amount: shape.pence() }),
          shape.object({ kind: shape.literal('share'), amount: shape.integer() }),
          shape.pence(),
          shape.text(),
        ]),
      ),
      count: shape.optional(shape.integer({ minimum: 0 })),
    }),
  },
  NoteWritten: {
    version: 1,
    data: shape.object({ on: shape.date() }),
    protectedData: shape.object({ note: shape.text(), owed: shape.optional(shape.pence()) }),
  },
} as const satisfies Record<string, EventDefinition>;

/** Not a cipher: shows what it was given, so that a test can look. */
const glassSealer: Sealer = {
  async seal(place, fields) {
    return { shown: Buffer.from(JSON.stringify({ place, fields })).toString('base64') };
  },
};

const codec = new Codec(CATALOGUE, glassSealer);
// The codec carries metadata as it is.
const metadata = { commandHash: 'abc', occurredOn: '2026-11-22' } as unknown as Metadata;
type PriceAgreed = { service: string; price: bigint; parts: bigint[] } & Record<string, unknown>;

const PRICE: PriceAgreed = { service: 'walking', price: 2850n, parts: [713n, 713n, 712n, 712n] };

/** Past the types, as data from outside comes. */
async function encode(data: unknown, type = 'PriceAgreed'): Promise<EventToStore> {
  return codec.encode({ event: { type, data } as never, id: randomId(), metadata });
}

function stored(event: EventToStore): StoredEvent {
  return { ...event, stream: streamOf('agreement', randomId()), version: 3, position: 17n };
}

describe('an event comes back from its texts as it was', () => {
  test.each([
    ['as it is', {}],
    [
      'in a list of objects',
      {
        lines: [
          { what: 'a', cost: 1n },
          { what: 'b', cost: -2n },
        ],
      },
    ],
    ['deep inside', { nested: { deep: { cap: 5n } } }],
    ['where it may be absent', { nested: { deep: {} } }],
    ['in one form of several', { rule: { kind: 'fixed', amount: 12n } }],
    ['but not in the other form', { rule: { kind: 'share', amount: 12 } }],
    ['as a form of its own', { rule: 12n }],
    ['beside a form that is text', { rule: '12' }],
    ['at the largest amount', { price: BigInt(Number.MAX_SAFE_INTEGER) }],
  ])('pence %s', async (_, more) => {
    const data = { ...PRICE, ...more };
    const event = await encode(data);
    const decoded = codec.decode(stored(event));
    expect(decoded.data).toEqual(data);
    expect(decoded).toMatchObject({ id: event.id, type: 'PriceAgreed', metadata, version: 3 });
    expect(decoded.position).toBe(17n);
  });

  test('whatever its values', async () => {
    const pence = fc.bigInt(-9007199254740991n, 9007199254740991n);
    const text = fc.string({ unit: 'grapheme', maxLength: 50 });
    const plain = { noNullPrototype: true };
    const fixed = fc.record({ kind: fc.constant('fixed'), amount: pence }, plain);
    const deep = fc.record({ cap: pence }, { ...plain, requiredKeys: [] });
    const data = fc.record(
      {
        service: text,
        price: pence,
        parts: fc.array(pence),
        lines: fc.array(fc.record({ what: text, cost: pence }, plain)),
        nested: fc.record({ deep }, plain),
        rule: fc.oneof(text, pence, fixed),
        count: fc.nat(),
      },
      { ...plain, requiredKeys: ['service', 'price', 'parts'] },
    );
    await fc.assert(
      fc.asyncProperty(data, async (given) => {
        const event = await encode(given);
        checkAppend(streamOf('agreement', randomId()), 'none', [event]);
        expect(codec.decode(stored(event)).data).toEqual(given);
      }),
    );
  });

  test('with the fields that only a newer writer knows', async () => {
    const data = { ...PRICE, colour: 'green', more: { list: [1, { a: null }], flag: true } };
    const event = await encode(data);
    const decoded = codec.decode(stored(event));
    expect(decoded.data).toEqual(data);
    expect((await encode(decoded.data)).data).toBe(event.data);
  });

  test('in readable JSON, with pence as integers and what is undefined left out', async () => {
    expect((await encode({ ...PRICE, lines: undefined })).data).toBe(
      '{"service":"walking","price":2850,"parts":[713,713,712,712]}',
    );
  });
});

describe('an event that is not of its shape is refused with the place', () => {
  test.each<[string, unknown, string]>([
    ['a field missing', { service: 'walking', parts: [] }, 'price'],
    ['text for pence', { ...PRICE, price: '2850' }, '/price'],
    ['a fraction of a penny', { ...PRICE, price: 28.5 }, '/price'],
    ['a wrong part', { ...PRICE, parts: [1n, 'x'] }, '/parts/1'],
    [
      'a wrong field deep inside',
      { ...PRICE, lines: [{ what: 'a', cost: null }] },
      '/lines/0/cost',
    ],
    ['a number out of range', { ...PRICE, count: -1 }, '/count'],
    ['no object', 'walking', 'PriceAgreed'],
    ['nothing', undefined, 'PriceAgreed'],
  ])('%s', async (_, data, place) => {
    const refused = encode(data);
    await expect(refused).rejects.toBeInstanceOf(EventRefused);
    await expect(refused).rejects.toThrow(place);
  });

  test('a date that is none', async () => {
    await expect(encode({ on: '2026-02-30' }, 'NoteWritten')).rejects.toThrow('/on');
  });

  test('a type that is not in the catalogue', async () => {
    await expect(encode({}, 'NeverHeardOf')).rejects.toBeInstanceOf(EventRefused);
    expect([codec.knows('PriceAgreed'), codec.knows('NeverHeardOf')]).toEqual([true, false]);
  });
});

describe('what JSON would drop or bend in silence is refused', () => {
  const cycle: Record<string, unknown> = {};
  cycle['again'] = cycle;
  const holes: number[] = [1];
  holes[2] = 3;

  test.each<[string, unknown]>([
    ['a cycle', cycle],
    ['a date object', new Date(0)],
    ['a map', new Map([['a', 1]])],
    ['an object of a class', new (class Price {})()],
    ['not a number', NaN],
    ['infinity', -Infinity],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['half of a surrogate pair', 'a\ud83d'],
    ['half of a surrogate pair in a name', { '\ud83d': 1 }],
    ['bytes', new Uint8Array(2)],
    ['a bigint that JSON cannot hold', 2n ** 53n],
    ['a negative one', -(2n ** 53n)],
    ['undefined in a list', [undefined]],
    ['a hole in a list', holes],
    ['a name that would vanish', JSON.parse('{"__proto__":{"a":1}}')],
  ])('%s', async (_, value) => {
    await expect(encode({ ...PRICE, extra: value })).rejects.toBeInstanceOf(EventRefused);
    await expect(encode({ ...PRICE, extra: { deep: [value] } })).rejects.toThrow(EventRefused);
  });
});

describe('protected fields', () => {
  const person = randomId<'person'>() satisfies PersonId;
  const id = randomId<'event'>();
  const event = {
    type: 'NoteWritten',
    data: { on: '2026-11-22' },
    protectedData: { note: 'sleeps badly', owed: 5n },
  };

  test('are sealed for their person and their event, and lie nowhere else', async () => {
    const encoded = await codec.encode({ event: event as never, id, metadata, person });
    expect(encoded.data).toBe('{"on":"2026-11-22"}');
    expect(encoded.data + encoded.protected + encoded.metadata).not.toMatch('sleeps');
    const { sealed } = codec.decode(stored(encoded));
    expect(Object.keys(sealed)).toEqual([person]);
    const shown = Buffer.from(sealed[person]?.['shown'] ?? '', 'base64').toString();
    expect(JSON.parse(shown)).toEqual({
      place: { person, event: id, type: 'NoteWritten' },
      fields: { note: 'sleeps badly', owed: 5 },
    });
  });

  test('need a person', async () => {
    await expect(codec.encode({ event: event as never, id, metadata })).rejects.toThrow('person');
  });

  test('have a shape like all others', async () => {
    const bad = { ...event, protectedData: { note: 7 } };
    const refused = codec.encode({ event: bad as never, id, metadata, person });
    await expect(refused).rejects.toThrow(/NoteWritten \(protected\) \/note/);
  });

  test('belong only to the types that have them', async () => {
    const bad = { type: 'PriceAgreed', data: PRICE, protectedData: { note: 'x' } };
    const refused = codec.encode({ event: bad as never, id, metadata, person });
    await expect(refused).rejects.toBeInstanceOf(EventRefused);
  });

  test('may all be absent', async () => {
    const none = { ...event, protectedData: {} };
    const optional = new Codec(
      { NoteWritten: { ...CATALOGUE.NoteWritten, protectedData: shape.object({}) } },
      glassSealer,
    );
    const encoded = await optional.encode({ event: none as never, id, metadata, person });
    expect(encoded.protected).toBe('{}');
  });
});

describe('an event that was encoded', () => {
  const place = [streamOf('agreement', randomId()), 'none'] as const;

  test('cannot be changed any more', async () => {
    const event = await encode(PRICE);
    expect(() => {
      (event as { data: string }).data = 'no JSON';
    }).toThrow(TypeError);
    expect(() => {
      checkAppend(...place, [event]);
    }).not.toThrow();
  });

  test.each(['data', 'protected', 'metadata'])(
    'has copies that are read again: %s',
    async (part) => {
      const event = await encode(PRICE);
      for (const text of ['no JSON', '[]', 'null', '{"a":"\ud83d"}']) {
        expect(() => {
          checkAppend(...place, [{ ...event, [part]: text }]);
        }).toThrow(`PriceAgreed: ${part} is not the text of a JSON object`);
      }
    },
  );

  test.each(['data', 'protected', 'metadata'])('has parts that are objects: %s', (part) => {
    const parts = { data: {}, protected: {}, metadata: {} };
    for (const wrong of [undefined, null, [], 'text', { toJSON: () => undefined }]) {
      const make = () => new EncodedEvent(randomId(), 'A', 1, { ...parts, [part]: wrong });
      expect(make).toThrow(EventRefused);
    }
  });
});

describe('older versions are raised when they are read', () => {
  const renamed = (data: JsonObject): JsonObject => {
    const { cost = 0, ...rest } = data;
    return { ...rest, price: cost };
  };
  const split = (data: JsonObject): JsonObject => ({ ...data, parts: [data['price'] ?? 0] });
  const definition = {
    version: 3,
    data: shape.object({ price: shape.pence(), parts: shape.array(shape.pence()) }),
    upcasters: { 1: renamed, 2: split },
  };
  const now = new Codec({ PriceAgreed: definition }, glassSealer);
  const old = (schemaVersion: number, data: string): StoredEvent =>
    stored({
      id: randomId(),
      type: 'PriceAgreed',
      schemaVersion,
      data,
      protected: '{}',
      metadata: '{}',
    });

  test.each([
    [1, '{"cost":7,"kept":"yes"}'],
    [2, '{"price":7,"kept":"yes"}'],
    [3, '{"price":7,"parts":[7],"kept":"yes"}'],
  ])('from version %i', (version, data) => {
    expect(now.decode(old(version, data)).data).toEqual({ price: 7n, parts: [7n], kept: 'yes' });
  });

  test('and written in the newest', async () => {
    const data = { price: 7n, parts: [] };
    const encoded = await now.encode({
      event: { type: 'PriceAgreed', data },
      id: randomId(),
      metadata,
    });
    expect(encoded).toMatchObject({ schemaVersion: 3, data: '{"price":7,"parts":[]}' });
  });

  test('a version nobody knows yet is refused', () => {
    for (const version of [0, 4]) {
      expect(() => now.decode(old(version, '{"price":7,"parts":[]}'))).toThrow(LogDamaged);
    }
  });

  test.each([
    ['the first', { 2: split }],
    ['the last', { 1: renamed }],
    ['every', {}],
  ])('a catalogue that lacks %s step is refused before anything is read', (_, upcasters) => {
    const broken = { PriceAgreed: { ...definition, upcasters } };
    expect(() => new Codec(broken, glassSealer)).toThrow(/upcaster from version \d/);
  });
});

describe('damage is told from what is well', () => {
  test.each<[string, Partial<StoredEvent>]>([
    ['data cut short', { data: '{"service":"walking","price":28' }],
    ['pence that are no number', { data: '{"service":"a","price":"x","parts":[]}' }],
    ['pence with a fraction', { data: '{"service":"a","price":0.5,"parts":[]}' }],
    ['pence in no known form', { data: '{"service":"a","price":1,"parts":[],"rule":[]}' }],
    ['protected cut short', { protected: '{' }],
    ['metadata cut short', { metadata: '' }],
    ['a type nobody knows', { type: 'NeverHeardOf' }],
  ])('%s', async (_, parts) => {
    const event = { ...stored(await encode(PRICE)), ...parts };
    expect(() => codec.decode(event)).toThrow(LogDamaged);
    expect(() => codec.decode(event)).toThrow('at 17');
  });
});
