import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { isCivilDate, isMonth, parseInstant } from './dates.js';
import { SLUG_LENGTH_MAX, isSlug, isUuid } from './ids.js';
import { PENCE_MAX } from './money.js';

/** The kinds of ids that a file of commands may write as names of its own. */
export const NAMED_KINDS = [
  'referral',
  'person',
  'prescription',
  'session',
  'offer',
  'assessment',
] as const;
export type NamedKind = (typeof NAMED_KINDS)[number];
/** Beside those, `entry`: a recorded fact, by its own id or by the command that recorded it. */
export type IdKind = NamedKind | 'entry';

export const TEXT_LENGTH_MAX = 4_000;
export const LIST_LENGTH_MAX = 100;
export const INTEGER_MAX = 1_000_000;

const idKinds = new WeakMap<object, Map<string, IdKind>>();

/** Which fields of a command class are ids, and of what. */
export function idFieldsOf(commandClass: new () => object): ReadonlyMap<string, IdKind> {
  return idKinds.get(commandClass.prototype as object) ?? new Map();
}

function all(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, key) => {
    for (const decorator of decorators) decorator(target, key);
  };
}

function documented(schema: Parameters<typeof JSONSchema>[0]): PropertyDecorator {
  return (target, key) => {
    JSONSchema(schema)(target, String(key));
  };
}

/** Of a field whose own words say what is wrong with it. */
export function check(
  name: string,
  validate: (value: unknown) => boolean,
  message: string,
): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: () => message } });
}

export const Optional = (): PropertyDecorator => IsOptional();

/** The id of a referral, person, prescription, session or offer. */
export function IdOf(kind: NamedKind): PropertyDecorator {
  return idField(
    kind,
    `must be text: the UUID of a ${kind}, or in a command file a name of its own`,
    `the ${kind}: a UUID, or in a command file any name of the file's own`,
  );
}

/** A fact that was recorded: named by its event id, or by the id of the command that said it. */
export function EventOrCommandId(): PropertyDecorator {
  return idField(
    'entry',
    'must be text: the id of an event, or of the command that recorded it',
    'the recorded fact: the id of its event, or the id of the command that recorded it ' +
      '(in a command file as the file has it)',
  );
}

/** Several recorded facts, each named in the one way or the other. */
export function EventOrCommandIds(description: string): PropertyDecorator {
  return all(
    isIdField('entry'),
    IsArray({ message: 'must be a list of ids' }),
    ArrayMinSize(1),
    ArrayMaxSize(LIST_LENGTH_MAX),
    check(
      'areIds',
      (value) => Array.isArray(value) && value.every((id) => typeof id === 'string' && isUuid(id)),
      'must be a list of texts: ids of events, or of the commands that recorded them',
    ),
    documented({ type: 'array', items: { type: 'string', minLength: 1 }, description }),
  );
}

/** Of ids that a file of commands may write as names. */
function isIdField(kind: IdKind): PropertyDecorator {
  return (target, key) => {
    const fields = idKinds.get(target) ?? new Map<string, IdKind>();
    idKinds.set(target, fields.set(String(key), kind));
  };
}

function idField(kind: IdKind, message: string, description: string): PropertyDecorator {
  return all(
    isIdField(kind),
    check('isId', (value) => typeof value === 'string' && isUuid(value), message),
    documented({ type: 'string', minLength: 1, description }),
  );
}

/** The slug of what is not a person: `north`, `lottery`, `hill-allotments`. */
export function SlugOf(what: string): PropertyDecorator {
  return all(
    check(
      'isSlug',
      (value) => typeof value === 'string' && isSlug(value),
      `must be a slug: lower-case letters, digits and single dashes, ${SLUG_LENGTH_MAX} at most`,
    ),
    documented({
      type: 'string',
      pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
      maxLength: SLUG_LENGTH_MAX,
      description: `the slug of the ${what}`,
    }),
  );
}

export function SlugsOf(what: string): PropertyDecorator {
  return all(
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(LIST_LENGTH_MAX),
    check(
      'areSlugs',
      (value) => Array.isArray(value) && value.every((s) => typeof s === 'string' && isSlug(s)),
      'must be a list of slugs (lower-case letters, digits and single dashes)',
    ),
    documented({
      type: 'array',
      items: { type: 'string', pattern: '^[a-z0-9]+(-[a-z0-9]+)*$' },
      description: `slugs of ${what}s`,
    }),
  );
}

export function Day(description?: string): PropertyDecorator {
  return all(
    check(
      'isDay',
      (value) => typeof value === 'string' && isCivilDate(value),
      'must be a date that exists, as YYYY-MM-DD',
    ),
    documented({ type: 'string', format: 'date', ...(description && { description }) }),
  );
}

export function InstantField(): PropertyDecorator {
  return all(
    check(
      'isInstant',
      (value) => typeof value === 'string' && parseInstant(value) !== null,
      'must be an instant with its offset, as 2026-04-10T09:30:00+01:00',
    ),
    documented({ type: 'string', format: 'date-time' }),
  );
}

/** Money in whole pence: a JSON integer outside, a bigint inside. */
export function PenceField(description = 'whole pence'): PropertyDecorator {
  return all(
    Transform(penceOfInteger),
    check(
      'isPence',
      (value) => typeof value === 'bigint' && value > 0n && value <= PENCE_MAX,
      'must be whole pence above 0, as an integer (12.50 pounds are 1250)',
    ),
    documented({
      type: 'integer',
      minimum: 1,
      maximum: Number(PENCE_MAX),
      description,
    }),
  );
}

/** Money in whole pence, in (positive) or out (negative). */
export function SignedPenceField(description: string): PropertyDecorator {
  return all(
    Transform(penceOfInteger),
    check(
      'isSignedPence',
      (value) => typeof value === 'bigint' && value <= PENCE_MAX && value >= -PENCE_MAX,
      'must be whole pence, as an integer (12.50 pounds out are -1250)',
    ),
    documented({
      type: 'integer',
      minimum: -Number(PENCE_MAX),
      maximum: Number(PENCE_MAX),
      description,
    }),
  );
}

function penceOfInteger({ value }: { value: unknown }): unknown {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}

export function Whole(
  min: number,
  description?: string,
  max: number = INTEGER_MAX,
): PropertyDecorator {
  return all(
    IsInt({ message: 'must be a whole number' }),
    Min(min, { message: `must be ${min} or more` }),
    Max(max, { message: `must be ${max} or less` }),
    documented({ type: 'integer', ...(description && { description }) }),
  );
}

/** Points as instruments print them, two decimals at most: hundredths inside, converted once. */
export function PointsField(description: string, above?: number): PropertyDecorator {
  const what = above === undefined ? 'a number' : `a number above ${above}`;
  return all(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'number' && Number(value.toFixed(2)) === value
        ? Math.round(value * 100)
        : value === undefined
          ? undefined
          : Number.NaN,
    ),
    check(
      'isPoints',
      (value) =>
        Number.isSafeInteger(value) &&
        Math.abs(value as number) <= INTEGER_MAX * 100 &&
        (above === undefined || (value as number) > above * 100),
      `must be ${what} with two decimals at most, as 2.5`,
    ),
    documented({
      type: 'number',
      multipleOf: 0.01,
      ...(above !== undefined && { exclusiveMinimum: above }),
      description,
    }),
  );
}

/** Whole numbers in order; null stands where one was left out. */
export function WholesOrNulls(description: string): PropertyDecorator {
  return all(
    check(
      'areWholesOrNulls',
      (value) =>
        Array.isArray(value) &&
        value.length <= LIST_LENGTH_MAX &&
        value.every((item) => item === null || Number.isSafeInteger(item)),
      'must be a list of whole numbers, null for what was left out',
    ),
    documented({ type: 'array', items: { type: ['integer', 'null'] }, description }),
  );
}

/** A month of the books: `2026-05`. */
export function MonthField(description?: string): PropertyDecorator {
  return all(
    check(
      'isMonth',
      (value) => typeof value === 'string' && isMonth(value),
      'must be a month, as 2026-05',
    ),
    documented({
      type: 'string',
      pattern: '^\\d{4}-(0[1-9]|1[0-2])$',
      ...(description !== undefined && { description }),
    }),
  );
}

/** A year by its first day: years are four digits here, and far ones are mistakes. */
export function Year(): PropertyDecorator {
  return Whole(1900, 'the year in which the budget starts', 2999);
}

/** Free text about a person or a place: kept within bounds, never empty. */
export function Text(description?: string): PropertyDecorator {
  return all(
    IsString({ message: 'must be text' }),
    check(
      'isNotBlank',
      (value) => typeof value !== 'string' || /[^\s\p{Cc}]/u.test(value),
      'must not be empty',
    ),
    MaxLength(TEXT_LENGTH_MAX, { message: `must be ${TEXT_LENGTH_MAX} characters or less` }),
    check(
      'isWellFormed',
      (value) => typeof value !== 'string' || value.isWellFormed(),
      'must be well-formed Unicode',
    ),
    documented(description === undefined ? {} : { description }),
  );
}

export function Texts(description?: string): PropertyDecorator {
  return all(
    documented(description === undefined ? {} : { description }),
    IsArray({ message: 'must be a list of texts' }),
    ArrayMaxSize(LIST_LENGTH_MAX),
    IsString({ each: true, message: 'must be a list of texts' }),
    IsNotEmpty({ each: true, message: 'must not hold an empty text' }),
    MaxLength(TEXT_LENGTH_MAX, { each: true }),
    check(
      'areWellFormed',
      (value) =>
        !Array.isArray(value) || value.every((t) => typeof t !== 'string' || t.isWellFormed()),
      'must be well-formed Unicode',
    ),
  );
}

export const Flag = (): PropertyDecorator => IsBoolean({ message: 'must be true or false' });

export function OneOf(words: readonly string[], description?: string): PropertyDecorator {
  return all(
    IsIn([...words], { message: `must be one of: ${words.join(', ')}` }),
    documented(description === undefined ? {} : { description }),
  );
}

export function SomeOf(words: readonly string[]): PropertyDecorator {
  return all(
    IsArray({ message: 'must be a list' }),
    ArrayMinSize(1),
    IsIn([...words], { each: true, message: `must hold only: ${words.join(', ')}` }),
  );
}

export const Sha256 = (): PropertyDecorator =>
  Matches(/^[0-9a-f]{64}$/, { message: 'must be a SHA-256 as 64 hexadecimal digits' });

/** What a command is for, in the words that its schema prints. */
export function Summary(description: string): ClassDecorator {
  return (target) => {
    // The library names its parameter for prototypes, and takes classes for schemas of classes.
    JSONSchema({ description })(target);
  };
}

/** One object of another class of fields. */
export function Part(of: () => new () => object): PropertyDecorator {
  return all(
    check(
      'isObject',
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'must be an object',
    ),
    ValidateNested(),
    Type(of),
  );
}

export function Parts(of: () => new () => object, atLeast = 1): PropertyDecorator {
  return all(
    IsArray({ message: 'must be a list of objects' }),
    ArrayMinSize(atLeast),
    ArrayMaxSize(LIST_LENGTH_MAX),
    ValidateNested({ each: true }),
    Type(of),
  );
}
