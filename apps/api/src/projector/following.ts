import { projections, type Wayledger } from '#engine';
import type { FromWorker } from './messages.js';

/** How often what a crash left out between two streams is looked for, in milliseconds. */
export const SETTLE_EVERY_MS = 5_000;
/** How often what falls due by itself is looked for, in milliseconds. */
export const CLOCKS_EVERY_MS = 60_000;

/** Rung by whoever has work for the follower; rings that come while it works become one. */
export class Bell {
  private rung = Promise.withResolvers<null>();

  readonly ring = (): void => {
    this.rung.resolve(null);
  };

  /** Until it is rung, or was since this last answered. */
  async heard(): Promise<void> {
    await this.rung.promise;
    this.rung = Promise.withResolvers<null>();
  }
}

/**
 * Keeps the read models up to the log until the signal ends it, and runs what must react to facts
 * in between: process managers and due clocks. Ends between two rounds, never within one.
 */
export async function follow(
  wayledger: Wayledger,
  bell: Bell,
  signal: AbortSignal,
  say: (message: FromWorker) => void,
): Promise<void> {
  const rounds = new Rounds(wayledger, say);
  const either = new AbortController();
  const over = AbortSignal.any([signal, either.signal]);
  over.addEventListener('abort', bell.ring);
  const timer = setInterval(bell.ring, SETTLE_EVERY_MS);
  bell.ring();
  const parts = [listen(wayledger, rounds, bell, over), goRound(rounds, bell, over)];
  try {
    await Promise.race(parts);
  } finally {
    clearInterval(timer);
    either.abort();
    // Whichever ended first, and why: whoever called closes the stores.
    await Promise.allSettled(parts);
  }
  await Promise.all(parts);
}

async function goRound(rounds: Rounds, bell: Bell, signal: AbortSignal): Promise<void> {
  for (;;) {
    await bell.heard();
    if (signal.aborted) return;
    await rounds.next();
  }
}

/** Nothing is kept of what is delivered: it only says that there is something new. */
async function listen(
  { log }: Wayledger,
  rounds: Rounds,
  bell: Bell,
  signal: AbortSignal,
): Promise<void> {
  for await (const message of log.subscribe({ after: await log.head(), signal })) {
    const last = message.kind === 'page' ? message.events.at(-1)?.position : message.position;
    if (last !== undefined && last > rounds.reached) bell.ring();
  }
}

class Rounds {
  reached = 0n;
  private settledAt = -Infinity;
  private clocksAt = -Infinity;

  constructor(
    private readonly wayledger: Wayledger,
    private readonly say: (message: FromWorker) => void,
  ) {}

  /** Read models first: whatever becomes of the rest, these are fresh. */
  async next(): Promise<void> {
    await this.catchUp();
    const now = performance.now();
    if (now - this.settledAt < SETTLE_EVERY_MS) return;
    const { told, abandoned } = await this.wayledger.settle();
    this.settledAt = now;
    let fired = 0;
    if (now - this.clocksAt >= CLOCKS_EVERY_MS) {
      const due = await this.wayledger.runClocks();
      fired = due.filter(({ came }) => came === 'recorded').length;
      this.clocksAt = now;
    }
    if (told + abandoned + fired > 0) this.say({ kind: 'wrote', told, abandoned, fired });
    await this.catchUp();
  }

  private async catchUp(): Promise<void> {
    const { runner } = this.wayledger;
    this.reached = await runner.catchUp();
    const { generations } = runner;
    let parked = 0;
    for (const { name } of projections) {
      const active = await generations.active(name);
      if (active !== null) parked += (await generations.parked(name, active.number)).length;
    }
    const stopped = (await generations.stopped()).length;
    this.say({ kind: 'reached', position: this.reached, stopped, parked });
  }
}
