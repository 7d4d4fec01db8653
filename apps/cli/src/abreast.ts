/**
 * Keeps walkers on the same path within a distance of each other: who is too far ahead waits until
 * the last one has come near enough. Nobody goes on before all have set off.
 */
export class Abreast<W> {
  private readonly at: Map<W, number>;
  private waiting: (() => void)[] = [];

  constructor(
    walkers: Iterable<W>,
    private readonly aheadMax: number,
  ) {
    this.at = new Map([...walkers].map((walker) => [walker, -Infinity]));
  }

  /** Resolves when the walker may be at this place. */
  async reach(walker: W, place: number): Promise<void> {
    this.at.set(walker, place);
    this.wake();
    while (place - this.last() > this.aheadMax) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Nobody waits for a walker who has arrived. */
  leave(walker: W): void {
    this.at.delete(walker);
    this.wake();
  }

  /** Where the last one of them is. */
  last(): number {
    return Math.min(...this.at.values());
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
