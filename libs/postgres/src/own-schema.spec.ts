import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { testDatabase, type TestDatabase } from '#postgres/testing';
import {
  lookAt,
  openPool,
  prepareSchema,
  SchemaRefused,
  type Ask,
  type OwnSchema,
} from './index.js';

const WHERE = 'the database';
const KEPT: OwnSchema = {
  ...{ name: 'wayledger_pots', called: 'a list of pots', meta: ['pots', 3n] },
  creation: 'CREATE TABLE pot (name text); CREATE TABLE place (name text)',
  replacesOlder: false,
};
const REPLACED: OwnSchema = { ...KEPT, replacesOlder: true };
const MANY = 6;

let database: TestDatabase;
let pool: Pool;
let ask: Ask;
beforeEach(async () => {
  database = await testDatabase();
  pool = openPool({ connectionString: database.url }, { max: MANY });
  ask = async (text, values = []) =>
    (await pool.query<Record<string, unknown>>(text, [...values])).rows;
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

const names = async () => (await ask('SELECT name FROM wayledger_pots.pot')) as { name: string }[];
const many = <T>(work: () => Promise<T>) => Promise.all(Array.from({ length: MANY }, work));

async function made(schema: OwnSchema, more = ''): Promise<void> {
  await prepareSchema(ask, schema, WHERE);
  await ask(`INSERT INTO wayledger_pots.pot VALUES ('a'); ${more}`);
}

describe('a schema of its own', () => {
  test('is absent, then ready; looking at it makes nothing', async () => {
    expect(await lookAt(ask, KEPT, WHERE)).toBe('absent');
    expect(await lookAt(ask, KEPT, WHERE)).toBe('absent');
    await prepareSchema(ask, KEPT, WHERE);
    expect(await lookAt(ask, KEPT, WHERE)).toBe('ready');
  });

  test('is made once, however many come at the same moment, and kept', async () => {
    await many(() => prepareSchema(ask, KEPT, WHERE));
    await made(KEPT);
    await many(() => prepareSchema(ask, KEPT, WHERE));
    expect(await names()).toEqual([{ name: 'a' }]);
  });

  test('of an older format is emptied once, however many come at the same moment', async () => {
    await made(REPLACED, 'UPDATE wayledger_pots.meta SET format = 2');
    await ask('CREATE TABLE wayledger_pots.obsolete (); DROP TABLE wayledger_pots.place');
    await many(async () => {
      await prepareSchema(ask, REPLACED, WHERE);
      // Who comes later leaves it alone.
      await ask("INSERT INTO wayledger_pots.place VALUES ('b')");
    });
    expect(await names()).toEqual([]);
    expect(await ask('SELECT name FROM wayledger_pots.place')).toHaveLength(MANY);
    expect(await ask("SELECT WHERE to_regclass('wayledger_pots.obsolete') IS NULL")).toHaveLength(
      1,
    );
  });

  test.each([
    ['newer', REPLACED, 'UPDATE wayledger_pots.meta SET format = 4', /a list of pots of format 4;/],
    ['older', KEPT, 'UPDATE wayledger_pots.meta SET format = 2', /of format 2; this .* knows 3:/],
    [
      'said twice',
      REPLACED,
      "INSERT INTO wayledger_pots.meta VALUES ('pots', 3)",
      /something else/,
    ],
    ['not said', REPLACED, 'DELETE FROM wayledger_pots.meta', /something else, not a list of pots/],
    ['no number', REPLACED, 'ALTER TABLE wayledger_pots.meta DROP COLUMN format', /something else/],
  ])('is refused and left as it is when its format is %s', async (_, schema, sql, message) => {
    await made(schema, sql);
    await expect(prepareSchema(ask, schema, WHERE)).rejects.toThrow(SchemaRefused);
    await expect(prepareSchema(ask, schema, WHERE)).rejects.toThrow(message);
    expect(await names()).toEqual([{ name: 'a' }]);
  });

  test('may call the columns of what it says otherwise: their order counts', async () => {
    await made(KEPT, 'ALTER TABLE wayledger_pots.meta RENAME kind TO store');
    await prepareSchema(ask, KEPT, WHERE);
    expect(await names()).toEqual([{ name: 'a' }]);
  });

  test('fails as its making does, and then nothing of it is there', async () => {
    const broken = { ...KEPT, creation: `${KEPT.creation}; CREATE TABLE pot (again text, no)` };
    await expect(prepareSchema(ask, broken, WHERE)).rejects.toThrow(/syntax error/);
    expect(await lookAt(ask, KEPT, WHERE)).toBe('absent');
  });
});
