import { join } from 'node:path';
import { STREAM_DOES_NOT_EXIST } from '@event-driven-io/emmett';
import type { StoredEvent } from '#event-log';
import type { JsonObject } from '#kernel';
import { inChild, type Peaked } from '../child.ts';
import { openEmmett, type EmmettEvent } from '../contestants/emmett.ts';
import type { EnginePlace } from '../contestants/engine.ts';
import type { LogPlace } from '../contestants/wayledger-log.ts';
import { toPlan, type Planned } from '../inputs/again.ts';
import { fill } from '../inputs/filling.ts';
import { allOf, eventsOf, springLog } from '../inputs/spring-log.ts';
import type { Context, Measured, Row } from '../row.ts';
import type { EmmettRebuilt } from '../tasks/emmett-rebuild.ts';
import type { Rebuilt } from '../tasks/rebuild.ts';
import type { Scanned } from '../tasks/scan.ts';
import { STORE_NAMES, type Store } from './stores.ts';

/** All read models from the whole log, beside reading it for nothing, and beside Emmett. */
export const rebuild: Row = {
  name: 'rebuild',
  title: 'All projections, ledger included, from the whole log',
  async run(context) {
    const { areas, years, sizes } = context.options;
    const spring = await springLog(areas, years, context.say);
    const file = join(spring, 'log.db');
    const address = await context.postgres.make();
    try {
      context.say('copying the log to PostgreSQL');
      await fill({ address }, planned(eventsOf(spring)));
      return [
        ...(await ofStore(context, 'sqlite', { file }, spring)),
        ...(await ofStore(context, 'postgres', { address }, spring)),
        ...(await besideEmmett(context, await allOf(eventsOf(spring, sizes.peerEvents)), spring)),
      ];
    } finally {
      await context.postgres.drop(address);
    }
  },
};

async function* planned(events: AsyncIterable<StoredEvent>): AsyncGenerator<Planned> {
  for await (const event of events) yield toPlan(event);
}

/** The rebuild between two readings: what the disk and its cache do to one, they do to both. */
async function ofStore(
  context: Context,
  store: Store,
  log: LogPlace,
  keysOf: string,
): Promise<Measured[]> {
  const name = STORE_NAMES[store];
  context.say(`${name}: reading the log and doing nothing`);
  const scans = [await inChild<Scanned>('scan', log)];
  context.say(`${name}: building all projections, twice`);
  const place = await placeFor(context, store, log, keysOf);
  const first = await inChild<Rebuilt>('rebuild', { place, beside: false });
  const second = await inChild<Rebuilt>('rebuild', { place, beside: true });
  scans.push(await inChild<Scanned>('scan', log));
  const { events, fillSeconds } = first.result;
  const { rebuildSeconds = 0 } = second.result;
  const scanRates = scans.map(({ result: { events: read, seconds } }) => read / seconds);
  const scanned = scanRates.reduce((sum, rate) => sum + rate, 0) / scanRates.length;
  const note = `${events} events`;
  return [
    {
      ...{ id: `rebuild/${store}/scan`, what: `${name}, reading and decoding, doing nothing` },
      ...{ value: scanned, unit: 'events/s', samples: scanRates, note },
    },
    {
      ...{ id: `rebuild/${store}/fill`, what: `${name}, first build` },
      ...{ value: events / fillSeconds, unit: 'events/s', note },
    },
    {
      ...{ id: `rebuild/${store}`, what: `${name}, rebuild beside what serves` },
      ...{ value: events / rebuildSeconds, unit: 'events/s', note },
    },
    {
      ...{ id: `rebuild/${store}/seconds`, what: `${name}, rebuild beside what serves` },
      ...{ value: rebuildSeconds, unit: 's', note },
    },
    {
      ...{ id: `rebuild/${store}/memory`, what: `${name}, most memory of either build` },
      ...{ value: Math.max(first.peakMb, second.peakMb), unit: 'MB' },
    },
  ];
}

/** Read models where the log is: files beside a file, a database of their own beside a database. */
async function placeFor(
  { folder, postgres }: Context,
  store: Store,
  log: LogPlace,
  keysOf: string,
): Promise<EnginePlace> {
  const views = store === 'postgres' && { views: await postgres.make() };
  return { data: folder(), log, keysOf, ...views };
}

/** Its default first. It rests for 100 ms after each batch; the best of these counts. */
const BATCH_SIZES = [100, 1_000, 5_000];

async function besideEmmett(
  context: Context,
  events: readonly StoredEvent[],
  keysOf: string,
): Promise<Measured[]> {
  const address = await context.postgres.make();
  context.say(`Emmett: appending ${events.length} events`);
  await appendToEmmett(address, events);
  const streams = new Set(events.map(({ stream }) => stream)).size;
  const types = [...new Set(events.map(({ type }) => type))];
  const runs: { batchSize: number; rate: number; of: Peaked<EmmettRebuilt> }[] = [];
  for (const [index, batchSize] of BATCH_SIZES.entries()) {
    context.say(`Emmett: rebuilding its caseload, ${batchSize} events a batch`);
    const given = { address, version: index + 1, types, batchSize };
    const of = await inChild<EmmettRebuilt>('emmett-rebuild', given);
    if (of.result.events !== events.length || of.result.documents !== streams) {
      throw new Error(`Emmett's consumer did not build all of it: ${JSON.stringify(of.result)}`);
    }
    runs.push({ batchSize, rate: events.length / of.result.seconds, of });
  }
  const best = runs.reduce((a, b) => (b.rate > a.rate ? b : a));
  context.say(`Wayledger: rebuilding everything from the same ${events.length} events`);
  const same = { address: await context.postgres.make() };
  await fill(same, planned(eventsOf(keysOf, events.length)));
  const place = await placeFor(context, 'postgres', same, keysOf);
  const ours = await inChild<Rebuilt>('rebuild', { place, beside: true });
  const note = `${events.length} events`;
  return [
    {
      ...{ id: 'rebuild/emmett', what: "Emmett's consumer, one caseload projection" },
      ...{ value: best.rate, unit: 'events/s', samples: runs.map(({ rate }) => rate) },
      note: `${note}, ${best.batchSize} a batch`,
    },
    {
      ...{ id: 'rebuild/emmett/memory', what: "Emmett's consumer, most memory" },
      ...{ value: best.of.peakMb, unit: 'MB' },
    },
    {
      ...{ id: 'rebuild/postgres/same', what: 'PostgreSQL, all projections, as many events' },
      value: events.length / (ours.result.rebuildSeconds ?? 0),
      ...{ unit: 'events/s', note },
    },
  ];
}

/**
 * One append after the other: what was appended side by side, version 0.42 reads in the order of
 * transactions and remembers by position, so that its consumer leaves some of it out.
 */
async function appendToEmmett(address: string, events: readonly StoredEvent[]): Promise<void> {
  const { store, close } = await openEmmett(address);
  for (const [stream, theirs] of Map.groupBy(events, (event) => event.stream)) {
    const messages = theirs.map((event): EmmettEvent => ({
      ...{ type: event.type, kind: 'Event', data: JSON.parse(event.data) as JsonObject },
      metadata: JSON.parse(event.metadata) as JsonObject,
    }));
    await store.appendToStream<EmmettEvent>(stream, messages, {
      expectedStreamVersion: STREAM_DOES_NOT_EXIST,
    });
  }
  await close();
}
