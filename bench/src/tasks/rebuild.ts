import { projections, type Wayledger } from '#engine';
import { openEngine, type EnginePlace } from '../contestants/engine.ts';
import { secondsOf } from '../measure.ts';

export interface Rebuilt {
  readonly events: number;
  /** The first build, from an empty database. */
  readonly fillSeconds: number;
  /** A new build beside the one that serves, until it has taken over. */
  readonly rebuildSeconds?: number;
}

/** All projections from the whole log; with `beside`, then again as an operator would. */
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
    await mustBeWhole(wayledger);
    if (!beside) return { events, fillSeconds };
    const rebuildSeconds = await secondsOf(() => wayledger.runner.rebuild());
    await mustBeWhole(wayledger);
    return { events, fillSeconds, rebuildSeconds };
  } finally {
    await wayledger.close();
  }
}

/** What stopped or was parked would have cost nothing: such a build is no figure. */
async function mustBeWhole({ runner: { generations } }: Wayledger): Promise<void> {
  const [stopped] = await generations.stopped();
  if (stopped !== undefined) throw new Error(`${stopped.projection} stopped: ${stopped.reason}`);
  for (const { name } of projections) {
    const active = await generations.active(name);
    const [parked] = active === null ? [] : await generations.parked(name, active.number);
    if (parked !== undefined) throw new Error(`${name} parked ${parked.stream}: ${parked.reason}`);
  }
}
