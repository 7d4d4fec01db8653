import Type, { type Static, type TObject, type TSchema } from 'typebox';
import { SLUG_LENGTH_MAX, type EventId, type Id, type Slug } from './ids.js';
import type { CivilDate, Instant, Month } from './dates.js';
import { PENCE_MAX, type Pence } from './money.js';

/**
 * The vocabulary in which events say what they carry. A shape is JSON Schema (so that it can be
 * published as it is) and a TypeScript type at once. Pence are integers in JSON and `bigint` in
 * code; the codec converts them at the edge of the log by the mark that `pence` leaves.
 */
export type { Static, TObject, TSchema };

const withArticle = (word: string) => `${/^[aeiou]/u.test(word) ? 'an' : 'a'} ${word}`;

export const PENCE_FORMAT = 'pence';

export const shape = {
  object: Type.Object,
  optional: Type.Optional,
  array: Type.Array,
  text: (description?: string) =>
    Type.String({ maxLength: 10_000, ...(description === undefined ? {} : { description }) }),
  integer: (options: { minimum?: number; maximum?: number; description?: string } = {}) =>
    Type.Integer(options),
  flag: () => Type.Boolean(),
  /** One of a closed list of words. */
  word: <const W extends readonly string[]>(words: W) =>
    Type.Unsafe<W[number]>(Type.Enum([...words])),
  id: <const B extends string>(of: B) =>
    Type.Unsafe<Id<B>>(Type.String({ format: 'uuid', description: `id of ${withArticle(of)}` })),
  eventId: () =>
    Type.Unsafe<EventId>(Type.String({ format: 'uuid', description: 'id of an event' })),
  slug: (of: string) =>
    Type.Unsafe<Slug>(
      Type.String({
        pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
        maxLength: SLUG_LENGTH_MAX,
        description: `slug of ${withArticle(of)}`,
      }),
    ),
  date: () =>
    Type.Unsafe<CivilDate>(
      Type.String({ format: 'date', description: 'civil date in Europe/London' }),
    ),
  month: () =>
    Type.Unsafe<Month>(
      Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$', description: 'calendar month' }),
    ),
  instant: () => Type.Unsafe<Instant>(Type.String({ format: 'date-time' })),
  pence: (options: { minimum?: number; description?: string } = {}) =>
    Type.Unsafe<Pence>(
      Type.Integer({
        format: PENCE_FORMAT,
        minimum: -Number(PENCE_MAX),
        maximum: Number(PENCE_MAX),
        ...options,
      }),
    ),
  sha256: () => Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of a document' }),
  union: Type.Union,
  literal: Type.Literal,
  nothing: () => Type.Null(),
};
