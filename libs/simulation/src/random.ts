import {
  randomGamma,
  randomGeometric,
  randomLogNormal,
  randomNormal,
  randomPoisson,
} from 'd3-random';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { present } from '#kernel';

/** What chance brings: the same seed brings the same. */
export class Draws {
  private readonly source = () => uniformFloat64(this.generator);

  private constructor(private readonly generator: RandomGenerator) {}

  static from(seed: number): Draws {
    return new Draws(xoroshiro128plus(seed));
  }

  /** A generator of its own, so that what one area or person draws changes nothing for another. */
  split(): Draws {
    return Draws.from(this.seed());
  }

  seed(): number {
    return this.generator.next();
  }

  chance(share: number): boolean {
    return this.source() < share;
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.source();
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.source() * (to - from + 1));
  }

  pick<T>(list: readonly T[]): T {
    return present(list[this.whole(0, list.length - 1)], 'a list to pick from is not empty');
  }

  /** One of the keys, each as often as its share of all of them. */
  weighted<T extends string>(shares: Readonly<Record<T, number>>): T {
    // The keys of a record are those of its type.
    const entries = Object.entries(shares) as [T, number][];
    let left = this.source() * entries.reduce((sum, [, share]) => sum + share, 0);
    const found = entries.find(([, share]) => (left -= share) < 0);
    return (found ?? present(entries.at(-1), 'there are shares'))[0];
  }

  normal(mean: number, sd: number): number {
    return randomNormal.source(this.source)(mean, sd)();
  }

  logNormal(median: number, sigma: number): number {
    return randomLogNormal.source(this.source)(Math.log(median), sigma)();
  }

  poisson(mean: number): number {
    return randomPoisson.source(this.source)(mean)();
  }

  /** One at least, with that mean. */
  geometric(mean: number): number {
    return randomGeometric.source(this.source)(1 / mean)();
  }

  /** Whole, one at least, with about that mean and standard deviation. */
  count(mean: number, sd: number): number {
    const scale = (sd * sd) / mean;
    return Math.max(1, Math.round(randomGamma.source(this.source)(mean / scale, scale)()));
  }
}

export const clipped = (
  value: number,
  { from, to }: { readonly from: number; readonly to: number },
) => Math.min(to, Math.max(from, value));
