import { LOG_START } from '#event-log';
import { BalancesQuery } from '#funding';
import type { Slug } from '#kernel';
import { openEngine, type EnginePlace } from '../contestants/engine.ts';

/** From this moment on, all up to this position could be seen. */
export interface Visible {
  /** In milliseconds of the epoch, with what is after the point. */
  readonly atMs: number;
  /** A position, as text. */
  readonly position: string;
}

export const nowMs = (): number => performance.timeOrigin + performance.now();

/**
 * The projector beside a writer, as the service has it: follows the log, brings the read models up
 * to it, and asks them, until the time is up. Answers what could be seen when.
 */
export default async function follow({
  place,
  anchor,
  untilMs,
}: {
  readonly place: EnginePlace;
  readonly anchor: string;
  readonly untilMs: number;
}): Promise<readonly Visible[]> {
  const wayledger = await openEngine(place);
  const seen: Visible[] = [];
  const signal = AbortSignal.timeout(Math.max(0, Math.round(untilMs - nowMs())));
  try {
    const after = await wayledger.log.head();
    let reached = LOG_START;
    for await (const item of wayledger.log.subscribe({ after, signal })) {
      const upTo = item.kind === 'page' ? item.events.at(-1)?.position : item.position;
      // Where much was written meanwhile, more than one page was caught up with.
      if (upTo === undefined || upTo <= reached) continue;
      reached = await wayledger.runner.catchUp();
      await wayledger.query(new BalancesQuery(anchor as Slug)); // Of the bench's own making.
      seen.push({ atMs: nowMs(), position: String(reached) });
    }
    return seen;
  } finally {
    await wayledger.close();
  }
}
