interface Waiting {
  go(): void;
}

/**
 * At most so many at once, first come first served: beyond the number of streams that a server
 * allows on one HTTP/2 connection (100), calls would wait in silence for ever.
 */
export class Slots {
  private readonly queue: Waiting[] = [];
  private taken = 0;

  constructor(private readonly max: number) {}

  async within<T>(work: () => Promise<T>): Promise<T> {
    await this.take();
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  private take(): Promise<void> {
    if (this.taken < this.max) {
      this.taken += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.queue.push({ go: resolve });
    });
  }

  private release(): void {
    const next = this.queue.shift();
    if (next === undefined) this.taken -= 1;
    else next.go();
  }
}
