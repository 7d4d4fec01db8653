import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import {
  ConfigRefused,
  VARIABLES,
  describeConfig,
  readConfig,
  type Environment,
} from './config.js';

const README = fileURLToPath(new URL('../../../../README.md', import.meta.url));

function faultsOf(environment: Environment): readonly string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigRefused) return error.faults;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  test('needs nothing to be said', () => {
    expect(readConfig({ HOME: '/home/ann', PATH: '/bin' })).toEqual({
      stores: { data: './data' },
      port: 3000,
      verbosity: 'info',
      environment: {},
    });
  });

  test('is what the environment says', () => {
    const environment = {
      WAYLEDGER_DATA: '/srv/north',
      WAYLEDGER_LOG: 'sqlite:/logs/north.db',
      WAYLEDGER_KEYS: 'postgres://ann:geheim@h1/keys?namespace=north',
      WAYLEDGER_VIEWS: 'sqlite:/views/north.db',
      WAYLEDGER_PORT: '0',
      WAYLEDGER_VERBOSITY: 'debug',
    };
    const config = readConfig({ ...environment, HOME: '/home/ann', WAYLEDGER_LOG_USER: undefined });
    expect(config).toMatchObject({ port: 0, verbosity: 'debug', environment });
    expect(config.environment).not.toHaveProperty('HOME');
    expect(describeConfig(config)).toEqual({
      data: '/srv/north',
      log: 'sqlite:/logs/north.db',
      keys: 'postgres://h1:5432/keys, namespace north',
      views: 'sqlite:/views/north.db',
      port: 0,
      verbosity: 'debug',
    });
  });

  test.each([
    ['WAYLEDGER_LOG', 'esdb://ann:geheim@h1:2113?tlsVerifyCert=true'],
    ['WAYLEDGER_KEYS', 'postgres://ann:geheim@h1/wayledger'],
    ['WAYLEDGER_VIEWS', 'postgres://ann:geheim@h1/wayledger'],
  ])('is told without the password in %s', (name, address) => {
    const told = JSON.stringify(describeConfig(readConfig({ [name]: address })));
    expect(told).toContain('//h1:');
    expect(told).not.toMatch(/geheim|ann/u);
  });

  test('is refused with all that is wrong with it at once', () => {
    expect(
      faultsOf({
        WAYLEDGER_DATA: '',
        WAYLEDGER_LOG: 'postgres://ann:geheim@h1',
        WAYLEDGER_LOG_USER: 'ann',
        WAYLEDGER_KEYS: 'esdb://ann:geheim@h1',
        WAYLEDGER_VIEWS: 'views.db',
        WAYLEDGER_PORT: '65536',
        WAYLEDGER_VERBOSITY: 'loud',
        WAYLEDGER_LOG_LEVEL: 'info',
        WAYLEDGER_PROT: '1',
      }),
    ).toEqual([
      'WAYLEDGER_LOG_LEVEL is no variable of Wayledger: write WAYLEDGER_LOG_USER if that is meant, or unset it.',
      'WAYLEDGER_PROT is no variable of Wayledger: write WAYLEDGER_PORT if that is meant, or unset it.',
      'WAYLEDGER_DATA is empty: write the name of a folder, or unset it.',
      'WAYLEDGER_PORT is no port: write a number from 0 to 65535, or unset it.',
      'WAYLEDGER_VERBOSITY is none of them: write one of error, warn, info, debug, or unset it.',
      'WAYLEDGER_LOG: WAYLEDGER_LOG_USER and WAYLEDGER_LOG_PASSWORD_FILE go together: set both, or neither.',
      'WAYLEDGER_KEYS: Keys are given as sqlite:<file> or as postgres://…: what was given is neither.',
      'WAYLEDGER_VIEWS: Read models are given as sqlite:<file> or as postgres://…: what was given is neither.',
    ]);
  });

  test.each(['', ' 3000', '3e3', '-1', '+80', '0x50', '70000', '٣٠٠٠'])(
    'has no port %j',
    (WAYLEDGER_PORT) => {
      expect(faultsOf({ WAYLEDGER_PORT })).toEqual([
        expect.stringMatching(/^WAYLEDGER_PORT is no port/u),
      ]);
    },
  );

  test('never repeats a value: it may be a secret in the wrong place', () => {
    const secret = 'esdb//ann:geheim@h1';
    for (const name of Object.keys(VARIABLES)) {
      expect(faultsOf({ [name]: secret }).join()).not.toContain('geheim');
    }
  });

  test('is in the README as it is here', () => {
    const rows = readFileSync(README, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `WAYLEDGER_'))
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .map(([, name, says]) => [name, says]);
    expect(rows).toEqual(Object.entries(VARIABLES).map(([name, says]) => [`\`${name}\``, says]));
  });
});
