import {
  PENCE_FORMAT,
  assert,
  messageOf,
  penceToJson,
  type CivilDate,
  type EventCatalogue,
  type EventId,
  type EventOf,
  type Fact,
  type JsonObject,
  type JsonValue,
  type Metadata,
  type PersonId,
  type Sealed,
  type StreamName,
  type TSchema,
} from '#kernel';
import { Compile } from 'typebox/compile';
import { EventRefused, LogDamaged } from './errors.js';
import type { Position } from './place.js';
import { EncodedEvent, type EventToStore, type StoredEvent } from './stored-event.js';

/** Encrypts the protected fields of one event for one person. */
export interface Sealer {
  seal(
    place: { readonly person: PersonId; readonly event: EventId; readonly type: string },
    fields: JsonObject,
  ): Promise<Readonly<Record<string, string>>>;
}

export interface EventToEncode<E extends { type: string; data: unknown }> {
  readonly event: E & { readonly protectedData?: unknown };
  readonly id: EventId;
  readonly metadata: Metadata;
  /** Whose key seals the protected fields. */
  readonly person?: PersonId;
}

/** A decoded event with its place in the log. */
export type RecordedFact<E extends { type: string; data: unknown }> = Fact<E> & {
  readonly stream: StreamName;
  readonly version: number;
  readonly position: Position;
};

/**
 * Between the domain's events and the texts of the log: checks the shape of what is written, seals
 * protected fields, turns pence into integers and back, and raises older versions when read.
 */
export class Codec<C extends EventCatalogue> {
  private readonly types: ReadonlyMap<string, EventType>;
  private readonly days = new Map<CivilDate, CivilDate>();

  constructor(
    readonly catalogue: C,
    private readonly sealer: Sealer,
  ) {
    this.types = new Map(
      Object.entries(catalogue).map(([type, definition]) => [type, eventType(type, definition)]),
    );
  }

  knows(type: string): type is keyof C & string {
    return this.types.has(type);
  }

  /** @throws EventRefused when the event is not of its own shape */
  async encode(given: EventToEncode<EventOf<C>>): Promise<EventToStore> {
    const { event, id, metadata, person } = given;
    const type = this.types.get(event.type);
    if (type === undefined) throw new EventRefused(`${event.type} is not in the event catalogue`);
    const data = type.data.toJson(event.data);
    let sealed: Sealed = {};
    if (event.protectedData !== undefined) {
      const fields = type.protectedData.toJson(event.protectedData);
      if (Object.keys(fields).length > 0) {
        assert(person !== undefined, `${event.type} names the person its protected fields are of`);
        sealed = {
          [person]: await this.sealer.seal({ person, event: id, type: event.type }, fields),
        };
      }
    }
    return new EncodedEvent(id, event.type, type.version, { data, protected: sealed, metadata });
  }

  /** @throws LogDamaged when the texts cannot be read as this event */
  decode(stored: StoredEvent): RecordedFact<EventOf<C>> {
    const type = this.types.get(stored.type);
    if (type === undefined) {
      throw new LogDamaged(`${stored.type} at ${stored.position} is not in the event catalogue`);
    }
    try {
      return {
        id: stored.id,
        type: stored.type,
        data: dataOf(type, stored),
        sealed:
          stored.protected === '{}' ? NOTHING_SEALED : (JSON.parse(stored.protected) as Sealed),
        metadata: this.metadataOf(stored.metadata),
        stream: stored.stream,
        version: stored.version,
        position: stored.position,
      } as unknown as RecordedFact<EventOf<C>>; // The catalogue ties type and data together.
    } catch (error) {
      throw new LogDamaged(`${stored.type} at ${stored.position}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Events of one day share its text: whoever keeps many of them keeps it once. */
  private metadataOf(text: string): Metadata {
    // Nobody else's yet.
    const metadata = JSON.parse(text) as Metadata & { occurredOn: CivilDate };
    const { occurredOn } = metadata;
    const known = this.days.get(occurredOn);
    if (known === undefined) {
      if (this.days.size === DAYS_MAX) this.days.clear();
      this.days.set(occurredOn, occurredOn);
    } else metadata.occurredOn = known;
    return metadata;
  }
}

/** Far more than a log has days. */
const DAYS_MAX = 20_000;

/** Most events are about nobody. */
const NOTHING_SEALED: Sealed = Object.freeze({});

function dataOf(type: EventType, { data, schemaVersion }: StoredEvent): unknown {
  return type.data.fromJson(type.upcast(JSON.parse(data) as JsonObject, schemaVersion));
}

interface EventType {
  readonly version: number;
  readonly data: Mapper;
  readonly protectedData: Mapper;
  upcast(data: JsonObject, from: number): JsonObject;
}

function eventType(type: string, definition: EventCatalogue[string]): EventType {
  const { version, data, protectedData, upcasters = {} } = definition;
  const steps: ((data: JsonObject) => JsonObject)[] = [];
  for (let from = 1; from < version; from += 1) {
    const step = upcasters[from];
    assert(step !== undefined, `${type} has an upcaster from version ${from}`);
    steps.push(step);
  }
  return {
    version,
    data: mapper(type, data),
    protectedData:
      protectedData === undefined ? noFields(type) : mapper(`${type} (protected)`, protectedData),
    upcast(given, from) {
      assert(from >= 1 && from <= version, `${type} version ${from} is known (up to ${version})`);
      return steps.slice(from - 1).reduce((value, step) => step(value), given);
    },
  };
}

interface Mapper {
  toJson(value: unknown): JsonObject;
  fromJson(value: JsonObject): unknown;
}

function noFields(type: string): Mapper {
  return {
    toJson: () => {
      throw new EventRefused(`${type} has no protected fields`);
    },
    fromJson: (value) => value,
  };
}

/** Unknown fields pass through both ways: a newer writer's addition survives an older reader. */
function mapper(type: string, schema: TSchema): Mapper {
  const validator = Compile(schema);
  const raise = penceRaiser(schema);
  return {
    toJson(value) {
      const json = jsonOf(type, value);
      if (!validator.Check(json)) {
        const [first] = validator.Errors(json);
        throw new EventRefused(
          `${type} ${first?.instancePath ?? ''}: ${first?.message ?? 'is not of its shape'}`,
        );
      }
      return json;
    },
    fromJson: (value) => (raise === undefined ? value : raise(value)),
  };
}

/** A plain JSON copy: pence become numbers; what JSON would drop or bend in silence is refused. */
function jsonOf(type: string, value: unknown): JsonObject {
  try {
    return copy(value, 0) as JsonObject;
  } catch (error) {
    throw new EventRefused(`${type}: ${messageOf(error)}`, { cause: error });
  }
}

const DEPTH_MAX = 32;

function copy(value: unknown, depth: number): JsonValue {
  assert(depth <= DEPTH_MAX, 'event data is a tree of limited depth');
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return penceToJson(value);
  if (typeof value === 'number') {
    assert(Number.isFinite(value), 'a number in an event is finite');
    return value;
  }
  if (typeof value === 'string') {
    assert(value.isWellFormed(), 'text in an event is well-formed Unicode');
    return value;
  }
  // Array.from, unlike map, meets the holes of a list: they are refused like any undefined item.
  if (Array.isArray(value)) return Array.from(value, (item) => copy(item, depth + 1));
  assert(
    typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype,
    'event data is made of plain objects, lists, text, integers and flags',
  );
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    assert(key !== '__proto__', 'a field of an event is not called __proto__');
    assert(key.isWellFormed(), 'the name of a field is well-formed Unicode');
    if (item !== undefined) result[key] = copy(item, depth + 1);
  }
  return result;
}

/** Turns the numbers that stand for pence into bigint; in place where it can. */
type Raise = (value: unknown) => unknown;

interface SchemaNode {
  readonly format?: string;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly items?: TSchema;
  readonly anyOf?: readonly TSchema[];
}
/** Where pence could hide that the walk below does not look. */
const NOT_WALKED = ['allOf', 'oneOf', 'patternProperties', 'prefixItems', '$ref', 'not'];

/** @returns undefined where there is nothing to raise */
function penceRaiser(schema: TSchema): Raise | undefined {
  const node = schema as SchemaNode;
  for (const keyword of NOT_WALKED) assert(!(keyword in node), `no shape is made with ${keyword}`);
  if (node.format === PENCE_FORMAT) return pence;
  if (node.properties !== undefined) return raiseFields(node.properties);
  if (node.items !== undefined) {
    const raise = penceRaiser(node.items);
    return raise && ((value) => (Array.isArray(value) ? value.map((item) => raise(item)) : value));
  }
  return node.anyOf === undefined ? undefined : raiseOneOf(node.anyOf);
}

function raiseFields(properties: Readonly<Record<string, TSchema>>): Raise | undefined {
  const fields = Object.entries(properties).flatMap(([key, child]) => {
    const raise = penceRaiser(child);
    return raise === undefined ? [] : [{ key, raise }];
  });
  if (fields.length === 0) return undefined;
  return (value) => {
    if (typeof value !== 'object' || value === null) return value;
    const object = value as Record<string, unknown>;
    for (const { key, raise } of fields) {
      if (Object.hasOwn(object, key)) object[key] = raise(object[key]);
    }
    return object;
  };
}

/** A field may be pence in one form and something else in another: the form that fits decides. */
function raiseOneOf(forms: readonly TSchema[]): Raise | undefined {
  const branches = forms.map((form) => ({ form: Compile(form), raise: penceRaiser(form) }));
  if (branches.every(({ raise }) => raise === undefined)) return undefined;
  return (value) => {
    const branch = branches.find(({ form }) => form.Check(value));
    assert(branch !== undefined, 'a value with pence has one of its forms');
    return branch.raise === undefined ? value : branch.raise(value);
  };
}

function pence(value: unknown): bigint {
  assert(Number.isSafeInteger(value), `${String(value)} is a whole number of pence`);
  return BigInt(value as number);
}
