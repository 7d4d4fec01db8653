import type { Context, Measured } from './row.ts';

/** A speed that must be reached, and one to aim at; a ratio is of two figures of the same run. */
export interface Target {
  readonly what: string;
  readonly least: number;
  readonly aim?: number;
  /** `at-most`: less is better. */
  readonly sense: 'at-least' | 'at-most';
  readonly unit: '×' | 'events/s' | 's' | 'MB';
  /** `undefined` where what it is made of was not measured. */
  readonly reached: (figure: (id: string) => number | undefined) => number | undefined;
}

export interface Verdict extends Omit<Target, 'reached'> {
  readonly reached: number;
  readonly mark: 'aim' | 'reached' | 'short';
}

const ratio =
  (above: string, below: string): Target['reached'] =>
  (figure) => {
    const [a, b] = [figure(above), figure(below)];
    return a === undefined || b === undefined ? undefined : a / b;
  };

const largest =
  (...ids: readonly string[]): Target['reached'] =>
  (figure) => {
    const found = ids.flatMap((id) => figure(id) ?? []);
    return found.length === 0 ? undefined : Math.max(...found);
  };

const STORES = ['sqlite', 'postgres'] as const;
const NAMES = { sqlite: 'SQLite', postgres: 'PostgreSQL' } as const;

/** What Wayledger must reach. */
export function targetsOf({ areas, years, sizes }: Context['options']): readonly Target[] {
  const isSpring = areas === 15 && years === 3;
  return [
    {
      what: 'PostgreSQL, one-event durable appends, 64 callers: × Emmett',
      ...{ least: 10, aim: 20, sense: 'at-least', unit: '×' },
      reached: ratio('append/postgres/64', 'append/emmett/64'),
    },
    {
      what: 'PostgreSQL, one-event durable appends, 64 callers: × raw inserts',
      ...{ least: 0.6, aim: 0.75, sense: 'at-least', unit: '×' },
      reached: ratio('append/postgres/64', 'append/postgres/raw'),
    },
    {
      what: 'SQLite, one-event durable appends, 64 callers: × raw inserts',
      ...{ least: 0.6, aim: 0.8, sense: 'at-least', unit: '×' },
      reached: ratio('append/sqlite/64', 'append/sqlite/raw'),
    },
    {
      what: 'rebuild of all projections, SQLite: × reading and doing nothing',
      ...{ least: 1 / 10, aim: 1 / 3, sense: 'at-least', unit: '×' },
      reached: ratio('rebuild/sqlite', 'rebuild/sqlite/scan'),
    },
    {
      what: 'rebuild of all projections, PostgreSQL',
      ...{ least: 15_000, sense: 'at-least', unit: 'events/s' },
      reached: (figure) => figure('rebuild/postgres'),
    },
    {
      what: "rebuild of all projections, PostgreSQL: × Emmett's consumer with one",
      ...{ least: 10, sense: 'at-least', unit: '×' },
      reached: ratio('rebuild/postgres/same', 'rebuild/emmett'),
    },
    ...(isSpring ? STORES : []).map((store): Target => {
      return {
        what: `three-year SPRING log, all projections, ${NAMES[store]}`,
        ...{ least: 20, aim: 5, sense: 'at-most', unit: 's' },
        reached: (figure) => figure(`rebuild/${store}/seconds`),
      };
    }),
    {
      what: 'most memory of any rebuild',
      ...{ least: 300, aim: 200, sense: 'at-most', unit: 'MB' },
      reached: largest(
        ...STORES.flatMap((store) => [
          `rebuild/${store}/memory`,
          ...sizes.growthEvents.map((events) => `growth/${store}/rebuild-memory/${events}`),
          `growth/${store}/wider/rebuild-memory/${sizes.widerEvents}`,
        ]),
      ),
    },
    ...growthTargets(sizes.growthEvents),
  ];
}

/** Held against logs that grow by more years: more people at a time need more memory or time. */
function growthTargets(sizes: readonly number[]): Target[] {
  const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
  const words = (events: number) => events.toLocaleString('en-GB');
  return STORES.flatMap((store) =>
    (['append', 'rebuild'] as const).map((of): Target => {
      return {
        what: `cost per event, ${of}, ${NAMES[store]}, ${words(large)} events: × ${words(small)}`,
        ...{ least: 1.3, aim: 1.1, sense: 'at-most', unit: '×' },
        reached: ratio(`growth/${store}/${of}/${large}`, `growth/${store}/${of}/${small}`),
      };
    }),
  );
}

/** What was reached of what was measured. */
export function verdictsOf(
  targets: readonly Target[],
  measured: readonly Measured[],
): readonly Verdict[] {
  const values = new Map(measured.map(({ id, value }) => [id, value]));
  return targets.flatMap(({ reached: reachedBy, ...target }) => {
    const reached = reachedBy((id) => values.get(id));
    if (reached === undefined || !Number.isFinite(reached)) return [];
    return [{ ...target, reached, mark: markOf(target, reached) }];
  });
}

function markOf(
  { sense, least, aim }: Pick<Target, 'sense' | 'least' | 'aim'>,
  reached: number,
): Verdict['mark'] {
  const holds = (limit: number) => (sense === 'at-least' ? reached >= limit : reached <= limit);
  if (aim !== undefined && holds(aim)) return 'aim';
  return holds(least) ? 'reached' : 'short';
}
