import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { present, type CivilDate, type Instant, type Slug } from '#kernel';
import { LOG_START, type StoredEvent } from '#event-log';
import { Wayledger } from '#engine';
import type { SimulatedArea, SimulatedLine } from '#simulation';
import { importFile } from './importer.js';
import { AHEAD_MS_MAX, loadAreas, type LoadProgress } from './loader.js';

const NAMESPACE = 'loaded';
let folder: string;
let wayledger: Wayledger;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wayledger-loader-'));
  wayledger = await Wayledger.open({ data: join(folder, 'data') });
});
afterEach(async () => {
  await wayledger.close();
  rmSync(folder, { recursive: true });
});

/** An area that hires a link worker on each of these days. */
function areaOf(anchor: string, days: readonly string[]): SimulatedArea {
  const lines = [
    line(anchor, days[0] ?? '2025-04-01', 'RegisterOrganisation', {
      ...{ organisation: anchor, name: anchor, roles: ['anchor'] },
    }),
    ...days.map((day, index) =>
      line(anchor, day, 'RegisterLinkWorker', {
        ...{ linkWorker: `${anchor}-${index}`, employer: anchor },
      }),
    ),
  ];
  return { anchor: anchor as Slug, lines: () => lines };
}

let made = 0;
function line(anchor: string, day: string, command: string, data: object): SimulatedLine {
  made += 1;
  return {
    ...{ id: `${anchor} ${made}`, command, data: data as SimulatedLine['data'] },
    at: day as CivilDate,
    recordedAt: `${day}T09:00:00.000Z` as Instant,
    actor: { id: 'finance', role: 'anchor', organisation: anchor as Slug },
  };
}

const EACH_MONTH = Array.from(
  { length: 12 },
  (_, index) => `2025-${String(index + 1).padStart(2, '0')}-01`,
);

async function logOf(engine: Wayledger): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for await (const page of engine.log.readLog({ after: LOG_START, max: 500 })) all.push(...page);
  return all;
}

const recordedMs = ({ metadata }: StoredEvent) =>
  Date.parse((JSON.parse(metadata) as { recordedAt: string }).recordedAt);

const byId = (events: readonly StoredEvent[]) =>
  new Map(events.map(({ id, type, data, version }) => [id, { type, data, version }]));

describe('areas that are loaded side by side', () => {
  test('give what a file of the same lines gives', async () => {
    const areas = [areaOf('north', EACH_MONTH), areaOf('east', ['2025-06-30', '2025-07-01'])];
    const summary = await loadAreas(wayledger, areas, { namespace: NAMESPACE });
    expect(summary).toMatchObject({
      ...{ lines: 16, accepted: 16, unchanged: 0, refused: 0, events: 16, refusals: [] },
    });

    const file = join(folder, 'areas.ndjson');
    const lines = areas
      .flatMap((area) => [...area.lines()])
      .sort((a, b) => (a.recordedAt < b.recordedAt ? -1 : a.recordedAt > b.recordedAt ? 1 : 0));
    writeFileSync(file, lines.map((each) => `${JSON.stringify(each)}\n`).join(''));
    const other = await Wayledger.open({ data: join(folder, 'other') });
    try {
      const options = { file, namespace: NAMESPACE, asRecorded: true };
      await importFile(other, options, () => undefined);
      expect(byId(await logOf(wayledger))).toEqual(byId(await logOf(other)));
    } finally {
      await other.close();
    }
  });

  test('stay within a month of each other, and say how far all of them have come', async () => {
    const areas = [
      areaOf('north', EACH_MONTH),
      areaOf('east', ['2025-08-01']),
      areaOf('south', EACH_MONTH.slice(3, 9)),
    ];
    const progress: LoadProgress[] = [];
    const onProgress = (each: LoadProgress) => progress.push(each);
    const { lines } = await loadAreas(wayledger, areas, { namespace: NAMESPACE, onProgress });
    let furthest = -Infinity;
    for (const at of (await logOf(wayledger)).map(recordedMs)) {
      furthest = Math.max(furthest, at);
      expect(furthest - at).toBeLessThanOrEqual(AHEAD_MS_MAX);
    }
    expect(progress.map((each) => each.lines)).toEqual(progress.map((_, index) => index + 1));
    expect(progress).toHaveLength(lines);
    const reached = progress.map(({ reachedMs }) => reachedMs);
    expect(reached).toEqual([...reached].sort((a, b) => a - b));
    expect(reached.at(-1)).toBe(Date.parse('2025-12-01T09:00:00.000Z'));
  });

  test('add nothing when they are loaded again', async () => {
    const areas = [areaOf('north', EACH_MONTH), areaOf('east', EACH_MONTH)];
    const { lines } = await loadAreas(wayledger, areas, { namespace: NAMESPACE });
    const head = await wayledger.log.head();
    const again = await loadAreas(wayledger, areas, { namespace: NAMESPACE });
    expect(again).toMatchObject({ lines, accepted: 0, unchanged: lines, refused: 0, events: 0 });
    expect(await wayledger.log.head()).toBe(head);
  });
});

describe('a line that cannot be taken', () => {
  test('is counted and told, and the rest of its area goes on', async () => {
    const good = [...areaOf('north', ['2025-04-01', '2025-05-01']).lines()];
    const wrong = [
      line('north', '2025-04-02', 'RegisterLinkWorker', { linkWorker: 'No Slug' }),
      line('north', '2025-03-31', 'RegisterOrganisation', { organisation: 'late', name: 'Late' }),
      { ...line('north', '2025-04-03', 'Fly', {}), id: '' },
    ];
    const [first, second, third] = good;
    const lines = [first, second, ...wrong, third].map((each) => present(each, 'there are six'));
    const area = { anchor: 'north' as Slug, lines: () => lines };
    const summary = await loadAreas(wayledger, [area], { namespace: NAMESPACE });
    expect(summary).toMatchObject({ lines: 6, accepted: 3, refused: 3, events: 3 });
    const told = summary.refusals.map(({ anchor, id, reasons }) => [anchor, id, reasons[0]?.code]);
    expect(told).toEqual([
      ['north', wrong[0]?.id, 'wrong-field'],
      ['north', wrong[1]?.id, 'time-runs-backwards'],
      ['north', '', 'wrong-field'],
    ]);
  });
});

describe('a store that fails in one area', () => {
  test('stops them all, and nothing is under way when that is told', async () => {
    let under = 0;
    let given = 0;
    const failing: Pick<Wayledger, 'execute'> = {
      async execute(command) {
        given += 1;
        if (given === 5) throw new Error('the disk is full');
        under += 1;
        return wayledger.execute(command).finally(() => {
          under -= 1;
        });
      },
    };
    const areas = [areaOf('north', EACH_MONTH), areaOf('east', EACH_MONTH)];
    const load = loadAreas(failing, areas, { namespace: NAMESPACE });
    await expect(load).rejects.toThrow('the disk is full');
    expect(under).toBe(0);
    expect(given).toBeLessThan(10);
    expect(await loadAreas(wayledger, areas, { namespace: NAMESPACE })).toMatchObject({
      refused: 0,
    });
  });
});
