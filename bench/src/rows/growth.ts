import { inChild } from '../child.ts';
import type { EnginePlace } from '../contestants/engine.ts';
import { questionsOf, type Question } from '../inputs/questions.ts';
import { allOf, eventsOf, springLog } from '../inputs/spring-log.ts';
import { median } from '../measure.ts';
import type { Context, Measured, Row } from '../row.ts';
import type { Asked } from '../tasks/query.ts';
import type { Rebuilt } from '../tasks/rebuild.ts';
import { STORES, STORE_NAMES, inStore, type Store } from './stores.ts';

const CALLERS = 64;

/** What an event costs, and what memory is needed, in logs of very different lengths. */
export const growth: Row = {
  name: 'growth',
  title: 'What an event costs as the log grows: the same areas, more people',
  async run(context) {
    const { areas, sizes } = context.options;
    const template = await springLog(areas, 1, context.say);
    const questions = questionsOf(await allOf(eventsOf(template)));
    const figures: Measured[] = [];
    for (const wanted of sizes.growthEvents) {
      for (const store of STORES) {
        figures.push(
          ...(await inStore(context, store, (place) =>
            atSize(context, { store, place, wanted, template, questions }),
          )),
        );
      }
    }
    return figures;
  },
};

interface Size {
  readonly store: Store;
  readonly place: EnginePlace;
  readonly wanted: number;
  readonly template: string;
  readonly questions: readonly Question[];
}

/** Each step in a process of its own, so that its memory is its own. */
async function atSize(
  { say, options: { sizes } }: Context,
  { store, place, wanted, template, questions }: Size,
): Promise<readonly Measured[]> {
  const size = `${wanted.toLocaleString('en-GB')} events`;
  const what = (text: string) => `${STORE_NAMES[store]}, ${size}: ${text}`;
  const id = (of: string) => `growth/${store}/${of}/${wanted}`;
  say(what('filling the log'));
  const { log } = place;
  const filled = await inChild<number>('grow', { log, template, events: wanted });
  const grown = { ...place, keysOf: template };
  say(what('building all projections'));
  const built = await inChild<Rebuilt>('rebuild', { place: grown, beside: false });
  say(what('asking'));
  const asked = await inChild<Asked>('query', { place, questions, asKnown: false });
  say(what('appending at its end'));
  // Last: these are no facts that a projection could apply.
  const seconds = { warmUp: sizes.warmUpSeconds, measured: sizes.seconds };
  const appended = await inChild<number>('append', { log, template, callers: CALLERS, seconds });
  const [note, perEvent] = [`${filled.result} events`, 'µs/event'] as const;
  const each = (of: string, text: string, value: number, unit: Measured['unit']): Measured => {
    return { id: id(of), what: what(text), value, unit, note };
  };
  const { events, fillSeconds } = built.result;
  const { balances, statements, caseloads } = asked.result;
  return [
    each('append', `append, ${CALLERS} callers`, 1e6 / appended.result, perEvent),
    each('rebuild', 'all projections', (fillSeconds * 1e6) / events, perEvent),
    each('balances', "an anchor's balances, median", median(balances), 'ms'),
    each('statement', "a provider's statement, median", median(statements), 'ms'),
    each('caseload', "a link worker's caseload, median", median(caseloads), 'ms'),
    each('query-memory', 'most memory, asking', asked.peakMb, 'MB'),
    each('rebuild-memory', 'most memory, all projections', built.peakMb, 'MB'),
    each('append-memory', 'most memory, appending', appended.peakMb, 'MB'),
  ];
}
