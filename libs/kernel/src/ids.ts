import { v4, v5, validate } from 'uuid';
import { assert } from './assert.js';

declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** Opaque ids: lower-case UUID text. They carry no meaning and no personal data. */
export type Id<B extends string> = Branded<string, B>;
export type CommandId = Id<'command'>;
export type EventId = Id<'event'>;
export type PersonId = Id<'person'>;
export type ReferralId = Id<'referral'>;
export type PrescriptionId = Id<'prescription'>;
export type SessionId = Id<'session'>;
export type OfferId = Id<'offer'>;
export type AssessmentId = Id<'assessment'>;

/** Names that people choose once for what is not a person: `north`, `hill-allotments`. */
export type Slug = Branded<string, 'slug'>;

/** `category-id`, with no dash in the category. */
export type StreamName = Branded<string, 'stream'>;

export const SLUG_LENGTH_MAX = 64;
const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const STREAM = /^[a-z]+-[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Everything Wayledger derives by uuid5 (RFC 9562) hangs from this one random namespace. */
const ROOT_NAMESPACE = '6f0f3b1e-9a55-4c0e-8f6a-6d1f2a6c9e41';

export function isUuid(text: string): boolean {
  return validate(text) && text === text.toLowerCase();
}

export function isSlug(text: string): text is Slug {
  return text.length <= SLUG_LENGTH_MAX && SLUG.test(text);
}

export function isStreamName(text: string): text is StreamName {
  return STREAM.test(text);
}

/** A name-based UUID: the same parts always give the same id, on any machine. */
export function deriveId<B extends string>(...parts: readonly string[]): Id<B> {
  // A length before each part keeps ("ab","c") and ("a","bc") apart.
  return v5(
    parts.map((part) => `${String(part.length)}:${part}`).join(''),
    ROOT_NAMESPACE,
  ) as Id<B>;
}

export function randomId<B extends string>(): Id<B> {
  return v4() as Id<B>;
}

/** The id of an event is fixed before the first attempt to write it. */
export function eventIdOf(command: CommandId, stream: StreamName, index: number): EventId {
  return deriveId<'event'>('event', command, stream, String(index));
}

export function streamOf(category: string, id: string): StreamName {
  const name = `${category}-${id}`;
  assert(isStreamName(name), `"${name}" is a stream name`);
  return name;
}

/** The stream of something that is known by its slug, within whatever makes the slug unique. */
export function slugStream(category: string, ...path: readonly Slug[]): StreamName {
  return streamOf(category, deriveId(category, ...path));
}
