import { InvalidArgumentError, Option, type Command } from 'commander';
import { AREAS_MAX, SCENARIOS, SEED_MAX, YEARS_MAX } from '#simulation';

/** What every command that simulates is told; the same numbers mean the same people to all. */
export function withSimulation(command: Command): Command {
  return command
    .addOption(
      new Option('--scenario <name>', 'whose figures to follow')
        .choices(SCENARIOS)
        .default('spring'),
    )
    .option('--areas <number>', 'how many areas, each with its own anchor', whole(1, AREAS_MAX), 3)
    .option('--years <number>', 'how many years, from 1 April 2025', whole(1, YEARS_MAX), 1)
    .option('--seed <number>', 'another seed is other people', whole(0, SEED_MAX), 2025);
}

function whole(from: number, to: number): (text: string) => number {
  return (text) => {
    const given = Number(text);
    if (/^\d+$/u.test(text) && given >= from && given <= to) return given;
    throw new InvalidArgumentError(`A whole number from ${from} to ${to}.`);
  };
}
