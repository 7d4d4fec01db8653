import type { CivilDate, Instant } from './dates.js';
import type { CommandId, EventId, Id, PersonId, Slug } from './ids.js';
import type { Refusal } from './errors.js';
import type { Static, TSchema } from './shape.js';

/** Who gave the command, and for which organisation. */
export interface Actor {
  readonly id: string;
  readonly role: ActorRole;
  readonly organisation: Slug;
}
export const ACTOR_ROLES = ['link-worker', 'anchor', 'provider', 'referrer', 'system'] as const;
export type ActorRole = (typeof ACTOR_ROLES)[number];

/** The policies a decision followed, by version, so that it can be replayed. */
export interface DecidedUnder {
  readonly scheme?: { readonly name: Slug; readonly version: number };
  readonly agreement?: { readonly agreement: Slug; readonly version: number };
}

/** What every event carries beside its own data. `anchor` is absent from directory facts. */
export interface Metadata {
  readonly commandId: CommandId;
  /** SHA-256 (HMAC under the person's key where one is concerned) of the command as given. */
  readonly commandHash: string;
  readonly correlationId: Id<'correlation'>;
  /** The command or event that led to this one. */
  readonly causationId: CommandId | EventId;
  readonly actor: Actor;
  readonly anchor?: Slug;
  readonly occurredOn: CivilDate;
  readonly occurredAt?: Instant;
  readonly recordedAt: Instant;
  readonly decidedUnder?: DecidedUnder;
}

/** What a command brings along beside its own data. */
export interface CommandMeta {
  readonly commandId: CommandId;
  readonly correlationId: Id<'correlation'>;
  readonly actor: Actor;
  readonly occurredOn: CivilDate;
  readonly occurredAt?: Instant;
  readonly recordedAt: Instant;
  /** The version the command was decided against, when the caller insists on one. */
  readonly ifVersion?: number;
  /** The command as it came in, canonical JSON: what its hash is taken over. */
  readonly canonical: string;
}

/** The story of one event type: the version it is written in, its clear and its protected data. */
export interface EventDefinition<D extends TSchema = TSchema, P extends TSchema = TSchema> {
  readonly version: number;
  /** What it says, in a sentence. */
  readonly about?: string;
  readonly data: D;
  /** Encrypted per person before it reaches the log. */
  readonly protectedData?: P;
  /** From version n to n + 1, pure, for every n below `version`. */
  readonly upcasters?: Readonly<Record<number, (data: JsonObject) => JsonObject>>;
}
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

export type EventCatalogue = Readonly<Record<string, EventDefinition>>;

/** An event as it is decided: nothing but its type and what it says. */
export type EventOf<C extends EventCatalogue> = {
  [T in keyof C & string]: {
    readonly type: T;
    readonly data: Static<C[T]['data']>;
  } & (C[T] extends { readonly protectedData: infer P extends TSchema }
    ? { readonly protectedData?: Static<P> }
    : { readonly protectedData?: never });
}[keyof C & string];

/** Ciphertexts by person and field, as they lie in the log. */
export type Sealed = Readonly<Record<PersonId, Readonly<Record<string, string>>>>;

/** An event that happened: what folds, postings and projections work on. */
export type Fact<E extends { type: string; data: unknown }> = E extends unknown
  ? {
      readonly id: EventId;
      readonly type: E['type'];
      readonly data: E['data'];
      readonly sealed: Sealed;
      readonly metadata: Metadata;
    }
  : never;

/** What a decider answers: the new facts (none: nothing to do), or why not. */
export type Decision<E> = readonly E[] | Refusal;
