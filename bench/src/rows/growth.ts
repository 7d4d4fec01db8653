import { inChild, type Peaked } from '../child.ts';
import type { EnginePlace } from '../contestants/engine.ts';
import { springLog } from '../inputs/spring-log.ts';
import { YEARS } from '../inputs/years.ts';
import { median } from '../measure.ts';
import type { Context, Measured, Row } from '../row.ts';
import type { Grown } from '../tasks/grow.ts';
import type { Asked } from '../tasks/query.ts';
import type { Rebuilt } from '../tasks/rebuild.ts';
import { STORES, STORE_NAMES, inStore, type Store } from './stores.ts';

const CALLERS = 64;

/**
 * What an event costs, and what memory is needed, in logs of very different lengths: longer ones,
 * and one that is as much wider instead.
 */
export const growth: Row = {
  name: 'growth',
  title:
    'What an event costs as the log grows: longer by more years, wider by more people at a time',
  async run(context) {
    const { areas, sizes } = context.options;
    const template = await springLog(areas, YEARS, context.say);
    const figures: Measured[] = [];
    for (const events of sizes.growthEvents) {
      for (const store of STORES) {
        const of = { store, events, template };
        figures.push(...(await inStore(context, store, (place) => longer(context, of, place))));
      }
    }
    // The shortest is as long and as wide as it is: beside it, both are measured.
    const shortest = Math.min(...sizes.growthEvents);
    for (const store of STORES) {
      const of = { store, events: sizes.widerEvents, template };
      const base = figures.find(({ id }) => id === idOf(of, 'rebuild', shortest));
      figures.push(
        ...(await inStore(context, store, (place) =>
          wider(context, of, { place, shortest, base }),
        )),
      );
    }
    return figures;
  },
};

interface Size {
  readonly store: Store;
  readonly events: number;
  readonly template: string;
}

function idOf({ store }: Size, figure: string, events: number): string {
  return `growth/${store}/${figure}/${events}`;
}

function sizeOf({ store, events }: Size, wider = false): string {
  return `${STORE_NAMES[store]}, ${counted(events)}${wider ? ', wider' : ''}`;
}

function counted(events: number): string {
  return `${events.toLocaleString('en-GB')} events`;
}

/** Each step in a process of its own, so that its memory is its own. */
async function longer(
  { say, options: { sizes } }: Context,
  size: Size,
  place: EnginePlace,
): Promise<readonly Measured[]> {
  const { events, template } = size;
  const { log } = place;
  const what = (text: string) => `${sizeOf(size)}: ${text}`;
  say(what('filling the log'));
  const { result: filled } = await inChild<Grown>('grow', { log, template, events });
  say(what('building all projections'));
  const built = await rebuilt(place, template);
  say(what('asking'));
  const { questions } = filled;
  const asked = await inChild<Asked>('query', { place, questions, asKnown: false });
  say(what('appending at its end'));
  // Last: these are no facts that a projection could apply.
  const seconds = { warmUp: sizes.warmUpSeconds, measured: sizes.seconds };
  const appended = await inChild<number>('append', { log, template, callers: CALLERS, seconds });
  const each = (figure: string, text: string, value: number, unit: Measured['unit']): Measured => {
    return { id: idOf(size, figure, events), what: what(text), value, unit };
  };
  const { balances, statements, caseloads } = asked.result;
  return [
    each('append', `append, ${CALLERS} callers`, 1e6 / appended.result, 'µs/event'),
    each('rebuild', 'all projections', perEvent(built.result), 'µs/event'),
    each('balances', "an anchor's balances, median", median(balances), 'ms'),
    each('statement', "a provider's statement, median", median(statements), 'ms'),
    each('caseload', "a link worker's caseload, median", median(caseloads), 'ms'),
    each('query-memory', 'most memory, asking', asked.peakMb, 'MB'),
    each('rebuild-memory', 'most memory, all projections', built.peakMb, 'MB'),
    each('append-memory', 'most memory, appending', appended.peakMb, 'MB'),
  ];
}

/** As much as in the shortest, at the same time, to so many more people. */
async function wider(
  { say }: Context,
  size: Size,
  {
    place,
    shortest,
    base,
  }: {
    readonly place: EnginePlace;
    readonly shortest: number;
    readonly base: Measured | undefined;
  },
): Promise<readonly Measured[]> {
  const { events, template } = size;
  const what = (text: string) => `${sizeOf(size, true)}: ${text}`;
  say(what('filling the log'));
  const { log } = place;
  const filled = await inChild<Grown>('grow', { log, template, events, wider: shortest });
  say(what('building all projections'));
  const built = await rebuilt(place, template);
  const count = counted(filled.result.events);
  const value = perEvent(built.result);
  const ratio =
    base === undefined ? '' : `, ${(value / base.value).toFixed(2)} × ${counted(shortest)}`;
  return [
    {
      ...{ id: idOf(size, 'wider/rebuild', events), what: what('all projections'), value },
      ...{ unit: 'µs/event', note: `${count}${ratio}` },
    },
    {
      id: idOf(size, 'wider/rebuild-memory', events),
      what: what('most memory, all projections'),
      ...{ value: built.peakMb, unit: 'MB', note: count },
    },
  ];
}

function rebuilt(place: EnginePlace, keysOf: string): Promise<Peaked<Rebuilt>> {
  return inChild<Rebuilt>('rebuild', { place: { ...place, keysOf }, beside: false });
}

function perEvent({ fillSeconds, events }: Rebuilt): number {
  return (fillSeconds * 1e6) / events;
}
