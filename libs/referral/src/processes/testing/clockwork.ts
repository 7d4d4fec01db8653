import { join } from 'node:path';
import { Codec, type EventLog, type StreamLog } from '#event-log';
import { placeEvents } from '#directory';
import { assert, isCivilDate, type CivilDate, type EventId, type Instant } from '#kernel';
import { Runner, openSqliteViews, type Projection, type ViewsDatabase } from '#projection';
import { metaOf, newStreet, personId, referralId } from '../../commands/testing/house.js';
import { referralEvents, type ReferralEvent } from '../../domain/events.js';
import type { Decide } from '../../domain/testing/given.js';
import { referral } from '../../projections/referral.js';
import { timersOf } from '../../queries/timers.js';
import { Clocks, type Fired } from '../clocks.js';

/** One process: it gives commands and runs the clocks. */
export interface Clockwork {
  /** What happened that day, whatever the deciders would say; the ids of the facts. */
  tell(name: string, day: string, ...events: readonly ReferralEvent[]): Promise<EventId[]>;
  /** As of the first moment of that day; answers what it came to. */
  run(day: string): Promise<string[]>;
  /** On what it knew when it last looked. */
  runOutdated(day: string): Promise<string[]>;
  coming(): Promise<string[]>;
  /** `PlaceLapsed 2026-05-18`: what the clocks recorded, in order. */
  recorded(name: string): Promise<string[]>;
  /** Whether the timers are those that a rebuild makes. */
  rebuilt(): Promise<boolean>;
}

export interface ClockTown {
  open(wrap?: (log: EventLog) => StreamLog): Promise<Clockwork>;
  remove(): Promise<void>;
}

export function newClockTown(): ClockTown {
  const street = newStreet();
  const opened: ViewsDatabase[] = [];
  return {
    async open(wrap) {
      const house = await street.open(wrap);
      const views = await openSqliteViews(join(street.folder, 'views.db'));
      opened.push(views);
      return clockworkOf(house, views);
    },
    async remove() {
      for (const views of opened) await views.close();
      await street.remove();
    },
  };
}

type House = Awaited<ReturnType<ReturnType<typeof newStreet>['open']>>;

function clockworkOf({ referrals, log }: House, views: ViewsDatabase): Clockwork {
  const noSeal = { seal: () => Promise.reject(new Error('Nothing is written here')) };
  const codec = new Codec({ ...referralEvents, ...placeEvents }, noSeal);
  const projections = [referral] as unknown as readonly Projection[];
  const runner = new Runner({ log, codec: codec as never, views, projections });
  const catchUp = async () => {
    await runner.catchUp();
  };
  let given = 0;
  const decide = (name: string, day: string, decider: Decide) => {
    given += 1;
    const meta = metaOf(`${name} ${day} ${given}`, day);
    const decision = { meta, referral: referralId(name) };
    return referrals.decide(decision, decider, personId(name));
  };
  const timers = () => timersOf(views, referrals.schemes);
  const clocks = new Clocks(views, referrals, catchUp);
  const outdated = new Clocks(views, referrals, () => Promise.resolve());
  return {
    async tell(name, day, ...events) {
      const { facts } = await decide(name, day, () => events);
      return facts.map(({ id }) => id);
    },
    run: async (day) => (await clocks.run(startOf(day))).map(saying),
    runOutdated: async (day) => (await outdated.run(startOf(day))).map(saying),
    async coming() {
      await catchUp();
      return (await timers()).map(({ what, lastDay }) => `${what} ${lastDay}`);
    },
    async recorded(name) {
      const { facts } = await referrals.load(referralId(name));
      return facts.flatMap(({ type, metadata: { actor, occurredOn } }) =>
        actor.id === 'clocks' ? [`${type} ${occurredOn}`] : [],
      );
    },
    async rebuilt() {
      await catchUp();
      const before = await timers();
      await runner.rebuild();
      return JSON.stringify(await timers()) === JSON.stringify(before);
    },
  };
}

const saying = ({ what, lastDay, came }: Fired) => `${what} ${lastDay} ${came}`;

function startOf(day: string): Instant {
  assert(isCivilDate(day), `${day} is a day`);
  return `${day satisfies CivilDate}T00:30:00.000Z` as Instant;
}
