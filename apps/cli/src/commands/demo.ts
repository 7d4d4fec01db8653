import type { Command } from 'commander';
import { epochMs, startOfDay, type CivilDate } from '#kernel';
import { endDayOf, simulateAreas, type SimulatedArea, type SimulationOptions } from '#simulation';
import { DataRefused, type OpenOptions, type Wayledger } from '#engine';
import { gather } from '../demo/gather.js';
import { loadedText, lookAround, pageText, titleText } from '../demo/page.js';
import { whatIsThere } from '../demo/there.js';
import { loadAreas, type LoadSummary } from '../loader.js';
import { EXIT, print, printJson } from '../terminal/output.js';
import { progressLine } from '../terminal/progress.js';
import { catchUpShown, storesOf, withWayledger, type CommonOptions } from './common.js';
import { withSimulation } from './simulation-options.js';

const FOLDER = './data/demo';

interface DemoFlags extends CommonOptions, SimulationOptions {}

export function addDemo(program: Command): void {
  withSimulation(program.command('demo'))
    .summary('invented areas, from the first referral to proven books')
    .description(
      'Simulates a programme of social prescribing, gives every fact of it to the real command ' +
        'handlers, and shows what became of the people, where the money stands, a morning of a ' +
        'link worker, one referral with its money, and the proof. Everything in it is invented. ' +
        `Works in ${FOLDER} unless --data names another folder, and takes no log from the environment; ` +
        'given again it adds nothing.',
    )
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<DemoFlags>();
      const isGiven = (option: string) => command.parent?.getOptionValueSource(option) === 'cli';
      const data = isGiven('data') ? flags.data : FOLDER;
      // Invented people must never come into a log that only the environment names.
      const stores = isGiven('log') ? storesOf({ ...flags, data }) : { data };
      process.exitCode = await withWayledger(stores, (wayledger) => show(wayledger, stores, flags));
    });
}

async function show(wayledger: Wayledger, stores: OpenOptions, flags: DemoFlags): Promise<number> {
  const { scenario, areas: many, years, seed } = flags;
  const options = { scenario, areas: many, years, seed };
  const areas = simulateAreas(options);
  const today = endDayOf(options);
  const isPage = flags.json !== true;
  if (isPage) await print(`${titleText(options)}\n`);
  const loaded = await load(wayledger, areas, stores, options, today);
  await catchUpShown(wayledger, 'settle');
  const facts = await gather(wayledger, areas, today);
  const { data, log } = stores;
  const where = `--data ${data}${log === undefined ? '' : ' --log …'}`;
  if (isPage) {
    await print(`${loadedText(loaded, facts)}\n`);
    await print(await pageText(wayledger, facts, where));
  } else {
    await printJson({ ...options, loaded, ...facts, lookAround: lookAround(facts) });
  }
  const proven = facts.checks.every(({ ok }) => ok);
  return proven && (loaded?.refused ?? 0) === 0 ? EXIT.done : EXIT.notAll;
}

/**
 * `null`: it was all there.
 * @throws DataRefused where something else is
 */
async function load(
  wayledger: Wayledger,
  areas: readonly SimulatedArea[],
  { data, log }: OpenOptions,
  options: SimulationOptions,
  today: CivilDate,
): Promise<LoadSummary | null> {
  const { scenario, areas: many, years, seed } = options;
  const namespace = `demo-${scenario}-${many}-${years}-${seed}`;
  const there = await whatIsThere(wayledger.log, areas, namespace);
  if (there === 'whole') return null;
  if (there === 'else') {
    throw new DataRefused(
      `${log === undefined ? `"${data}"` : log.describe()} holds something else than this demo ` +
        `(${scenario}, areas ${many}, years ${years}, seed ${seed}): give this one a folder of its ` +
        'own with --data, or ask for the demo that is there.',
    );
  }
  const bar = progressLine('time goes by', 'commands');
  const begins = beginMs(areas);
  const ends = epochMs(startOfDay(today));
  try {
    return await loadAreas(wayledger, areas, {
      namespace,
      onProgress: ({ lines, reachedMs }) => {
        bar.update(Math.max(0, reachedMs - begins), ends - begins, lines);
      },
    });
  } finally {
    bar.end();
  }
}

/** When the first line of all was recorded. */
function beginMs(areas: readonly SimulatedArea[]): number {
  const firsts = areas.map((area) => {
    const [first] = area.lines();
    return first === undefined ? Infinity : epochMs(first.recordedAt);
  });
  return Math.min(...firsts);
}
