import { openEngine, type EnginePlace } from '../contestants/engine.ts';
import { secondsOf } from '../measure.ts';

export interface Rebuilt {
  readonly events: number;
  /** The first build, from an empty database. */
  readonly fillSeconds: number;
  /** A new build beside the one that serves, until it has taken over. */
  readonly rebuildSeconds?: number;
}

/** All projections from the whole log; with `beside`, then all of them again as an operator would. */
export default async function rebuild({
  place,
  beside,
}: {
  readonly place: EnginePlace;
  readonly beside: boolean;
}): Promise<Rebuilt> {
  const wayledger = await openEngine(place);
  try {
    let events = 0;
    const fillSeconds = await secondsOf(() =>
      wayledger.catchUp((progress) => {
        events = progress.events;
      }),
    );
    if (!beside) return { events, fillSeconds };
    const rebuildSeconds = await secondsOf(() => wayledger.runner.rebuild());
    return { events, fillSeconds, rebuildSeconds };
  } finally {
    await wayledger.close();
  }
}
