import { createWriteStream, existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { dayOf, daysBetween } from '#kernel';
import { DataRefused } from '#engine';
import {
  AREAS_MAX,
  FIRST_DAY,
  SCENARIOS,
  SEED_MAX,
  YEARS_MAX,
  endDayOf,
  simulate,
  type Scenario,
  type SimulationOptions,
} from '#simulation';
import { EXIT, good, print, printJson } from '../terminal/output.js';
import { progressLine } from '../terminal/progress.js';
import type { CommonOptions } from './common.js';

interface SimulateFlags extends CommonOptions, SimulationOptions {
  readonly out?: string;
}

const DEFAULTS: SimulationOptions = { scenario: 'spring', areas: 3, years: 1, seed: 1 };
/** Lines are written in pieces of about so many characters. */
const PIECE_LENGTH = 64 * 1024;

export function addSimulate(program: Command): void {
  const command = program
    .command('simulate')
    .summary('write invented people, services and money as a file of commands')
    .description(
      'Writes what invented anchors would have recorded, as an NDJSON file of commands for ' +
        `"wayledger import --as-recorded". Years run from April to March, the first from ${FIRST_DAY}.`,
    );
  withSimulation(command)
    .option('--out <file>', 'where to write it, a new file (default: standard output)')
    .addHelpText('after', HELP)
    .action(async (_flags: unknown, self: Command) => {
      process.exitCode = await runSimulate(self.optsWithGlobals<SimulateFlags>());
    });
}

/** What may be simulated: the same options wherever it is. */
export function withSimulation(command: Command): Command {
  return command
    .addOption(
      new Option('--scenario <name>', 'after which service')
        .choices(SCENARIOS)
        .default(DEFAULTS.scenario satisfies Scenario),
    )
    .option('--areas <n>', `1 to ${AREAS_MAX}, an anchor each`, whole(1, AREAS_MAX), DEFAULTS.areas)
    .option('--years <n>', `1 to ${YEARS_MAX}`, whole(1, YEARS_MAX), DEFAULTS.years)
    .option('--seed <n>', 'the same seed, the same lines', whole(0, SEED_MAX), DEFAULTS.seed);
}

const HELP = `
Everything in it is invented: people, places, organisations, services, prices and days. Nobody's NHS
number is used: 999 000 0000 to 999 999 9999 are never issued. How many are referred, decline, are
supported, prescribed to and followed up is taken from what was published about real services:
  spring    SPRING Social Prescribing (Northern Ireland and Scotland): 15 areas and 3 years come to
            about 16,000 prescriptions and 192,000 contacts
  highland  community link workers of NHS Highland: 2 areas and 2 years come to about 2,660 referrals
Each number stands with its source in libs/simulation/src/parameters.ts.

One more area, or one more year, changes nothing in what was there before.`;

function whole(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/u.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`A whole number from ${from} to ${to}.`);
  };
}

async function runSimulate(flags: SimulateFlags): Promise<number> {
  const { out, json = false } = flags;
  const end = endDayOf(flags);
  const written = { lines: 0 };
  const pieces = Readable.from(piecesOf(flags, written));
  if (out === undefined) {
    await pipeline(pieces, process.stdout, { end: false });
    return EXIT.done;
  }
  if (existsSync(out)) {
    throw new DataRefused(`There is a file "${out}" already: name another, or remove it first.`);
  }
  const folder = dirname(out);
  if (!existsSync(folder)) {
    throw new DataRefused(`There is no folder "${folder}" to write into: make it first.`);
  }
  // Whoever finds the file finds all of it.
  const part = `${out}.part`;
  await pipeline(pieces, createWriteStream(part));
  renameSync(part, out);
  const { lines } = written;
  if (json) await printJson({ file: out, lines, from: FIRST_DAY, to: end });
  else {
    await print(
      `${good(String(lines))} lines from ${FIRST_DAY} to ${end} in ${out}: all of it is invented.\n` +
        `  npx wayledger import ${out} --as-recorded\n`,
    );
  }
  return EXIT.done;
}

function* piecesOf(options: SimulationOptions, written: { lines: number }): Generator<string> {
  const bar = progressLine('simulating', 'lines');
  const days = daysBetween(FIRST_DAY, endDayOf(options));
  let piece = '';
  for (const line of simulate(options)) {
    piece += `${JSON.stringify(line)}\n`;
    written.lines += 1;
    if (piece.length < PIECE_LENGTH) continue;
    bar.update(daysBetween(FIRST_DAY, dayOf(line.recordedAt)), days, written.lines);
    yield piece;
    piece = '';
  }
  bar.end();
  yield piece;
}
