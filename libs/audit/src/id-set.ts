const WORDS = 4;
const SLOTS_AT_FIRST = 1_024;
/** Fuller than this, it grows: then a search rarely takes more than two looks. */
const FULL = 0.6;

/**
 * A set of UUIDs in 16 bytes each, and what is free between them: a `Set` of their texts takes six
 * times as much, and an audit holds every event's.
 */
export class IdSet {
  private slots = SLOTS_AT_FIRST;
  private words = new Uint32Array(SLOTS_AT_FIRST * WORDS);
  private size = 0;
  /** All zeros says that a slot is free. */
  private hasNil = false;

  /** Whether it was new. */
  add(id: string): boolean {
    const hex = id.replaceAll('-', '');
    const [a, b, c, d] = [wordOf(hex, 0), wordOf(hex, 1), wordOf(hex, 2), wordOf(hex, 3)];
    if ((a | b | c | d) === 0) {
      const isNew = !this.hasNil;
      this.hasNil = true;
      return isNew;
    }
    if (!this.place(a, b, c, d)) return false;
    this.size += 1;
    if (this.size > this.slots * FULL) this.grow();
    return true;
  }

  private place(a: number, b: number, c: number, d: number): boolean {
    const { words } = this;
    // A UUID's own bits are as good as a hash; the last word has none that are fixed.
    for (let slot = d & (this.slots - 1); ; slot = (slot + 1) & (this.slots - 1)) {
      const at = slot * WORDS;
      const [w, x, y, z] = [words[at], words[at + 1], words[at + 2], words[at + 3]];
      if (w === a && x === b && y === c && z === d) return false;
      if (w === 0 && x === 0 && y === 0 && z === 0) {
        words.set([a, b, c, d], at);
        return true;
      }
    }
  }

  private grow(): void {
    const old = this.words;
    this.slots *= 2;
    this.words = new Uint32Array(this.slots * WORDS);
    for (let at = 0; at < old.length; at += WORDS) {
      const [a = 0, b = 0, c = 0, d = 0] = old.subarray(at, at + WORDS);
      if ((a | b | c | d) !== 0) this.place(a, b, c, d);
    }
  }
}

const HEX_OF_WORD = 8;

function wordOf(hex: string, word: number): number {
  return Number.parseInt(hex.slice(word * HEX_OF_WORD, (word + 1) * HEX_OF_WORD), 16) >>> 0;
}
