import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LogAddressRefused } from '#event-log';
import { givenLog, logInFolder, sideOfCopy } from './log-address.js';

const HOST = 'esdb://logs.example';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wayledger-address-'));
  writeFileSync(join(folder, 'secret'), 'SECRET\n');
  writeFileSync(join(folder, 'empty'), '\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The variables of a user whose password is in this file. */
function user(file: string, name = 'ann') {
  return { WAYLEDGER_LOG_USER: name, WAYLEDGER_LOG_PASSWORD_FILE: join(folder, file) };
}

function refusalOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(LogAddressRefused);
    return (error as LogAddressRefused).message;
  }
  throw new Error('The address was accepted');
}

describe('where a log is', () => {
  test('is a file, or a host of EventStoreDB, told without credentials', () => {
    expect(givenLog('sqlite:some/log.db', {})?.describe()).toBe('sqlite:some/log.db');
    expect(logInFolder('some').describe()).toBe('sqlite:some/log.db');
    const told = givenLog('esdb://ann:SECRET@h1,h2?namespace=east', {})?.describe();
    expect(told).toBe('esdb://h1:2113,h2:2113, namespace east');
    expect(givenLog(HOST, user('secret'))?.describe()).toBe('esdb://logs.example:2113');
    const database = givenLog('postgres://ann:SECRET@h/wayledger?namespace=east', {})?.describe();
    expect(database).toBe('postgres://h:5432/wayledger, namespace east');
    expect(givenLog(undefined, {})).toBeUndefined();
  });

  test('is there, if it is a file, when that is; a host is found out by asking', () => {
    expect(givenLog(`sqlite:${folder}/secret`, {})?.exists()).toBe(true);
    expect(givenLog(`sqlite:${folder}/gone`, {})?.exists()).toBe(false);
    expect(givenLog(HOST, user('secret'))?.exists()).toBe(true);
  });

  test.each([
    ['log.db', () => ({}), /given as sqlite:<file>, postgres:.* or esdb:/],
    ['sqlite:', () => ({}), /given as sqlite:<file>, postgres:.* or esdb:/],
    ['', () => ({}), /given as sqlite:<file>, postgres:.* or esdb:/],
    ['esbd://ann:SECRET@h', () => ({}), /given as sqlite:<file>, postgres:.* or esdb:/],
    ['esdb://ann:SECRET@h?tls=false', () => ({}), /never sent without TLS/],
    [HOST, () => ({ WAYLEDGER_LOG_USER: 'ann' }), /go together: set both/],
    [HOST, () => ({ WAYLEDGER_LOG_PASSWORD_FILE: 'secret' }), /go together: set both/],
    [HOST, () => user('secret', ''), /WAYLEDGER_LOG_USER is empty/],
    [HOST, () => user('gone'), /The file ".*gone" that .* names cannot be read: ENOENT/],
    [HOST, () => user('.'), /names cannot be read: EISDIR/],
    [HOST, () => user('empty'), /The file ".*empty" that .* names is empty/],
    ['sqlite:log.db', () => user('secret'), /A file has no users: unset WAYLEDGER_LOG_USER/],
    ['postgres://ann@h/w', () => user('secret'), /are for EventStoreDB: unset them, and name user/],
    ['postgres://ann:SECRET@h', () => ({}), /names no database/],
    [undefined, () => user('secret'), /A file has no users: unset WAYLEDGER_LOG_USER/],
    ['esdb://ann:SECRET@h', () => user('secret'), /Credentials are given twice/],
    [`${HOST}?tls=false`, () => user('secret'), /never sent without TLS/],
  ])('is refused as "%s" in one sentence (%#)', (text, variables, why) => {
    const message = refusalOf(() => givenLog(text, variables()));
    expect(message).toMatch(why);
    expect(message).not.toMatch(/SECRET|\n/u);
  });
});

describe('one of the two logs of a copy', () => {
  test("takes the environment's credentials where it needs some and has none", () => {
    expect(sideOfCopy(HOST, user('secret')).describe()).toBe('esdb://logs.example:2113');
    expect(sideOfCopy('esdb://ann:own@h', user('gone')).describe()).toBe('esdb://h:2113');
    expect(sideOfCopy('postgres://h/w', user('gone')).describe()).toBe('postgres://h:5432/w');
    expect(sideOfCopy('sqlite:log.db', user('gone')).describe()).toBe('sqlite:log.db');
    expect(refusalOf(() => sideOfCopy(HOST, {}))).toMatch(/lets nobody in without a user/);
  });

  test('is the same as another when they have a place in common', () => {
    const places = (text: string) => sideOfCopy(text, user('secret')).places();
    expect(places(`sqlite:${folder}/./secret`)).toEqual(places(`sqlite:${folder}/secret`));
    expect(places(`sqlite:${folder}/secret`)).not.toEqual(places(`sqlite:${folder}/empty`));
    expect(places('esdb://h1,h2')).toEqual(expect.arrayContaining([...places('esdb://H1:2113')]));
    expect(places('postgres:///w')).toEqual(places('postgres://ann:x@[::1]:5432/w'));
    const [east, west] = ['postgres://h/w?namespace=east', 'postgres://h/w?namespace=west'];
    expect(places(east)).not.toEqual(places(west));
    expect(places('postgres://h/w')).not.toEqual(places('postgres://h/other'));
    expect(places('esdb://h1?namespace=east')).not.toEqual(places('esdb://h1?namespace=west'));
  });
});
