import { crc32 } from 'node:zlib';
import { present } from '#kernel';

/** In bits, of 16 KB to 1 MB: most tables are small, and no filter may grow with the log. */
const SIZES = [2 ** 17, 2 ** 20, 2 ** 23] as const;
/** Then one in some thousands that were never here is looked up in vain; in the last, with more. */
const BITS_OF_KEY = 32;
const HASHES = 4;

interface Layer {
  readonly bits: Uint32Array;
  readonly mask: number;
  free: number;
}

/**
 * A set of keys that may take another key for a member, never a member for another (Bloom, 1970): a
 * row that it does not have need not be looked up. A larger one is laid over one that is full; a
 * million keys make it err in one of forty cases.
 */
export class KeyFilter {
  private readonly layers: Layer[] = [];

  add(text: string): void {
    const layer = this.open();
    layer.free -= 1;
    const { bits, mask } = layer;
    for (const place of placesOf(text)) {
      const at = place & mask;
      bits[at >>> 5] = (bits[at >>> 5] ?? 0) | (1 << (at & 31));
    }
  }

  mayHave(text: string): boolean {
    if (this.layers.length === 0) return false;
    const places = placesOf(text);
    return this.layers.some(({ bits, mask }) =>
      places.every((place) => {
        const at = place & mask;
        return ((bits[at >>> 5] ?? 0) & (1 << (at & 31))) !== 0;
      }),
    );
  }

  private open(): Layer {
    const last = this.layers.at(-1);
    const size = SIZES[this.layers.length];
    if (last !== undefined && (last.free > 0 || size === undefined)) return last;
    const bits = present(size, 'an empty filter has a size to begin with');
    const layer = { bits: new Uint32Array(bits / 32), mask: bits - 1, free: bits / BITS_OF_KEY };
    this.layers.push(layer);
    return layer;
  }
}

/** One hash of 32 bits, spread by the finaliser of MurmurHash3. */
function placesOf(text: string): number[] {
  const hash = crc32(text);
  return Array.from({ length: HASHES }, (_, index) => mixed(hash + index));
}

function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
