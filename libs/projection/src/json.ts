import { assert } from '#kernel';

/**
 * A value in a column of JSON text. Parsed when it is first looked at, written when it is first
 * stored: what stays in memory between two facts costs neither. The value is not to be changed.
 */
export class Json {
  /** Of its text, when that was last looked at: about what it takes. */
  size: number;

  private constructor(
    private parsed: unknown,
    private packed: string | undefined,
  ) {
    this.size = packed?.length ?? 0;
  }

  static of(value: unknown): Json {
    return new Json(value, undefined);
  }

  static ofText(text: string): Json {
    return new Json(undefined, text);
  }

  get value(): unknown {
    if (this.parsed === undefined && this.packed !== undefined) {
      this.parsed = unpackJson(this.packed);
      this.packed = undefined;
    }
    return this.parsed;
  }

  /** The same text for the same value, however it came about. */
  get text(): string {
    const text = this.packed ?? packJson(this.parsed);
    this.size = text.length;
    return text;
  }

  /** Nobody is expected to look at the value again: from here on it is its text alone. */
  pack(): void {
    this.packed = this.text;
    this.parsed = undefined;
  }

  /** Whether it is known, without a look at either, that both are the same value. */
  isSame(other: unknown): boolean {
    if (this === other) return true;
    return other instanceof Json && this.parsed !== undefined && this.parsed === other.parsed;
  }

  toString(): string {
    return this.text;
  }
}

/**
 * JSON that may hold pence: a bigint becomes an object that nothing else looks like. The keys of
 * each object are in order, so that equal values have equal texts: a value that was read back has
 * lost the places of fields that were absent for a while.
 */
export function packJson(value: unknown): string {
  return JSON.stringify(inOrder(value) ?? null);
}

/** The very value where it is in order already and holds no pence: engines write that fastest. */
function inOrder(value: unknown): unknown {
  if (typeof value === 'bigint') return { '#pence': value.toString() };
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? itemsInOrder(value) : fieldsInOrder(value as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

function itemsInOrder(items: readonly unknown[]): readonly unknown[] {
  let ordered: unknown[] | undefined;
  for (const [index, item] of items.entries()) {
    const moved = inOrder(item);
    if (moved === item) continue;
    ordered ??= [...items];
    ordered[index] = moved;
  }
  return ordered ?? items;
}

function fieldsInOrder(given: Fields): Fields {
  let ordered: Record<string, unknown> | undefined;
  let isSorted = true;
  let last = '';
  for (const key in given) {
    const item = given[key];
    const moved = inOrder(item);
    if (moved !== item) (ordered ??= { ...given })[key] = moved;
    isSorted &&= last <= key;
    last = key;
  }
  const fields = ordered ?? given;
  return isSorted ? fields : sorted(fields);
}

function sorted(fields: Fields): Fields {
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((key) => [key, fields[key]]),
  );
}

export function unpackJson(text: unknown): unknown {
  assert(typeof text === 'string', 'a JSON column holds text');
  const value: unknown = JSON.parse(text);
  return text.includes('"#pence"') ? withPence(value) : value;
}

/** In place: it was parsed just now. By hand: a reviver takes ten times as long. */
function withPence(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) value[index] = withPence(item);
    return value;
  }
  if ('#pence' in value) return BigInt(String(value['#pence']));
  const fields = value as Record<string, unknown>; // Parsed JSON has no other objects.
  for (const key of Object.keys(fields)) {
    const item = fields[key];
    if (typeof item === 'object' && item !== null) fields[key] = withPence(item);
  }
  return value;
}
