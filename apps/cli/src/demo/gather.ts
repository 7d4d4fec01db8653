import type { CivilDate, Slug } from '#kernel';
import type { Check, StoryTold } from '#audit';
import { FunnelQuery, type Caseload, type FunnelCounted } from '#referral';
import type { SimulatedArea } from '#simulation';
import type { Wayledger } from '#engine';
import { storyOf } from '../commands/replay.js';
import { runChecks } from '../commands/verify.js';
import { moneyOf, type MoneyStands } from './money.js';
import { busiest } from './morning.js';
import { readToTell, type Telling } from './telling.js';

/** Everything that the page tells, and `--json` prints. */
export interface DemoFacts {
  readonly anchors: readonly Slug[];
  /** The last day of the simulation: the day the page looks from. */
  readonly today: CivilDate;
  readonly events: number;
  readonly funnel: FunnelCounted;
  readonly money: MoneyStands;
  /** Of whoever has most overdue; `null` where nobody has an open referral. */
  readonly morning: Caseload | null;
  readonly told: { readonly telling: Telling; readonly story: StoryTold } | null;
  readonly checks: readonly Check[];
}

export async function gather(
  wayledger: Wayledger,
  areas: readonly SimulatedArea[],
  today: CivilDate,
): Promise<DemoFacts> {
  const anchors = areas.map(({ anchor }) => anchor);
  const { events, telling } = await readToTell(wayledger.log);
  return {
    anchors,
    today,
    events,
    funnel: await wayledger.query(new FunnelQuery()),
    money: await moneyOf(wayledger, anchors),
    morning: await busiest(wayledger, linkWorkersOf(areas), today),
    told: telling === undefined ? null : { telling, story: await storyOf(wayledger, telling) },
    checks: await runChecks(wayledger, () => Promise.resolve()),
  };
}

function linkWorkersOf(areas: readonly SimulatedArea[]): Slug[] {
  const found = new Set<Slug>();
  for (const area of areas) {
    for (const { command, data } of area.lines()) {
      if (command === 'RegisterLinkWorker') found.add(data['linkWorker'] as Slug);
    }
  }
  return [...found];
}
