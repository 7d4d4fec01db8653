import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Sealer } from '#event-log';
import { assert, type EventId, type JsonObject, type JsonValue, type PersonId } from '#kernel';
import { KEY_BYTES, type KeyStore } from './key-store.js';

/** Where a sealed field belongs: it opens nowhere else. `type` is the type as stored. */
export interface SealPlace {
  readonly person: PersonId;
  readonly event: EventId;
  readonly type: string;
}

/** The person's key is gone: what it sealed cannot be read by anyone. */
export type Erased = 'erased';

/** A sealed field was changed, moved or sealed under another key. Never tells the value. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';

  constructor(
    readonly event: EventId,
    readonly field: string,
    why: string,
  ) {
    super(`The protected field "${field}" of event ${event} cannot be opened: ${why}`);
  }
}

/**
 * A sealed field is the text `1.` and base64url of: 12 bytes random IV, ciphertext, 16 bytes tag.
 * AES-256-GCM (NIST SP 800-38D) under the person's key, over the JSON text of the value.
 */
const FORM = '1.';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** The JSON text is filled up with spaces to a multiple of this. */
export const SEALED_BLOCK_BYTES = 64;

/**
 * Seals under the keys of a store; a person's key is created with the first field of theirs.
 * `seal` throws what `KeyStore.keyFor` throws.
 */
export function sealerWith(keys: KeyStore): Sealer {
  return {
    async seal(place, fields) {
      const key = await keys.keyFor(place.person);
      return mapFields(fields, (field, value) => sealField(key, place, field, value));
    },
  };
}

/**
 * The values of one person's sealed fields in one event, or `erased` when the person has no key.
 * @throws SealBroken when a field was changed, moved, or sealed under another key
 */
export async function open(
  keys: KeyStore,
  place: SealPlace,
  sealed: Readonly<Record<string, string>>,
): Promise<JsonObject | Erased> {
  const key = await keys.find(place.person);
  if (key === null) return 'erased';
  return mapFields(sealed, (field, text) => openField(key, place, field, text));
}

function sealField(key: Buffer, place: SealPlace, field: string, value: JsonValue): string {
  assert(key.length === KEY_BYTES, 'a person has a 256-bit key');
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(place, field));
  const sealed = [iv, cipher.update(padded(value)), cipher.final(), cipher.getAuthTag()];
  return FORM + Buffer.concat(sealed).toString('base64url');
}

function openField(key: Buffer, place: SealPlace, field: string, text: string): JsonValue {
  if (!text.startsWith(FORM)) {
    throw new SealBroken(place.event, field, 'it is sealed in a form that is not known here');
  }
  const body = text.slice(FORM.length);
  const bytes = Buffer.from(body, 'base64url');
  // Node reads base64url leniently; a changed text must not pass because it means the same bytes.
  if (bytes.toString('base64url') !== body || bytes.length < IV_BYTES + TAG_BYTES) {
    throw new SealBroken(place.event, field, 'its text is damaged');
  }
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(boundTo(place, field));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const opened = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
    return JSON.parse(Buffer.concat([opened, decipher.final()]).toString('utf8')) as JsonValue;
  } catch {
    // Without its cause: a parser quotes what it could not read.
    throw new SealBroken(place.event, field, 'it was changed, moved, or sealed by another key');
  }
}

/**
 * JSON allows spaces after a value. Without them the length of a ciphertext tells which code of a
 * closed list it holds, and goes on telling it after the person is erased.
 */
function padded(value: JsonValue): Buffer {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  const fill = Math.ceil(bytes / SEALED_BLOCK_BYTES) * SEALED_BLOCK_BYTES - bytes;
  return Buffer.from(text + ' '.repeat(fill), 'utf8');
}

/** The length before each part keeps ("ab", "c") and ("a", "bc") apart. */
function boundTo(place: SealPlace, field: string): Buffer {
  const parts = [place.event, place.type, place.person, field].map((part) => {
    assert(part.isWellFormed(), 'a sealed field is bound to well-formed text');
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  });
  return Buffer.concat(parts);
}

/** By `fromEntries`, which makes even `__proto__` a field like any other. */
function mapFields<A, B>(
  fields: Readonly<Record<string, A>>,
  map: (field: string, value: A) => B,
): Record<string, B> {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [field, map(field, value)]),
  );
}
