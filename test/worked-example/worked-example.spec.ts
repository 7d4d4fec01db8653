import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { formatPence, type Pence, type Slug } from '#kernel';
import { hasHledger, hledgerBalances, hledgerCheck } from '../support/hledger.js';
import { givenLog, type LogAddress } from '../../apps/cli/src/log-address.js';
import { freshNamespace, someServer, withNamespace } from '../eventstoredb/support/fixture.js';
import { afterImport, booksOf, inFolder, journalOf, type Imported } from '../support/imported.js';

/** Sources, not what was compiled from them. */
const HERE = fileURLToPath(new URL('../../../test/worked-example', import.meta.url));
const COMMANDS = join(HERE, 'commands.ndjson');
const ORACLE = join(HERE, 'worked-example.journal');
const ANCHORS = ['north', 'east'] as Slug[];
const withHledger = hasHledger() ? test : test.skip;

/** What hledger gives over the covered transactions, kept for where it is not installed. */
const expected = new Map(
  Object.entries(
    JSON.parse(readFileSync(join(HERE, 'expected-balances.json'), 'utf8')) as Record<
      string,
      string
    >,
  ),
);

function coveredQuery(): string[] {
  const tags = readFileSync(join(HERE, 'covered.txt'), 'utf8').trim().split('\n');
  return [`tag:event=^(${tags.join('|')})$`];
}

/**
 * Our accounts name the fund, its year and the prescription's id; the example has one fund an
 * anchor, years only for east, and components only where a commitment has two.
 */
function exampleAccount(account: string, names: ReadonlyMap<string, string>): string {
  const [top = '', anchor = '', , ...rest] = account.split(':');
  const isYear = /^20(\d\d)$/u.exec(rest[0] ?? '');
  const tail = isYear === null ? rest : rest.slice(1);
  const year = top === 'budget' && anchor === 'east' ? [`y${isYear?.[1] ?? ''}`] : [];
  const [head, ...parts] = tail;
  if (head === 'committed') {
    const [prescription = '', provider = '', component = ''] = parts;
    const named = provider === 'swim' ? [component] : [];
    return [top, anchor, ...year, head, names.get(prescription), provider, ...named].join(':');
  }
  if (head === 'heldasagent') return [top, anchor, head].join(':');
  return [top, anchor, ...year, ...tail].join(':');
}

async function exampleBooks(log?: LogAddress): Promise<Map<string, Pence>> {
  const read = async ({ summary, wayledger }: Imported): Promise<Map<string, Pence>> => {
    const prescriptions = summary.names.filter(({ kind }) => kind === 'prescription');
    const names = new Map(prescriptions.map(({ id, name }) => [id, name]));
    const books = new Map<string, Pence>();
    for (const anchor of ANCHORS) {
      for (const [account, balance] of await booksOf(wayledger, anchor)) {
        const theirs = exampleAccount(account, names);
        books.set(theirs, (books.get(theirs) ?? 0n) + balance);
      }
    }
    return books;
  };
  return afterImport(COMMANDS, read, log);
}

function printed(books: ReadonlyMap<string, Pence>): Record<string, string> {
  return Object.fromEntries(
    [...books].map(([account, balance]): [string, string] => [account, formatPence(balance)]),
  );
}

describe('the worked example', () => {
  test('every command of it is accepted', async () => {
    await afterImport(COMMANDS, async ({ summary }) => {
      expect(summary).toMatchObject({ refused: 0, unchanged: 0, accepted: summary.lines });
    });
  });

  test('every balance, zeros too, is the one that hledger gives', async () => {
    expect(printed(await exampleBooks())).toEqual(Object.fromEntries(expected));
  });

  test('every balance is the same to the penny with the log on EventStoreDB', async () => {
    const server = await someServer();
    try {
      const log = givenLog(withNamespace(server.url, freshNamespace()), {});
      expect(printed(await exampleBooks(log))).toEqual(Object.fromEntries(expected));
    } finally {
      await server.stop();
    }
  });

  withHledger('the expected balances are hledger’s over exactly the covered transactions', () => {
    expect(printed(hledgerBalances(ORACLE, coveredQuery()))).toEqual(Object.fromEntries(expected));
  });

  withHledger(
    'the export of each anchor passes hledger and gives the engine’s balances',
    async () => {
      await afterImport(COMMANDS, ({ wayledger }) =>
        inFolder(async (folder) => {
          for (const anchor of ANCHORS) {
            const file = join(folder, `${anchor}.journal`);
            writeFileSync(file, await journalOf(wayledger, anchor));
            hledgerCheck(file);
            expect(hledgerBalances(file)).toEqual(new Map(await booksOf(wayledger, anchor)));
          }
        }),
      );
    },
  );

  withHledger('a penny moved in the export is seen', async () => {
    await afterImport(COMMANDS, ({ wayledger }) =>
      inFolder(async (folder) => {
        const file = join(folder, 'north.journal');
        const honest = await journalOf(wayledger, 'north' as Slug);
        writeFileSync(file, honest.replace(' 12.50 GBP', ' 12.51 GBP'));
        expect(() => {
          hledgerCheck(file);
        }).toThrow(/could not balance/u);
      }),
    );
  });
});
