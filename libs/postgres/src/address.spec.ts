import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isPostgresAddress, parsePostgresAddress, PostgresAddressRefused } from './index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wayledger-address-'));
  writeFileSync(join(folder, 'secret'), 'SECRET\n');
  writeFileSync(join(folder, 'spaces'), ' SECRET \r\n');
  writeFileSync(join(folder, 'empty'), '\n');
  writeFileSync(join(folder, 'ca.crt'), 'A CERTIFICATE');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const configOf = (text: string) => parsePostgresAddress(text).config;

describe('the address of a database', () => {
  test('names a server, a user, a database and a namespace', () => {
    const { config, namespace } = parsePostgresAddress(
      'postgres://ann:p%40ss%3F@db.example:6000/wayledger?namespace=east',
    );
    expect(config).toMatchObject({
      host: 'db.example',
      port: 6000,
      user: 'ann',
      password: 'p@ss?',
    });
    expect([config.database, namespace]).toEqual(['wayledger', 'east']);
    expect(parsePostgresAddress('postgresql://localhost/wayledger').namespace).toBe('');
    expect(isPostgresAddress('esdb://localhost')).toBe(false);
  });

  test.each([
    ['postgres://ann:SECRET@db.example/wayledger', 'postgres://db.example:5432/wayledger'],
    ['postgres:///wayledger', 'postgres://localhost:5432/wayledger'],
    ['postgres://ann:SECRET@[::1]:6000/w?namespace=east', 'postgres://::1:6000/w, namespace east'],
    ['postgres:///w?host=/run/postgresql', 'postgres:///w?host=/run/postgresql'],
    ['postgres://ann:SECRET@/w?host=/run/postgresql', 'postgres:///w?host=/run/postgresql'],
  ])('%s is told without credentials', (text, described) => {
    expect(parsePostgresAddress(text).described).toBe(described);
  });

  test('knows what libpq calls the name of a program and the settings of a session', () => {
    const text = 'postgres://h/w?application_name=nightly%20import&options=-c%20work_mem%3D8MB';
    expect(configOf(text)).toMatchObject({
      application_name: 'nightly import',
      options: '-c work_mem=8MB',
    });
  });

  test('can leave the password to a file, whose last line break is not part of it', () => {
    const at = (file: string) => `postgres://ann@h/w?passwordFile=${join(folder, file)}`;
    expect(configOf(at('secret'))).toMatchObject({ user: 'ann', password: 'SECRET' });
    expect(configOf(at('spaces')).password).toBe(' SECRET ');
    expect(configOf(at('secret'))).not.toHaveProperty('passwordFile');
  });
});

describe('what is sent to a database', () => {
  test.each([
    'postgres:///w',
    'postgres://localhost/w',
    'postgres://127.0.0.1/w',
    'postgres://[::1]/w',
    'postgres:///w?host=/run/postgresql',
    'postgres://db.example/w?sslmode=disable',
  ])('is in clear with %s', (text) => {
    expect(configOf(text).ssl).toBe(false);
  });

  test.each([
    'postgres://db.example/w',
    'postgres://10.0.0.1/w',
    'postgres://localhost.example/w',
    'postgres://localhost/w?sslmode=verify-full',
  ])('is for the one server with a certificate that is trusted here with %s', (text) => {
    expect(configOf(text).ssl).toEqual({});
  });

  test('is for a server that a certificate authority of one’s own knows', () => {
    const ca = `sslrootcert=${join(folder, 'ca.crt')}`;
    for (const text of [`postgres://db.example/w?${ca}`, `postgres://localhost/w?${ca}`]) {
      expect(configOf(text).ssl).toEqual({ ca: 'A CERTIFICATE' });
    }
    const anyName = configOf(`postgres://db.example/w?sslmode=verify-ca&${ca}`).ssl;
    expect(anyName).toMatchObject({
      ca: 'A CERTIFICATE',
      checkServerIdentity: expect.any(Function),
    });
  });

  test('is sealed for whoever answers only where the address says so', () => {
    expect(configOf('postgres://db.example/w?sslmode=require').ssl).toEqual({
      rejectUnauthorized: false,
    });
  });
});

describe('an address that cannot be used is refused in one sentence', () => {
  test.each([
    ['mysql://ann:SECRET@h/w', /is given as postgres:/],
    ['postgres://ann:SECRET@h', /names no database/],
    ['postgres://ann:SECRET@h/', /names no database/],
    ['postgres://ann:SEC#RET@h/w', /not of the form/],
    ['postgres://ann:SEC?RET@h/w', /not of the form/],
    ['postgres://ann:12?SEC&RET@h/w', /not of the form/],
    ['postgres://h/w?a+b=c', /One of the keys is no key/],
    ['postgres://ann:SECRET@h:port/w', /not of the form/],
    ['postgres://ann:SECRET@h1,h2/w', /names one host/],
    ['postgres://h/w?namespace=East', /A namespace is/],
    ['postgres://h/w?namespace=', /namespace has no value/],
    ['postgres://h/w?namespace=a&namespace=b', /namespace is given twice/],
    [
      'postgres://h/w?namspace=a',
      /"namspace" is no key of a PostgreSQL address: there are namespace/,
    ],
    ['postgres://h/w?password=SECRET', /"password" is no key/],
    ['postgres://h/w?sslmode=prefer', /sslmode is one of disable, require, verify-ca/],
    ['postgres://h/w?sslmode=verify-ca', /verify-ca needs sslrootcert/],
    ['postgres://h/w?sslrootcert=/gone/ca.crt', /"\/gone\/ca.crt" that .* cannot be read: ENOENT/],
    ['postgres://h/w?passwordFile=/gone/secret', /"\/gone\/secret" that .* cannot be read: ENOENT/],
    ['postgres://h/w?passwordFile=FOLDER', /cannot be read: EISDIR/],
    ['postgres://h/w?passwordFile=FOLDER/empty', /empty" that passwordFile names is empty/],
    ['postgres://a:SECRET@h/w?passwordFile=FOLDER/secret', /a password and a passwordFile/],
  ])('%s', (text, why) => {
    const parse = () => parsePostgresAddress(text.replace('FOLDER', folder));
    expect(parse).toThrow(PostgresAddressRefused);
    expect(parse).toThrow(why);
    expect(parse).not.toThrow(/SEC|RET|\n/);
  });
});
