import { openEngine, type EnginePlace } from '../contestants/engine.ts';
import { Lives } from '../inputs/lives.ts';
import { byCallers, inRounds, median, percentile, type Contestant } from '../measure.ts';
import type { Context, Measured, Row } from '../row.ts';
import { CALLERS } from './append.ts';
import { STORES, STORE_NAMES, inStore, type Store } from './stores.ts';

const SHARES = { p50: 0.5, p99: 0.99, 'p99.9': 0.999 } as const;

/** Commands as an app gives them: checked, loaded, decided, reserved, appended, on disk. */
export const command: Row = {
  name: 'command',
  title: 'Commands through the handlers: load, decide, reserve, append',
  async run(context) {
    const contestants = STORES.flatMap((store) =>
      CALLERS.map((callers) => contestant(context, store, callers)),
    );
    const rates = await inRounds(contestants, context.options.sizes.rounds, context.say);
    return [...rates].flatMap(([each, taken]) => figuresOf(each as Commander, taken));
  },
};

interface Commander extends Contestant {
  /** Of every command of every round, in milliseconds. */
  readonly latencies: readonly number[];
}

function contestant(context: Context, store: Store, callers: number): Commander {
  const latencies: number[] = [];
  return {
    ...{ id: `command/${store}/${callers}`, latencies },
    what: `${STORE_NAMES[store]}, ${callers === 1 ? '1 caller' : `${callers} callers`}`,
    round: () => inStore(context, store, (place) => rate(context, place)),
  };

  async function rate({ options: { sizes } }: Context, place: EnginePlace) {
    const wayledger = await openEngine(place);
    try {
      const lives = new Lives(wayledger);
      await lives.prepare();
      const theirs = Array.from({ length: callers }, (_, caller) => lives.commands(caller));
      const act = async (caller: number): Promise<void> => {
        await theirs[caller]?.next().value();
      };
      await byCallers(callers, sizes.warmUpSeconds, act);
      const { perSecond, latencies: taken } = await byCallers(callers, sizes.seconds, act);
      latencies.push(...taken);
      return perSecond;
    } finally {
      await wayledger.close();
    }
  }
}

function figuresOf({ id, what, latencies }: Commander, samples: readonly number[]): Measured[] {
  return [
    { id, what, value: median(samples), unit: 'commands/s', samples },
    ...Object.entries(SHARES).map(([name, share]): Measured => ({
      ...{ id: `${id}/${name}`, what: `${what}, ${name}` },
      ...{ value: percentile(latencies, share), unit: 'ms' },
      note: `of ${latencies.length} commands`,
    })),
  ];
}
