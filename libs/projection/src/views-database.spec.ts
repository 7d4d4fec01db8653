import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import {
  Json,
  ViewsUnavailable,
  type NetChange,
  type Row,
  type Table,
  type ViewsDatabase,
} from './index.js';
import { isTableGone } from './failures.js';
import { isStoreError } from './testing/store-error.js';
import { viewsStores, type ViewsFixture } from './testing/views-fixtures.js';

const pot: Table = {
  name: 'pot',
  columns: { pot: 'text', year: 'integer', held: 'integer?', note: 'text?', state: 'json?' },
  key: ['pot', 'year'],
  indexes: [['held']],
  unique: [['note']],
};

const entry: Table = {
  name: 'entry',
  columns: { event: 'text', line: 'integer', amount: 'integer' },
  key: ['event', 'line'],
  indexes: [['amount']],
  appendOnly: true,
};

const INTEGER = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

function aPot(name: string, more: Row = {}): Row {
  return { pot: name, year: 2025n, held: null, note: null, state: null, ...more };
}

function change(table: Table, some: Partial<NetChange>): NetChange {
  return { table, inserted: [], put: [], removed: [], ...some };
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** As a reader compares them: a JSON value by its text. */
function plain(rows: readonly Row[]): unknown[] {
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([column, value]) => [
        column,
        value instanceof Json ? `json ${value.text}` : value,
      ]),
    ),
  );
}

describe.each(viewsStores)('read models on $name', ({ name, make }) => {
  let fixture: ViewsFixture;
  let views: ViewsDatabase;
  beforeEach(async () => {
    fixture = await make();
    views = await fixture.another();
    await views.transaction(async (writing) => {
      await writing.createTable(pot, 'pot_g1');
      await writing.createTable(entry, 'entry_g1');
    });
  });
  afterEach(() => fixture.dispose());

  const write = (table: Table, some: Partial<NetChange>, into = `${table.name}_g1`) =>
    views.transaction((writing) => writing.write(change(table, some), into));
  const pots = (of: ViewsDatabase = views) =>
    of.query.selectFrom('pot_g1').select('pot').orderBy('pot').execute();
  const names = async (of?: ViewsDatabase) => (await pots(of)).map(({ pot }) => pot);

  describe('rows', () => {
    test('come back as they went in, whatever they hold', async () => {
      const text = fc.string({ unit: 'binary' }).map((given) => given.replaceAll('\u0000', ''));
      const value = { pot: text, year: fc.bigInt(INTEGER) };
      const optional = {
        held: fc.option(fc.bigInt(INTEGER)),
        note: fc.option(text),
        state: fc.option(fc.jsonValue().map((given) => Json.of(given))),
      };
      const rows = fc.uniqueArray(fc.record({ ...value, ...optional }), {
        selector: ({ pot, year }) => `${pot}/${year}`,
        maxLength: 20,
      });
      await fc.assert(
        fc.asyncProperty(rows, rows, fc.boolean(), async (given, others, asPut) => {
          await write(pot, asPut ? { put: given } : { inserted: given });
          const keys = given.map(({ pot, year }) => [pot, year] as const);
          const isGiven = new Set(keys.map((key) => key.join('/')));
          const strangers = others
            .map(({ pot, year }) => [pot, year] as const)
            .filter((key) => !isGiven.has(key.join('/')));
          const found = await views.loadRows(pot, 'pot_g1', [...keys, ...strangers]);
          expect(plain(found)).toHaveLength(given.length);
          expect(plain(found)).toEqual(expect.arrayContaining(plain(given)));
          await write(pot, { removed: [...keys, ...strangers] });
          expect(await pots()).toEqual([]);
        }),
        { numRuns: 40 },
      );
    });

    test.each([
      ['nothing', null],
      ['the empty text', ''],
      ['the word null', 'NULL'],
      ['what arrays are written with', `{"a",\\"b",NULL}`],
      ['control characters', '\u0001\t\r\n\u001f\u007f'],
      ['emoji and the rarest characters', '👩🏽‍🌾 \u{10ffff}\uffff'],
    ])('hold %s in a text', async (_, note) => {
      await write(pot, { inserted: [aPot('a', { note })] });
      expect(await views.loadRows(pot, 'pot_g1', [['a', 2025n]])).toMatchObject([{ note }]);
      const read = await views.query.selectFrom('pot_g1').select('note').execute();
      expect(read).toEqual([{ note }]);
    });

    test('hold the greatest and the least integers, and JSON with a character 0 in it', async () => {
      const state = Json.of({ note: 'a\u0000b', pence: 2n ** 70n });
      const rows = [
        aPot('a', { held: INTEGER.max, state }),
        aPot('b', { held: INTEGER.min, state: Json.of(null) }),
      ];
      await write(pot, { inserted: rows });
      const found = await views.loadRows(pot, 'pot_g1', [
        ['a', 2025n],
        ['b', 2025n],
      ]);
      expect(plain(found)).toEqual(expect.arrayContaining(plain(rows)));
      const [{ state: read } = {}] = found.filter((row) => row['pot'] === 'a');
      expect(read instanceof Json && read.value).toEqual({ note: 'a\u0000b', pence: 2n ** 70n });
      expect(
        await views.query.selectFrom('pot_g1').select('state').orderBy('pot').execute(),
      ).toEqual([{ state: state.text }, { state: 'null' }]);
    });

    test('are in the order of their code points', async () => {
      const inOrder = ['', 'A', 'Z', 'a', 'a b', 'a-b', 'ab', 'z', 'é', 'ﬁ', '👩'];
      await write(pot, { inserted: inOrder.toReversed().map((name) => aPot(name)) });
      expect(await names()).toEqual(inOrder);
      const above = views.query.selectFrom('pot_g1').select('pot').where('pot', '>', 'ab');
      expect(await above.orderBy('pot', 'desc').execute()).toEqual(
        ['👩', 'ﬁ', 'é', 'z'].map((name) => ({ pot: name })),
      );
    });

    test('are many, and each is found', async () => {
      const rows = Array.from({ length: 2_500 }, (_, line) => {
        return { event: `e${line % 7}`, line: BigInt(line), amount: BigInt(line) };
      });
      await write(entry, { inserted: rows });
      const keys = rows.map(({ event, line }) => [event, line] as const);
      expect(await views.loadRows(entry, 'entry_g1', keys)).toHaveLength(rows.length);
      await write(entry, { removed: keys.slice(1) });
      expect(await views.loadRows(entry, 'entry_g1', keys)).toEqual(rows.slice(0, 1));
    });

    test('are large, and each is whole', async () => {
      const note = (at: number) => `${at}${'né👩'.repeat(150_000)}`;
      const rows = Array.from({ length: 8 }, (_, at) => aPot(`p${at}`, { note: note(at) }));
      await write(pot, { put: rows });
      const keys = rows.map(({ pot }) => [String(pot), 2025n] as const);
      const found = await views.loadRows(pot, 'pot_g1', keys);
      expect(
        found.every(
          (row, _, all) => all.length === 8 && rows.some((one) => one['note'] === row['note']),
        ),
      ).toBe(true);
    });
  });

  describe('a change', () => {
    test('puts rows in the place of those there are, and beside them', async () => {
      await write(pot, { inserted: [aPot('a', { held: 1n, note: 'old' }), aPot('b')] });
      await write(pot, { put: [aPot('a', { held: 2n }), aPot('c')], removed: [['b', 2025n]] });
      expect(await names()).toEqual(['a', 'c']);
      expect(await views.loadRows(pot, 'pot_g1', [['a', 2025n]])).toEqual([
        aPot('a', { held: 2n }),
      ]);
    });

    test('puts rows that are nothing but a key', async () => {
      const seen: Table = { name: 'seen', columns: { event: 'text' }, key: ['event'] };
      await views.transaction((writing) => writing.createTable(seen, 'seen_g1'));
      await write(seen, { put: [{ event: 'a' }] });
      await write(seen, { put: [{ event: 'a' }, { event: 'b' }] });
      expect(
        await views.query.selectFrom('seen_g1').selectAll().orderBy('event').execute(),
      ).toEqual([{ event: 'a' }, { event: 'b' }]);
    });

    test('lets a row take what another one leaves', async () => {
      await views.transaction((writing) => writing.finishTable(pot, 'pot_g1'));
      await write(pot, { inserted: [aPot('a', { note: 'only one' })] });
      await write(pot, { put: [aPot('b', { note: 'only one' })], removed: [['a', 2025n]] });
      expect(await names()).toEqual(['b']);
    });

    test('refuses what was counted before, and then nothing of it stands', async () => {
      await write(pot, { inserted: [aPot('a')] });
      const twice = write(pot, { inserted: [aPot('b'), aPot('a', { held: 1n })] });
      expect(isStoreError(await failureOf(twice))).toBe(true);
      expect(await names()).toEqual(['a']);
    });
  });

  describe('a table', () => {
    test('that is only added to has its key when it is finished', async () => {
      const line = { event: 'e', line: 1n, amount: 5n };
      await write(entry, { inserted: [line, line] });
      const tooLate = views.transaction((writing) => writing.finishTable(entry, 'entry_g1'));
      expect(isStoreError(await failureOf(tooLate))).toBe(true);
      await write(entry, { removed: [['e', 1n]] });
      await write(entry, { inserted: [line] });
      await views.transaction((writing) => writing.finishTable(entry, 'entry_g1'));
      expect(isStoreError(await failureOf(write(entry, { inserted: [line] })))).toBe(true);
    });

    test('refuses twins where a row is to be the only one, once it is finished', async () => {
      await write(pot, { inserted: [aPot('a', { note: 'n' }), aPot('b', { note: null })] });
      // Finished again, it stays as it is.
      for (const _ of ['once', 'again']) {
        await views.transaction((writing) => writing.finishTable(pot, 'pot_g1'));
      }
      await write(pot, { inserted: [aPot('c', { note: null })] });
      expect(isStoreError(await failureOf(write(pot, { put: [aPot('d', { note: 'n' })] })))).toBe(
        true,
      );
    });

    test('that was dropped is gone, and who reads it can tell', async () => {
      await views.transaction((writing) => writing.dropTable('pot_g1'));
      expect(isTableGone(await failureOf(names()))).toBe(true);
      expect(isTableGone(await failureOf(views.loadRows(pot, 'pot_g1', [['a', 1n]])))).toBe(true);
      const noColumn = views.query.selectFrom('entry_g1').select('pot').execute();
      expect(isTableGone(await failureOf(noColumn))).toBe(false);
      expect(isStoreError(await failureOf(noColumn))).toBe(true);
    });
  });

  test('whole numbers are bigint wherever they come from', async () => {
    const rows = [aPot('a', { held: 2n ** 62n }), aPot('b', { held: -1n })];
    const sums = () =>
      views.query
        .selectFrom('pot_g1')
        .select(({ fn }) => [fn.sum('held').as('sum'), fn.countAll().as('count')])
        .select(({ fn }) => [fn.max('year').as('last'), sql`1 + 1`.as('two')])
        .executeTakeFirstOrThrow();
    expect(await sums()).toEqual({ sum: null, count: 0n, last: null, two: 2n });
    await write(pot, { inserted: rows });
    expect(await sums()).toEqual({ sum: 2n ** 62n - 1n, count: 2n, last: 2025n, two: 2n });
    const removed = await views.transaction(({ query }) =>
      query.deleteFrom('pot_g1').where('held', '<', 0n).executeTakeFirst(),
    );
    expect(removed.numDeletedRows).toBe(1n);
  });

  describe('a transaction', () => {
    test('is undone as a whole when it throws', async () => {
      const broken = views.transaction(async (writing) => {
        await writing.createTable(pot, 'pot_g2');
        await writing.write(change(pot, { inserted: [aPot('a')] }), 'pot_g1');
        throw new Error('in the middle');
      });
      await expect(broken).rejects.toThrow('in the middle');
      expect(await names()).toEqual([]);
      expect(
        isTableGone(await failureOf(views.query.selectFrom('pot_g2').selectAll().execute())),
      ).toBe(true);
      await write(pot, { inserted: [aPot('b')] });
      expect(await names()).toEqual(['b']);
    });

    test('is seen by itself, and by others when it is done', async () => {
      const other = await fixture.another();
      await views.transaction(async (writing) => {
        await writing.write(change(pot, { inserted: [aPot('a')] }), 'pot_g1');
        expect(await writing.query.selectFrom('pot_g1').select('pot').execute()).toHaveLength(1);
        expect(await names()).toEqual([]);
        expect(await names(other)).toEqual([]);
      });
      expect(await names()).toEqual(['a']);
      expect(await names(other)).toEqual(['a']);
    });

    test('waits for the others, of this process and of another', async () => {
      const other = await fixture.another();
      await other.transaction(() => Promise.resolve());
      const count = (each: ViewsDatabase) =>
        each.transaction(async ({ query }) => {
          const rows = await query.selectFrom('pot_g1').select('pot').execute();
          await query
            .insertInto('pot_g1')
            .values({ pot: String(rows.length), year: 1n })
            .execute();
          return rows.length;
        });
      const late: Promise<number>[] = [];
      await views.transaction(async ({ query }) => {
        late.push(count(other), count(views), count(other));
        // Whoever did not wait would have counted by then.
        for (let looked = 0; looked < 50; looked += 1) expect(await names(other)).toEqual([]);
        await query.insertInto('pot_g1').values({ pot: 'first', year: 1n }).execute();
      });
      expect((await Promise.all(late)).toSorted()).toEqual([1, 2, 3]);
    });

    test('that swallows a failure of the store is not taken for written', async () => {
      const swallowed = views.transaction(async (writing) => {
        await writing.write(change(pot, { inserted: [aPot('a')] }), 'pot_g1');
        await writing.query
          .selectFrom('nowhere')
          .selectAll()
          .execute()
          .catch(() => undefined);
      });
      // SQLite undoes the statement alone, and the rest stands.
      if (name === 'SQLite') await swallowed;
      else await expect(swallowed).rejects.toThrow('nothing of it was written');
      expect(await names()).toEqual(name === 'SQLite' ? ['a'] : []);
    });
  });

  test('nothing is written by a query outside of a transaction', async () => {
    const outside = views.query.insertInto('pot_g1').values({ pot: 'a', year: 1n }).execute();
    await expect(outside).rejects.toThrow(/read-?only/u);
    expect(await names()).toEqual([]);
  });

  describe('a snapshot', () => {
    test('sees one moment while others write', async () => {
      const other = await fixture.another();
      await write(pot, { inserted: [aPot('a')] });
      await views.snapshot(async (then) => {
        expect(await names(then)).toEqual(['a']);
        await other.transaction((writing) =>
          writing.write(change(pot, { put: [aPot('b')], removed: [['a', 2025n]] }), 'pot_g1'),
        );
        await write(pot, { inserted: [aPot('c')] });
        expect(await names(then)).toEqual(['a']);
        expect(await then.loadRows(pot, 'pot_g1', [['b', 2025n]])).toEqual([]);
        expect(await then.snapshot(names)).toEqual(['a']);
        expect(await names()).toEqual(['b', 'c']);
      });
      expect(await names()).toEqual(['b', 'c']);
    });

    test('writes nothing', async () => {
      await views.snapshot(async (then) => {
        const row = then.query.insertInto('pot_g1').values({ pot: 'a', year: 1n }).execute();
        await expect(row).rejects.toThrow(/read-?only/u);
        await expect(then.transaction(() => Promise.resolve())).rejects.toThrow('in a snapshot');
      });
      await expect(views.snapshot(() => Promise.reject(new Error('mid-way')))).rejects.toThrow(
        'mid-way',
      );
    });

    test('has every table it began with to its end, whoever wants to drop it', async () => {
      const other = await fixture.another();
      await write(pot, { inserted: [aPot('a')] });
      await views.snapshot(async (then) => {
        await names(then);
        const dropped = other.transaction((writing) => writing.dropTable('entry_g1'));
        if (name === 'SQLite') await dropped;
        else await expect(dropped).rejects.toThrow(ViewsUnavailable);
        expect(await then.query.selectFrom('entry_g1').selectAll().execute()).toEqual([]);
      });
      await other.transaction((writing) => writing.dropTable('entry_g1'));
    });
  });

  describe('a format', () => {
    const setFormat = (format: number) =>
      name === 'SQLite' ? `PRAGMA user_version = ${format}` : `UPDATE meta SET format = ${format}`;

    test('that is ours is opened with all that it holds', async () => {
      await write(pot, { inserted: [aPot('a')] });
      expect(await names(await fixture.another())).toEqual(['a']);
    });

    test('that is older is emptied and made anew', async () => {
      await write(pot, { inserted: [aPot('a')] });
      await fixture.tamper(`DROP TABLE timer; ${setFormat(2)}`);
      const reopened = await fixture.another();
      expect(isTableGone(await failureOf(names(reopened)))).toBe(true);
      expect(await reopened.query.selectFrom('timer').selectAll().execute()).toEqual([]);
      await reopened.transaction((writing) => writing.createTable(pot, 'pot_g1'));
      expect(await names(await fixture.another())).toEqual([]);
    });

    test('that is newer is refused and left as it is', async () => {
      await write(pot, { inserted: [aPot('a')] });
      await fixture.tamper(setFormat(4));
      await expect(fixture.another()).rejects.toMatchObject({
        code: 'views-refused',
        message: expect.stringContaining('of format 4; this Wayledger knows 3'),
      });
      expect(await names()).toEqual(['a']);
    });

    test('is made by whoever comes first, of many at once', async () => {
      const fresh = await make();
      try {
        const all = await Promise.all(Array.from({ length: 5 }, () => fresh.another()));
        for (const each of all) {
          expect(await each.query.selectFrom('generation').selectAll().execute()).toEqual([]);
        }
      } finally {
        await fresh.dispose();
      }
    });
  });

  test('are closed once, however often that is asked for, after what was begun', async () => {
    const other = await fixture.another();
    const written = other.transaction((writing) =>
      writing.write(change(pot, { inserted: [aPot('a')] }), 'pot_g1'),
    );
    await Promise.all([written, other.close(), other.close()]);
    expect(await names()).toEqual(['a']);
    await expect(other.transaction(() => Promise.resolve())).rejects.toThrow();
    await expect(names(other)).rejects.toThrow();
  });
});
