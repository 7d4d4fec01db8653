import type { Command } from 'commander';
import type { Slug } from '#kernel';
import { PlacesQuery, type ServicePlaces } from '#referral';
import { EXIT, bad, bold, dim, print, printJson, table } from '../terminal/output.js';
import { catchUpShown, slugArgument, withExisting, type CommonOptions } from './common.js';

interface PlacesFlags extends CommonOptions {
  readonly provider: Slug;
}

export function addPlaces(program: Command): void {
  program
    .command('places')
    .summary("a provider's places: taken, free, and who waits for one")
    .description(
      'Shows the places of each service that its provider or an anchor declared a capacity for, ' +
        'and the waiting list, in the order in which places are to be offered.',
    )
    .requiredOption('--provider <slug>', 'whose places', slugArgument)
    .action(async (_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<PlacesFlags>();
      process.exitCode = await withExisting(flags, async (wayledger) => {
        await catchUpShown(wayledger, 'read');
        const services = await wayledger.query(new PlacesQuery(flags.provider));
        if (flags.json === true) await printJson({ provider: flags.provider, services });
        else await print(placesText(flags.provider, services));
        return EXIT.done;
      });
    });
}

function placesText(provider: Slug, services: readonly ServicePlaces[]): string {
  const title = bold(`Places of ${provider}`);
  if (services.length === 0) {
    return `${title}\nNo capacity was declared for any service of ${provider}: nothing is limited.\n`;
  }
  const rows = services.map(({ service, declared, taken, free, over, waiting }) => [
    service,
    String(declared),
    over === 0 ? String(taken) : `${taken} ${bad(`(${over} over)`)}`,
    String(free),
    String(waiting.length),
  ]);
  const head = ['service', 'declared', 'taken', 'free', 'waiting'];
  const right = ['right', 'right', 'right', 'right'] as const;
  return `${title}\n${table(head, rows, ['left', ...right])}${services.map(waitingText).join('')}`;
}

function waitingText({ service, waiting }: ServicePlaces): string {
  if (waiting.length === 0) return '';
  const rows = waiting.map(({ referral, prescription, anchor, since }, index) => [
    String(index + 1),
    since,
    anchor,
    referral,
    dim(prescription),
  ]);
  return (
    `\n${bold(`Waiting for ${service}`)}\n` +
    table(['', 'since', 'anchor', 'referral', 'prescription'], rows)
  );
}
