import type { PersonId } from '#kernel';

/**
 * The random 256-bit key of each person. It seals their protected fields; without it these can
 * never be read again. Keys are never derived: a key that can be derived cannot be destroyed.
 */
export interface KeyStore {
  /**
   * The person's key, created if there is none. It is on disk before this answers.
   * @throws KeyStoreBusy
   */
  keyFor(person: PersonId): Promise<Buffer>;
  /**
   * The person's key; `null` when there is none (any more).
   * @throws KeyStoreBusy
   */
  find(person: PersonId): Promise<Buffer | null>;
  close(): Promise<void>;
}

export const KEY_BYTES = 32;
/** How long one call waits for a store that others hold or that does not answer, in all. */
export const KEY_STORE_WAIT_MS_MAX = 5_000;

/**
 * Others held the store, or it did not answer, for longer than `KEY_STORE_WAIT_MS_MAX`. No key was
 * given to anybody; asking again is safe.
 */
export class KeyStoreBusy extends Error {
  override readonly name = 'KeyStoreBusy';
}

/** What is there is not a key store that this version can use. It was left as it is. */
export class KeyStoreRefused extends Error {
  override readonly name = 'KeyStoreRefused';
}

/**
 * For a dry run: finds what `base` holds and creates in `scratch` alone. Closing it closes
 * `scratch`; `base` stays with whoever opened it.
 */
export function overlayKeyStore(base: KeyStore, scratch: KeyStore): KeyStore {
  return {
    keyFor: async (person) => (await base.find(person)) ?? (await scratch.keyFor(person)),
    find: async (person) => (await base.find(person)) ?? (await scratch.find(person)),
    close: () => scratch.close(),
  };
}
