import type { Command } from 'commander';
import { epochMs, startOfDay, type CivilDate } from '#kernel';
import {
  FIRST_DAY,
  endDayOf,
  simulateAreas,
  type SimulatedArea,
  type SimulationOptions,
} from '#simulation';
import { DataRefused, type OpenOptions, type Wayledger } from '#engine';
import { gather } from '../demo/gather.js';
import { loadedText, lookAround, pageText, titleText } from '../demo/page.js';
import { whatIsThere } from '../demo/there.js';
import { loadAreas, type LoadSummary } from '../loader.js';
import { EXIT, print, printJson } from '../terminal/output.js';
import { progressLine } from '../terminal/progress.js';
import { catchUpShown, storesOf, withWayledger, type CommonOptions } from './common.js';
import { withSimulation } from './simulate.js';

const FOLDER = './data/demo';
const STORES = ['log', 'keys', 'views'] as const;

interface DemoFlags extends CommonOptions, SimulationOptions {}

export function addDemo(program: Command): void {
  withSimulation(program.command('demo'))
    .summary('invented areas, from the first referral to proven books')
    .description(
      'Simulates a programme of social prescribing, gives every fact of it to the real command ' +
        'handlers, and shows what became of the people, where the money stands, a morning of a ' +
        'link worker, one referral with its money, and the proof. Everything in it is invented. ' +
        `Works in ${FOLDER} unless --data names another folder, and takes no store from the environment; ` +
        'given again it adds nothing.',
    )
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<DemoFlags>();
      const isGiven = (option: string) => command.parent?.getOptionValueSource(option) === 'cli';
      const data = isGiven('data') ? flags.data : FOLDER;
      // Invented people must never come into a store that only the environment names.
      const given = STORES.filter(isGiven).map((name) => [name, flags[name]]);
      const named = Object.fromEntries(given) as Pick<DemoFlags, (typeof STORES)[number]>;
      const stores = storesOf({ data, ...named }, isGiven('log') ? process.env : {});
      process.exitCode = await withWayledger(stores, (wayledger) => show(wayledger, stores, flags));
    });
}

async function show(wayledger: Wayledger, stores: OpenOptions, flags: DemoFlags): Promise<number> {
  const { scenario, areas: many, years, seed } = flags;
  const options = { scenario, areas: many, years, seed };
  const areas = simulateAreas(options);
  const today = endDayOf(options);
  const namespace = `demo-${scenario}-${many}-${years}-${seed}`;
  const there = await whatIsThere(wayledger.log, areas, namespace);
  if (there === 'else') throw somethingElse(stores, options);
  const isPage = flags.json !== true;
  if (isPage) await print(`${titleText(options)}\n`);
  const summary = there === 'whole' ? null : await load(wayledger, areas, namespace, today);
  await catchUpShown(wayledger, 'settle');
  const facts = await gather(wayledger, areas, today);
  if (isPage) {
    const loaded = summary && { summary, wentOn: there === 'part' };
    await print(`${loadedText(loaded, facts)}\n`);
    await print(await pageText(wayledger, facts, whereOf(stores)));
  } else {
    await printJson({ ...options, loaded: summary, ...facts, lookAround: lookAround(facts) });
  }
  const proven = facts.checks.every(({ ok }) => ok);
  return proven && (summary?.refused ?? 0) === 0 ? EXIT.done : EXIT.notAll;
}

function somethingElse({ data, log }: OpenOptions, options: SimulationOptions): DataRefused {
  const { scenario, areas, years, seed } = options;
  return new DataRefused(
    `${log === undefined ? `"${data}"` : log.describe()} holds something else than this demo ` +
      `(--scenario ${scenario} --areas ${areas} --years ${years} --seed ${seed}), and was left as ` +
      'it is: give this demo a folder of its own with --data, or say what the one there was made ' +
      'with.',
  );
}

/** What a command line must say to find these stores again. */
function whereOf(stores: OpenOptions): string {
  const named = STORES.map((name) => {
    const at = stores[name]?.describe();
    if (at === undefined) return '';
    // An address of a server may hold a password: it is not printed again.
    return ` --${name} ${at.startsWith('sqlite:') ? quoted(at) : '…'}`;
  });
  return `--data ${quoted(stores.data)}${named.join('')}`;
}

const quoted = (text: string) =>
  /^[\w.:/-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

async function load(
  wayledger: Wayledger,
  areas: readonly SimulatedArea[],
  namespace: string,
  today: CivilDate,
): Promise<LoadSummary> {
  const bar = progressLine('time goes by', 'commands');
  const begins = epochMs(startOfDay(FIRST_DAY));
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
