import { crc32 } from 'node:zlib';

/** 1 MB: at a million keys one in forty that were never here is looked up in vain. */
const BITS = 2 ** 23;
const HASHES = 4;

/**
 * A set of keys that may take another key for a member, never a member for another (Bloom, 1970): a
 * row that it does not have need not be looked up.
 */
export class KeyFilter {
  private bits: Uint32Array | undefined;

  add(text: string): void {
    this.bits ??= new Uint32Array(BITS / 32);
    const { bits } = this;
    for (const at of placesOf(text)) bits[at >>> 5] = (bits[at >>> 5] ?? 0) | (1 << (at & 31));
  }

  mayHave(text: string): boolean {
    const { bits } = this;
    if (bits === undefined) return false;
    return placesOf(text).every((at) => ((bits[at >>> 5] ?? 0) & (1 << (at & 31))) !== 0);
  }
}

/** One hash of 32 bits, spread by the finaliser of MurmurHash3. */
function placesOf(text: string): number[] {
  const hash = crc32(text);
  return Array.from({ length: HASHES }, (_, index) => mixed(hash + index) % BITS);
}

function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
