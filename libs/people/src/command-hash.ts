import { createHash, createHmac } from 'node:crypto';
import { assert } from '#kernel';
import type { CommandHasher } from '#event-log';
import { KEY_BYTES, type KeyStore } from './key-store.js';

/**
 * The fingerprint by which a repeated command is known to be the same: 64 lower-case hexadecimal
 * digits over its canonical text. SHA-256; where the command concerns a person, HMAC-SHA256 under
 * that person's key: a plain hash over a name and an NHS number could be guessed by trying them
 * all, and it would survive the erasure of the person.
 */
export function commandHash(canonical: string, key?: Buffer): string {
  assert(canonical.isWellFormed(), 'a canonical command is well-formed text');
  assert(key === undefined || key.length === KEY_BYTES, 'a person has a 256-bit key');
  const hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  return hash.update(canonical, 'utf8').digest('hex');
}

/**
 * Hashes under the keys of a store. Comparing never makes a key: once a person's is gone, nothing
 * is left to tell two commands of the same id apart by, and the first answer stands.
 */
export function commandHasherWith(keys: KeyStore): CommandHasher {
  return {
    hash: async (canonical, person) =>
      commandHash(canonical, person === undefined ? undefined : await keys.keyFor(person)),
    async matches(hash, canonical, person) {
      if (person === undefined) return hash === commandHash(canonical);
      const key = await keys.find(person);
      return key === null || hash === commandHash(canonical, key);
    },
  };
}
