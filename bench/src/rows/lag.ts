import { setTimeout as delay } from 'node:timers/promises';
import { inChild } from '../child.ts';
import { openEngine, type EnginePlace } from '../contestants/engine.ts';
import { Lives, anchorOf } from '../inputs/lives.ts';
import { byCallers, percentile } from '../measure.ts';
import type { Context, Measured, Row } from '../row.ts';
import { nowMs, type Visible } from '../tasks/follow.ts';
import { STORES, STORE_NAMES, inStore } from './stores.ts';

const CALLERS = 16;
/** Until the follower has opened everything; what is written before it follows does not count. */
const START_MS = 6_000;
/** For the follower to see the last that was written. */
const END_MS = 3_000;

interface Written {
  readonly atMs: number;
  readonly position: bigint;
}

/** From the answer to a command until a query shows what it wrote, while 16 callers write. */
export const lag: Row = {
  name: 'lag',
  title: 'From the answer to a command until a query can show it, while 16 callers write',
  async run(context) {
    const figures: Measured[] = [];
    for (const store of STORES) {
      context.say(`${STORE_NAMES[store]}: writing, and following beside it`);
      const { lags, perSecond } = await inStore(context, store, (place) => lagsOf(context, place));
      const note = `${lags.length} commands, ${Math.round(perSecond)} a second`;
      for (const [name, share] of [['p50', 0.5] as const, ['p99', 0.99] as const]) {
        figures.push({
          ...{ id: `lag/${store}/${name}`, what: `${STORE_NAMES[store]}, ${name}` },
          ...{ value: percentile(lags, share), unit: 'ms', note },
        });
      }
    }
    return figures;
  },
};

async function lagsOf({ options: { sizes } }: Context, place: EnginePlace) {
  const wayledger = await openEngine(place);
  const lives = new Lives(wayledger);
  await lives.prepare();
  const seconds = sizes.seconds * sizes.rounds;
  const untilMs = nowMs() + START_MS + seconds * 1_000 + END_MS;
  const following = inChild<readonly Visible[]>('follow', {
    ...{ place, anchor: anchorOf(0), untilMs },
  });
  // It is told when it is asked for; until then nobody listens.
  following.catch(() => undefined);
  try {
    await Promise.race([delay(START_MS), following]);
    const written: Written[] = [];
    const theirs = Array.from({ length: CALLERS }, (_, caller) => lives.commands(caller));
    const { perSecond } = await byCallers(CALLERS, seconds, async (caller) => {
      const position = await theirs[caller]?.next().value();
      if (position !== undefined) written.push({ atMs: nowMs(), position });
    });
    return { lags: lagsBetween(written, (await following).result), perSecond };
  } finally {
    await wayledger.close();
  }
}

/** Of what could be seen before its own answer came, nobody waited. */
function lagsBetween(written: readonly Written[], seen: readonly Visible[]): readonly number[] {
  const visible = seen.map(({ atMs, position }) => ({ atMs, position: BigInt(position) }));
  const last = visible.at(-1)?.position ?? 0n;
  const unseen = written.filter(({ position }) => position > last).length;
  if (unseen > 0) throw new Error(`${unseen} of ${written.length} commands were never seen`);
  const inOrder = [...written].sort((a, b) => (a.position < b.position ? -1 : 1));
  let at = 0;
  return inOrder.map(({ atMs, position }) => {
    while ((visible[at]?.position ?? position) < position) at += 1;
    return Math.max(0, (visible[at]?.atMs ?? 0) - atMs);
  });
}
