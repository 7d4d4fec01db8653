import { inChild } from '../child.ts';
import { Questions } from '../inputs/questions.ts';
import { allOf, eventsOf, springLog } from '../inputs/spring-log.ts';
import { percentile } from '../measure.ts';
import type { Measured, Row } from '../row.ts';
import type { LedgerBuilt } from '../tasks/ledger.ts';
import type { Asked } from '../tasks/query.ts';
import { STORES, STORE_NAMES, inStore } from './stores.ts';

const SHARES = [
  ['p50', 0.5],
  ['p99', 0.99],
] as const;

/** What a finance officer's questions to the past take, as the books grow. */
export const asKnown: Row = {
  name: 'as-known',
  title: 'Balances and statements as they were known halfway, all referrals in the same areas',
  async run(context) {
    const { areas, sizes } = context.options;
    const template = await springLog(areas, 1, context.say);
    const events = await allOf(eventsOf(template));
    const asking = new Questions();
    for (const event of events) asking.note(event);
    const questions = asking.all();
    const referrals = new Set(
      events.flatMap(({ stream }) => (stream.startsWith('referral-') ? [stream] : [])),
    ).size;
    const figures: Measured[] = [];
    for (const wanted of sizes.referrals) {
      const filled = { template, copies: Math.ceil(wanted / referrals) };
      const size = `${wanted.toLocaleString('en-GB')} referrals`;
      for (const store of STORES) {
        const name = `${STORE_NAMES[store]}, ${size}`;
        const taken = await inStore(context, store, async (empty) => {
          context.say(`${name}: filling the log and building the ledger`);
          const place = { ...empty, keysOf: template };
          const built = await inChild<LedgerBuilt>('ledger', { place, filled });
          context.say(`${name}: asking`);
          const asked = await inChild<Asked>('query', { place, questions, asKnown: true });
          return { asked: asked.result, note: `${built.result.postings} postings` };
        });
        const { asked, note } = taken;
        for (const kind of ['balances', 'statements'] as const) {
          for (const [called, share] of SHARES) {
            figures.push({
              id: `as-known/${store}/${kind}/${wanted}/${called}`,
              what: `${name}: ${kind}, ${called}`,
              ...{ value: percentile(asked[kind], share), unit: 'ms', note },
            });
          }
        }
      }
    }
    return figures;
  },
};
