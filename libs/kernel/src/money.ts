import { assert } from './assert.js';

/** Integer minor units (pence sterling). Debits are positive, credits negative. Never a float. */
export type Pence = bigint;

/** JSON carries pence as a number; beyond this (90 thousand billion) it would not be exact. */
export const PENCE_MAX: Pence = BigInt(Number.MAX_SAFE_INTEGER);

export function penceToJson(amount: Pence): number {
  assert(amount <= PENCE_MAX && amount >= -PENCE_MAX, `${amount} pence fit a JSON number`);
  return Number(amount);
}

/** `1250n` as `12.50`, `-5n` as `-0.05`. */
export function formatPence(amount: Pence): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(3, '0');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export function sum(amounts: Iterable<Pence>): Pence {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

/**
 * Splits an amount into parts in the ratio of their weights, to the penny, by largest remainder.
 * Ties and odd pence go to the first parts: 28.50 over four equal parts is 7.13 7.13 7.12 7.12.
 * The parts always add up to the amount. Amount and weights must not be negative.
 */
export function allocate(amount: Pence, weights: readonly bigint[]): Pence[] {
  const whole = sum(weights);
  assert(amount >= 0n && whole > 0n, 'an amount is split over weights that add up to something');
  const parts = weights.map((weight, index) => {
    assert(weight >= 0n, 'a weight is not negative');
    const share = amount * weight;
    return { index, pence: share / whole, remainder: share % whole };
  });
  let left = amount - sum(parts.map((part) => part.pence));
  const byRemainder = [...parts].sort((a, b) =>
    a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
  );
  for (const part of byRemainder) {
    if (left === 0n) break;
    part.pence += 1n;
    left -= 1n;
  }
  return parts.map((part) => part.pence);
}

/** The price of one of `count` equal parts; `number` counts from 1. */
export function equalPart(amount: Pence, count: number, number: number): Pence {
  assert(number >= 1 && number <= count, `part ${number} is one of ${count}`);
  const parts = BigInt(count);
  return amount / parts + (BigInt(number) <= amount % parts ? 1n : 0n);
}
