import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import {
  ACTOR_ROLES,
  dayOf,
  isCivilDate,
  isRefusal,
  isSlug,
  messageOf,
  parseInstant,
  refuse,
  startOfDay,
  type Actor,
  type ActorRole,
  type CivilDate,
  type Instant,
  type Refusal,
} from '#kernel';

export const NAME_LENGTH_MAX = 200;
/** No command goes deeper than four; what does is a mistake or an attack. */
export const NESTING_DEPTH_MAX = 16;
/** Each is held against its rules, and every reason is told: this is what that may cost. */
export const VALUES_MAX = 10_000;

/** Why something cannot be read: every reason at once. */
export type Refusals = readonly [Refusal, ...Refusal[]];

export function areRefusals(value: unknown): value is Refusals {
  return Array.isArray(value) && isRefusal(value[0]);
}

export function readObject(
  text: string,
  what: 'line' | 'body',
): Record<string, unknown> | Refusals {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The parser's own words quote the text, and there may be a person in it.
    const [, at] = /position (\d+)/u.exec(messageOf(error)) ?? [];
    const where = at === undefined ? '' : `: it breaks at character ${Number(at) + 1}`;
    return [refuse('not-json', `The ${what} is not JSON${where}.`)];
  }
  if (!isObject(value)) return [refuse('not-an-object', `The ${what} is not a JSON object.`)];
  return tooMuchIn(value, what) ?? value;
}

/** Level by level: what is nested deep enough would break a function that calls itself. */
function tooMuchIn(value: object, what: 'line' | 'body'): Refusals | null {
  let level = [value];
  for (let depth = 0, values = 0; level.length > 0; depth += 1) {
    if (depth > NESTING_DEPTH_MAX) {
      const most = `at most ${NESTING_DEPTH_MAX} levels of lists and objects`;
      return [refuse('nested-too-deep', `The ${what} must have ${most}, one inside the other.`)];
    }
    const below = level.flatMap((item): unknown[] => Object.values(item));
    values += below.length;
    if (values > VALUES_MAX) {
      return [refuse('too-many-values', `The ${what} must have at most ${VALUES_MAX} values.`)];
    }
    level = below.filter(isNested);
  }
  return null;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** What a line of a command file and a request have in common. */
export interface Given {
  readonly on: CivilDate;
  readonly at?: Instant;
  readonly actor: Actor;
  readonly data: Readonly<Record<string, unknown>>;
}

/** When, by whom and what: `at`, `actor` and `data`, and no field that is not among these. */
export function readGiven(
  value: Readonly<Record<string, unknown>>,
  fields: readonly string[],
): Given | Refusals {
  const refusals: Refusal[] = Object.keys(value)
    .filter((field) => !fields.includes(field))
    .map((field) =>
      refuse(
        'unknown-field',
        `There is no field ${shown(field)}; there are: ${fields.join(', ')}.`,
        { field: shown(field) },
      ),
    );
  const { data } = value;
  if (!isObject(data)) {
    refusals.push(refuse('wrong-field', 'data must be an object.', { field: 'data' }));
  }
  const happened = readWhen(value['at'], 'at');
  const actor = readActor(value['actor']);
  for (const part of [happened, actor]) if (isRefusal(part)) refusals.push(part);
  const [first, ...more] = refusals;
  if (first !== undefined) return [first, ...more];
  const { on, at } = happened as When;
  return {
    ...{ on, ...(at && { at }) },
    actor: actor as Actor,
    data: data as Record<string, unknown>,
  };
}

export interface When {
  readonly on: CivilDate;
  readonly at?: Instant;
}

export function readWhen(value: unknown, field: string): When | Refusal {
  if (typeof value === 'string') {
    if (isCivilDate(value)) return { on: value };
    const at = parseInstant(value);
    if (at !== null) return { on: dayOf(at), at };
  }
  return refuse(
    'not-a-date',
    `${field} must be a date that exists (2026-04-10) or an instant with its offset ` +
      '(2026-04-10T09:30:00+01:00).',
    { field },
  );
}

/** A day alone counts from its beginning in London. */
export function recordedInstant({ on, at }: When): Instant {
  return at ?? startOfDay(on);
}

function readActor(value: unknown): Actor | Refusal {
  const shape =
    'actor must be {"id": text, "role": one of ' +
    `${ACTOR_ROLES.join(', ')}, "organisation": slug}`;
  if (!isObject(value)) return refuse('wrong-field', `${shape}.`, { field: 'actor' });
  const { id, role, organisation, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    return refuse('unknown-field', `${shape}; there is no ${shown(unknown)}.`, {
      field: `actor.${shown(unknown)}`,
    });
  }
  if (!isName(id)) {
    return refuse('wrong-field', `${shape}.`, { field: 'actor.id' });
  }
  if (typeof role !== 'string' || !(ACTOR_ROLES as readonly string[]).includes(role)) {
    return refuse('wrong-field', `${shape}.`, { field: 'actor.role' });
  }
  if (typeof organisation !== 'string' || !isSlug(organisation)) {
    return refuse('wrong-field', `${shape}.`, { field: 'actor.organisation' });
  }
  return { id, role: role as ActorRole, organisation };
}

/** The fields of a class, each held against its rules; nothing else may be there. */
export function readFields<T extends object>(
  fieldsClass: new () => T,
  data: Readonly<Record<string, unknown>>,
): T | Refusals {
  // The library passes over these names without a word.
  const [reserved] = reservedIn(data, []);
  if (reserved !== undefined) {
    return [refuse('unknown-field', `There is no field ${reserved} here.`, { field: reserved })];
  }
  const fields = plainToInstance(fieldsClass, data);
  const errors = validateSync(fields, { whitelist: true, forbidNonWhitelisted: true });
  const [first, ...more] = errors.flatMap((error) => refusalsOf(error, []));
  return first === undefined ? fields : [first, ...more];
}

/** What every object has already, `toString` and the like. */
function isReserved(name: string): boolean {
  return name in Object.prototype || name === 'prototype';
}

function reservedIn(value: unknown, path: readonly string[]): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    isReserved(name) ? [[...path.map(shown), name].join('.')] : reservedIn(item, [...path, name]),
  );
}

function refusalsOf(error: ValidationError, path: readonly string[]): Refusal[] {
  const field = [...path, shown(error.property)].join('.');
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) =>
    rule === 'whitelistValidation'
      ? refuse('unknown-field', `There is no field ${field} here.`, { field })
      : refuse('wrong-field', sentence(field, error.value, message), { field }),
  );
  // One reason a field: the first that fails says what to do.
  const below = (error.children ?? []).flatMap((child) =>
    refusalsOf(child, [...path, error.property]),
  );
  return [...own.slice(0, 1), ...below];
}

function sentence(field: string, value: unknown, message: string): string {
  if (value === undefined) return `${field} is missing: it ${lead(message)}.`;
  return `${field} ${lead(message)}.`;
}

/** Messages of the library begin with the property's name, ours do not. */
function lead(message: string): string {
  return message.replace(/^\$?\w+ (?=must|should|each|is )/u, '').replace(/\.$/u, '');
}

/** Null is how many programs write "nothing was said". */
export function withoutNulls(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, stripped(item)]),
  );
}

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  return isObject(value) ? withoutNulls(value) : value;
}

const PLAIN_NAME = /^[A-Za-z][\w.-]{0,39}$/u;

/**
 * A name that somebody else chose, for a sentence: only where it is a plain one. In a file whose
 * columns slipped, a person may stand where a field's name should.
 */
export function shown(name: string): string {
  return PLAIN_NAME.test(name) ? name : '(not shown: not a plain name)';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a file may call its commands and things. */
export function isName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.length <= NAME_LENGTH_MAX &&
    value.isWellFormed()
  );
}
