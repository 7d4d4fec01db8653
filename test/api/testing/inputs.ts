import fc, { type Arbitrary } from 'fast-check';

export type Schema = Readonly<Record<string, unknown>>;

/** What histories know: ids and slugs that mean something, beside those that mean nothing. */
export interface Known {
  readonly referrals: readonly string[];
  readonly uuids: readonly string[];
  readonly slugs: readonly string[];
  readonly days: readonly string[];
}

const COUNTS_MAX = 3;
/** Of lists that a schema does not limit. */
const ITEMS_MAX = 3;

/** What a schema of the document allows. */
export function validFor(document: Schema, known: Known) {
  const schemas = (document['components'] as { schemas: Record<string, Schema> }).schemas;
  const of = (schema: Schema): Arbitrary<unknown> => {
    const { $ref, anyOf, const: only, enum: words } = schema;
    if (typeof $ref === 'string') return of(schemas[$ref.split('/').at(-1)!]!);
    if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map((one) => of(one as Schema)));
    if (only !== undefined) return fc.constant(only);
    if (Array.isArray(words)) return fc.constantFrom(...(words as unknown[]));
    const { type } = schema;
    if (Array.isArray(type))
      return fc.oneof(...type.map((one) => of({ ...schema, type: one as unknown })));
    return ofType(schema);
  };
  const ofType = (schema: Schema): Arbitrary<unknown> => {
    switch (schema['type']) {
      case 'object':
        return objectOf(schema);
      case 'array': {
        const { minItems = 0, items = {} } = schema as { minItems?: number; items?: Schema };
        const maxLength = Math.max(minItems, ITEMS_MAX);
        return fc.array(of(items), { minLength: minItems, maxLength });
      }
      case 'integer':
        return wholeOf(schema);
      case 'number':
        return wholeOf({ minimum: 0, maximum: 100 });
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      default:
        return textOf(schema, known);
    }
  };
  const objectOf = (schema: Schema): Arbitrary<unknown> => {
    const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
    const required = (schema['required'] ?? []) as string[];
    return fc.record(Object.fromEntries(properties.map(([name, one]) => [name, of(one)])), {
      requiredKeys: required,
    });
  };
  return of;
}

function wholeOf(schema: Schema): Arbitrary<number> {
  const { minimum = 0, maximum = 1_000_000 } = schema as { minimum?: number; maximum?: number };
  const least = Math.max(minimum, 0);
  const few = fc.integer({ min: least, max: Math.min(maximum, least + COUNTS_MAX) });
  return fc.oneof(few, fc.integer({ min: minimum, max: maximum }));
}

function textOf(schema: Schema, { uuids, slugs, days }: Known): Arbitrary<string> {
  const {
    format,
    pattern,
    minLength = 1,
    maxLength = 40,
  } = schema as {
    readonly format?: string;
    readonly pattern?: string;
    readonly minLength?: number;
    readonly maxLength?: number;
  };
  if (format === 'uuid') return fc.oneof(fc.constantFrom(...uuids), fc.uuid());
  if (format === 'date') return fc.constantFrom(...days);
  if (format === 'date-time') {
    return fc.constantFrom(...days).map((day) => `${day}T10:00:00+01:00`);
  }
  if (pattern === undefined) {
    return fc.string({ unit: LETTERS, minLength, maxLength: Math.min(maxLength, 40) });
  }
  const [, made] = MADE.find(([of]) => of === pattern) ?? [];
  if (made === undefined) throw new Error(`nothing is made for ${pattern} yet`);
  return made === SLUGS ? fc.oneof(fc.constantFrom(...slugs), made) : made;
}

/** Of all that people write, and some that nobody means to. */
const LETTERS = fc.constantFrom(
  'a',
  'Z',
  '7',
  'é',
  'ß',
  '漢',
  '💥',
  ' ',
  '\n',
  '\u0007',
  '\u202e',
  '"',
);
const SLUGS = fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}$/u);
const PLAIN = fc.string({ maxLength: 60 }).map((text) => `${text}x`);
/** Texts for each pattern of the document; the library's own are slow to find short ones. */
const MADE: readonly (readonly [string, Arbitrary<string>])[] = [
  ['^[a-z0-9]+(-[a-z0-9]+)*$', SLUGS],
  ['^\\d{4}-(0[1-9]|1[0-2])$', fc.constantFrom('2024-05', '2026-04', '2026-07')],
  ['^[0-9a-f-]{4,36}$', fc.stringMatching(/^[0-9a-f]{4,12}$/u)],
  ['\\S', PLAIN],
  ['^[0-9a-f]{64}$', fc.stringMatching(/^[0-9a-f]{64}$/u)],
];

/** Values that no field should trip over. */
export const HOSTILE: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 0.1, 1e21, 1e308, 2 ** 53, Number.MIN_VALUE],
  ...['', ' ', 'NaN', 'Infinity', '-1', '1e3', '0x10', '__proto__', 'constructor'],
  ...['\u0000', 'a\u0000b', '\u001b[31m', '\ud800', '\udfff\ud800', '\u202e', '\ufeff', '💥'],
  ...["'; drop table event; --", '../../etc/passwd', '%00', '{{7*7}}', '<script>'],
  ...['2026-02-30', '2026-13-01', '9999-12-31', '0000-00-00', '2026-04-01T25:00:00Z'],
  ...['00000000-0000-0000-0000-000000000000', 'x'.repeat(5_000), 'x'.repeat(70_000)],
  ...[[], {}, [[]], [null], [{}], { length: 1 }, { toString: 1 }, { then: 1 }],
  ...[Array.from({ length: 500 }, () => 'a'), Array.from({ length: 101 }, () => ({}))],
];

/** One place of a JSON value made hostile. */
export function hurt(value: unknown, hostile: unknown, place: number): unknown {
  const places = placesIn(value, []);
  const path = places[place % places.length]!;
  return withAt(value, path, hostile);
}

function placesIn(value: unknown, path: readonly string[]): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([name, item]) => placesIn(item, [...path, name])),
  ];
}

function withAt(value: unknown, [first, ...rest]: readonly string[], hostile: unknown): unknown {
  if (first === undefined) return hostile;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) =>
      String(index) === first ? withAt(item, rest, hostile) : item,
    );
  }
  const object = value as Record<string, unknown>;
  return { ...object, [first]: withAt(object[first], rest, hostile) };
}
