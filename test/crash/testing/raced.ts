import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Check } from '#audit';
import { systemClock, type Slug } from '#kernel';
import type { StoredEvent } from '#event-log';
import { openPostgresEventLog } from '#event-log/postgres';
import { Wayledger, givenKeys, givenLog, givenViews, type OpenOptions } from '#engine';
import { parsePostgresAddress } from '#postgres';
import { importFile } from '../../../apps/cli/src/importer.js';
import { wayledgerAside, json } from '../../cli/testing/command-line.js';
import { booksOf } from '../../support/imported.js';
import { Importer, NAMESPACE, Seen, commandIdOf, storesAt } from './importer.js';
import { eventsIn, eventsOf } from './imports.js';
import type { Random } from './random.js';
import { RACERS, wave, type Racer, type Wave } from './raced-commands.js';

const NORTH = 'north' as Slug;

/** Two importing processes on one database, wave after wave, and what they promised. */
export class Race {
  readonly seen = new Seen();
  private readonly waves: Wave[] = [];
  private readonly data: string;

  constructor(
    private readonly folder: string,
    private readonly url: string,
    private readonly random: Random,
  ) {
    this.data = join(folder, 'data');
    mkdirSync(this.data);
  }

  /** One more pair of files, until both have gone through whatever is done to them meanwhile. */
  async run(disturb: (importers: readonly Importer[]) => Promise<unknown>): Promise<void> {
    const number = this.waves.length;
    const next = wave(this.random, `w${number}`);
    this.waves.push(next);
    const mayBeRefused = new Set(next.scarce);
    const importers = RACERS.map((racer) => {
      const file = this.fileOf(number, racer);
      writeFileSync(file, next.files[racer].map((line) => `${JSON.stringify(line)}\n`).join(''));
      const given = { file, data: this.data, url: this.url };
      return new Importer(racer, given, mayBeRefused, this.seen);
    });
    try {
      await Promise.all([...importers.map((each) => each.through()), disturb(importers)]);
    } finally {
      for (const { process } of importers) process?.kill();
    }
  }

  /** Of the events that were acknowledged. */
  async lost(): Promise<string[]> {
    const there = new Set((await this.events()).map(({ id }) => id as string));
    return [...this.seen.acknowledged].filter((id) => !there.has(id));
  }

  /** Nothing lost, nothing doubled, every proof holds, and all is as if nobody had disturbed. */
  async prove(): Promise<void> {
    expect(await this.lost()).toEqual([]);
    const ids = (await this.events()).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const stores = [...storesAt(this.url, 'verify'), '--data', this.data];
    const verified = await wayledgerAside('verify', '--json', ...stores);
    expect(verified.stderr).toBe('');
    const [proof] = json(verified.stdout) as unknown as [{ ok: boolean; checks: Check[] }];
    expect(proof.checks.filter((check) => !check.ok)).toEqual([]);
    expect(proof.ok).toBe(true);
    const outcome = await this.outcome();
    expect(outcome).toEqual(await this.undisturbed());
    // Of the scarce pots as many were served as there is money for.
    const enoughFor = this.waves.reduce((sum, each) => sum + each.acceptedOfScarce, 0);
    expect(outcome.scarce).toBe(enoughFor);
  }

  private fileOf(number: number, racer: Racer): string {
    return join(this.folder, `${racer}${number}.ndjson`);
  }

  private async events(): Promise<StoredEvent[]> {
    return eventsOf(await openPostgresEventLog({ address: parsePostgresAddress(this.url) }));
  }

  private async outcome(): Promise<Outcome> {
    const views = givenViews(this.url);
    const [log, keys] = [givenLog(this.url, {}), givenKeys(this.url)];
    const options = { data: this.data, ...(log && { log }), ...(keys && { keys }) };
    const books = await booksAt({ ...options, ...(views && { views }) });
    return { ...this.withoutOrder(await this.events()), books };
  }

  /** The same files, one after the other, into a folder. */
  private async undisturbed(): Promise<Outcome> {
    const data = join(this.folder, 'undisturbed');
    const wayledger = await Wayledger.open({ data, clock: systemClock });
    try {
      for (const number of this.waves.keys()) {
        for (const racer of RACERS) {
          const file = this.fileOf(number, racer);
          await importFile(wayledger, { file, namespace: NAMESPACE }, () => undefined);
        }
      }
      await wayledger.settle();
    } finally {
      await wayledger.close();
    }
    return { ...this.withoutOrder(await eventsIn(data)), books: await booksAt({ data }) };
  }

  /**
   * What does not depend on who was first: every event but for its place, its moment and its
   * ciphertext; of the scarce pots only how many were served, and not who.
   */
  private withoutOrder(events: readonly StoredEvent[]): Omit<Outcome, 'books'> {
    const scarce = new Set(this.waves.flatMap((each) => each.scarce.map(commandIdOf)));
    const isScarce = ({ metadata }: StoredEvent) =>
      scarce.has((JSON.parse(metadata) as { commandId: never }).commandId);
    const told = events.filter((event) => !isScarce(event));
    return {
      events: told.map(({ stream, id, type, data }) => `${stream} ${id} ${type} ${data}`).sort(),
      scarce: events.filter((event) => isScarce(event) && event.type === 'Prescribed').length,
    };
  }
}

interface Outcome {
  readonly events: readonly string[];
  readonly scarce: number;
  readonly books: ReadonlyMap<string, bigint>;
}

/** But for the accounts that are named after whoever got something of a scarce pot. */
async function booksAt(options: OpenOptions): Promise<Map<string, bigint>> {
  const wayledger = await Wayledger.open({ ...options, existing: true });
  try {
    await wayledger.catchUp();
    const books = await booksOf(wayledger, NORTH);
    return new Map([...books].filter(([account]) => !/:scarce-.*:committed:/u.test(account)));
  } finally {
    await wayledger.close();
  }
}
