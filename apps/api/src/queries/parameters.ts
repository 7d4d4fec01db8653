import { Transform } from 'class-transformer';
import { IsInt, Max, MaxLength, Min } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { Optional, check, isUuid, type ReferralId } from '#kernel';
import type { Position } from '#event-log';
import { KNOWN_AT_FORMS, readKnownAt } from '#engine';
import { CURSOR_LENGTH_MAX, PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX } from '../limits.js';

type Schema = Parameters<typeof JSONSchema>[0];

function field(schema: Schema, ...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, key) => {
    for (const decorator of decorators) decorator(target, key);
    JSONSchema(schema)(target, String(key));
  };
}

/** Parameters come as text. */
function wholeOf({ value }: { value: unknown }): unknown {
  return typeof value === 'string' && /^\d{1,9}$/u.test(value) ? Number(value) : value;
}

function positionOf({ value }: { value: unknown }): unknown {
  return typeof value === 'string' && /^\d{1,18}$/u.test(value) ? BigInt(value) : value;
}

/** The beginning of an id is enough where one looks for it. */
export const BEGINNING = /^[0-9a-f-]{4,36}$/u;

export function BeginningField(): PropertyDecorator {
  return field(
    {
      type: 'string',
      pattern: '^[0-9a-f-]{4,36}$',
      description: 'of the id, four characters or more',
    },
    check(
      'isBeginning',
      (value) => typeof value === 'string' && BEGINNING.test(value),
      'must be the beginning of an id, four characters or more (a lower-case UUID)',
    ),
  );
}

/** An id in a path or a query. */
export function UuidField(of: string): PropertyDecorator {
  return field(
    { type: 'string', format: 'uuid', description: `the ${of}` },
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? value.toLowerCase() : value,
    ),
    check(
      'isUuid',
      (value) => typeof value === 'string' && isUuid(value),
      `must be the UUID of a ${of}`,
    ),
  );
}

export function KnownAtField(): PropertyDecorator {
  return field(
    { type: 'string', description: `as it was known then: ${KNOWN_AT_FORMS}` },
    check(
      'isKnownAt',
      (value) => typeof value === 'string' && readKnownAt(value) !== null,
      `must be ${KNOWN_AT_FORMS}`,
    ),
  );
}

/** What every query takes. */
export class Reading {
  @field(
    {
      type: 'integer',
      minimum: 0,
      description: "wait until this can be seen: the position in a command's answer",
    },
    Transform(positionOf),
    check(
      'isPosition',
      (value) => typeof value === 'bigint',
      'must be a position of the log (digits)',
    ),
  )
  @Optional()
  minPosition?: Position;
}

/** What every list takes. */
export class PagedReading extends Reading {
  @field(
    { type: 'integer', default: PAGE_ITEMS_DEFAULT, description: 'items of a page' },
    Transform(wholeOf),
    IsInt({ message: 'must be a whole number' }),
    Min(1, { message: 'must be 1 or more' }),
    Max(PAGE_ITEMS_MAX, { message: `must be ${PAGE_ITEMS_MAX} or less` }),
  )
  @Optional()
  limit?: number;

  @field(
    {
      type: 'string',
      description: '`next` of the page before, with all other parameters as they were',
    },
    MaxLength(CURSOR_LENGTH_MAX),
  )
  @Optional()
  cursor?: string;
}

export class OneReferral extends Reading {
  @UuidField('referral') referral!: ReferralId;
  @KnownAtField() @Optional() knownAt?: string;
}
