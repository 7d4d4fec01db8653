import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '#kernel';
import { testDatabase, type TestDatabase } from '#postgres/testing';
import { givenKeys, keysInFolder } from './keys-address.js';
import { StoreAddressRefused } from './store-address.js';
import { givenViews, viewsInFolder } from './views-address.js';

const ON_SERVER = 'postgres://ann:SECRET@db.example/wayledger?namespace=east';

function refusalOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(StoreAddressRefused);
    return (error as StoreAddressRefused).message;
  }
  throw new Error('The address was accepted');
}

describe.each([
  ['read models', givenViews, viewsInFolder, 'views.db'],
  ['keys', givenKeys, keysInFolder, 'keys.db'],
])('where %s are', (what, given, inFolder, name) => {
  test('is a file, or a database on a server, told without credentials', () => {
    expect(given('sqlite:some/where.db')?.describe()).toBe('sqlite:some/where.db');
    expect(inFolder('some').describe()).toBe(`sqlite:some/${name}`);
    expect(given(ON_SERVER)?.describe()).toBe(
      'postgres://db.example:5432/wayledger, namespace east',
    );
    expect(given(undefined)).toBeUndefined();
  });

  test.each(['where.db', 'sqlite:', '', 'postgres:/ann:SECRET@h/d', 'esdb://ann:SECRET@h'])(
    'is refused as "%s" with the forms there are',
    (text) => {
      const message = refusalOf(() => given(text));
      expect(message.toLowerCase()).toBe(
        `${what} are given as sqlite:<file> or as postgres://…: what was given is neither.`,
      );
    },
  );

  test.each(['postgres://ann:SECRET@h:port/d', 'postgres://ann:SECRET@h/d?namespace=No'])(
    'is refused as "%s" without repeating it',
    (text) => {
      expect(refusalOf(() => given(text))).not.toMatch(/SECRET|ann/u);
    },
  );
});

describe('keys', () => {
  let folder: string;
  let database: TestDatabase;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wayledger-keys-'));
    database = await testDatabase();
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['a file', () => givenKeys(`sqlite:${folder}/deep/keys.db`)],
    ['a database', () => givenKeys(database.url)],
  ])('in %s are there once they are opened, and not by asking', async (_, address) => {
    expect(await address()?.exists()).toBe(false);
    expect(await address()?.exists()).toBe(false);
    expect(existsSync(join(folder, 'deep'))).toBe(false);
    const keys = await address()?.open(systemClock);
    await keys?.close();
    expect(await address()?.exists()).toBe(true);
    rmSync(join(folder, 'deep'), { recursive: true, force: true });
  });
});
