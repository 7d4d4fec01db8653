import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { formatPence, type CivilDate, type Pence, type Slug } from '#kernel';
import { BalancesQuery } from '#funding';
import { hasHledger, hledgerBalances, hledgerCheck } from '../support/hledger.js';
import { givenLog, type LogAddress } from '#engine';
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
 * The example claws back what it had paid; as long as nothing is claimed or paid here, what is owed
 * still stands where delivery put it. A receivable from a provider is so much less that is owed.
 */
function withoutPayments(books: ReadonlyMap<string, Pence>): Map<string, Pence> {
  const unpaid = new Map<string, Pence>();
  for (const [account, balance] of books) {
    const owed = account.replace(/^assets:(\w+):receivable:provider:/u, 'liabilities:$1:accrued:');
    unpaid.set(owed, (unpaid.get(owed) ?? 0n) + balance);
  }
  return unpaid;
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
    const [of = '', provider = '', component = ''] = parts;
    const named = provider === 'swim' ? [component] : [];
    // What continues a prescription elsewhere keeps its name there; an award has its own.
    const name = names.get(of)?.replace(/-garden$/u, '') ?? of;
    return [top, anchor, ...year, head, name, provider, ...named].join(':');
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

  test('May as it was signed, and as it is known since the correction in June', async () => {
    await afterImport(COMMANDS, async ({ wayledger }) => {
      const may = '2026-05-31' as CivilDate;
      const owedToAllot = async (query: BalancesQuery) => {
        const balances = await wayledger.query(query);
        const found = balances.find(({ account }) => account.endsWith('accrued:allot'));
        return formatPence(found?.balance ?? 0n);
      };
      const north = ANCHORS[0]!;
      // What was claimed and paid until then is still owed here: 31.25.
      expect(await owedToAllot(new BalancesQuery(north, may))).toBe('-56.25');
      expect(await owedToAllot(new BalancesQuery(north, undefined, may))).toBe('-43.75');
    });
  });

  withHledger('the expected balances are hledger’s over exactly the covered transactions', () => {
    const oracle = withoutPayments(hledgerBalances(ORACLE, coveredQuery()));
    expect(printed(oracle)).toEqual(Object.fromEntries(expected));
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
