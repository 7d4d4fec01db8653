import { randomInt } from 'node:crypto';

export interface Random {
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number;
}

const UINT32 = 2 ** 32;

/** The same numbers for the same seed: mulberry32 (Tommy Ettinger, public domain). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(end) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / UINT32) * end);
    },
  };
}

/** `WAYLEDGER_TEST_SEED`, or another one every time. */
export function chosenSeed(): number {
  const given = process.env['WAYLEDGER_TEST_SEED'];
  return given === undefined ? randomInt(UINT32) : Number(given);
}
