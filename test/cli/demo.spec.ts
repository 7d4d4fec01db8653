import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hasHledger, hledgerBalances, hledgerCheck } from '../support/hledger.js';
import { inFolder } from '../support/imported.js';
import {
  SETUP,
  filesOf,
  json,
  wayledger,
  wayledgerAside,
  wayledgerWith,
  write,
} from './testing/command-line.js';

const withHledger = hasHledger() ? test : test.skip;
const ONE = ['--areas', '1'];

/** Made once: the page of one area, and the folder it came from. */
let data: string;
let page: string;

beforeAll(() => {
  data = join(mkdtempSync(join(tmpdir(), 'wayledger-demo-')), 'data');
  const { status, stdout, stderr } = wayledger('demo', ...ONE, '--data', data);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  page = stdout;
}, 300_000);

afterAll(() => {
  rmSync(join(data, '..'), { recursive: true, force: true });
});

describe('the page', () => {
  test('tells the people, the money, a morning, one referral and the proof, in that order', () => {
    const titles = [
      'Wayledger: 1 area, 1 year of SPRING',
      'What became of the people',
      'First contact: days that the',
      'Why people stopped',
      'Where the money stands',
      "A link worker's morning",
      'One referral, told by its facts',
      'Proven from the log',
      'checks hold.',
      'Look around',
    ];
    const places = titles.map((title) => page.indexOf(title));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(page).toMatch(/^[\d,]+ commands, none refused: [\d,]+ facts, each on disk/mu);
  });

  test('fits eighty columns without colours, but for the commands to copy', () => {
    expect(page).toBe(stripVTControlCharacters(page));
    const lines = page.split('\n').filter((line) => !line.startsWith('  npx wayledger '));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
  });

  test('tells a referral that has what it says it has', () => {
    const [, story = ''] = /One referral, told by its facts\n([^]*?)\nProven/u.exec(page) ?? [];
    expect(story).toMatch(/chosen because it has money, a missed\s+session/u);
    expect(story).toMatch(/^\d{4}-\d\d-\d\d {2}Missed session/mu);
    expect(story).toMatch(/^ {12}£ [\d.]+ out of pot/mu);
    expect(story).toMatch(/Dropped out|refused/u);
  });

  test('what it shows to try works', async () => {
    const commands = page.match(/^ {2}npx wayledger .*$/gmu) ?? [];
    expect(commands.length).toBeGreaterThanOrEqual(6);
    const tried = commands.map(async (command) => {
      return { command, ...(await wayledgerAside(...command.trim().split(' ').slice(2))) };
    });
    for (const { command, status, stdout, stderr } of await Promise.all(tried)) {
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' });
      expect(stdout).not.toMatch(/^No |Nobody|has no /u);
    }
  }, 120_000);

  withHledger('its books pass hledger', async () => {
    const [, anchor = ''] = /journal --anchor (\S+)/u.exec(page) ?? [];
    await inFolder(async (folder) => {
      const file = join(folder, 'books.journal');
      const journal = ['export', 'journal', '--anchor', anchor, '--data', data];
      writeFileSync(file, wayledger(...journal).stdout);
      hledgerCheck(file);
      const [answer] = json(
        wayledger('balances', '--anchor', anchor, '--json', '--data', data).stdout,
      );
      const balances = answer!['balances'] as { account: string; balance: number }[];
      expect(hledgerBalances(file)).toEqual(
        new Map(balances.map(({ account, balance }) => [account, BigInt(balance)])),
      );
      return Promise.resolve();
    });
  });
});

describe('given again', () => {
  test('it shows the same page and adds nothing', () => {
    const before = filesOf(data)['log.db'];
    const { status, stdout } = wayledger('demo', ...ONE, '--data', data);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /It was loaded before: [\d,]+ facts are in the log, and none was added/u,
    );
    const after = (text: string) => text.slice(text.indexOf('What became of the people'));
    expect(after(stdout)).toBe(after(page));
    expect(filesOf(data)['log.db']).toBe(before);
  });

  test('--json says the same for machines', () => {
    const [facts, ...more] = json(wayledger('demo', ...ONE, '--json', '--data', data).stdout);
    expect(more).toEqual([]);
    expect(facts).toMatchObject({ scenario: 'spring', areas: 1, years: 1, loaded: null });
    const steps = facts!['funnel'] as { steps: { step: string; count: number }[] };
    for (const { count } of steps.steps) expect(page).toMatch(new RegExp(` ${count}(  |\n)`, 'u'));
    const { funds, providers } = facts!['money'] as Record<string, Record<string, number>[]>;
    expect(funds!.length).toBeGreaterThan(0);
    for (const { authorised, free, committed, spent } of funds!) {
      expect(free! + committed! + spent!).toBe(authorised);
    }
    const total = (rows: Record<string, number>[], of: string) =>
      rows.reduce((all, row) => all + row[of]!, 0);
    // What the anchor delivers itself is earned too.
    const [anchor] = facts!['anchors'] as string[];
    expect(providers).toContainEqual(expect.objectContaining({ provider: anchor }));
    expect(total(providers!, 'earned')).toBe(total(funds!, 'spent'));
  });

  test('as another demo, it is refused, and says which it was asked for', () => {
    const before = filesOf(data)['log.db'];
    const { status, stdout, stderr } = wayledger('demo', ...ONE, '--seed', '7', '--data', data);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(/holds something else than this demo .*--seed 7.*--data/u);
    expect(filesOf(data)['log.db']).toBe(before);
  });
});

test('a log of its own is named in what it shows to try', async () => {
  await inFolder(async (folder) => {
    const log = `sqlite:${join(folder, 'log of mine.db')}`;
    const { status, stdout } = wayledger('demo', ...ONE, '--data', folder, '--log', log);
    expect(status).toBe(0);
    expect(stdout).toContain(`  npx wayledger verify --data ${folder} --log '${log}'\n`);
    return Promise.resolve();
  });
}, 120_000);

describe('where it does not belong', () => {
  test('in a folder with something of one’s own it is refused, and changes nothing', async () => {
    await inFolder(async (folder) => {
      const own = join(folder, 'own');
      wayledger('import', write(folder, SETUP), '--data', own);
      const before = filesOf(own)['log.db'];
      expect(wayledger('demo', '--data', own)).toMatchObject({ status: 3, stdout: '' });
      expect(filesOf(own)['log.db']).toBe(before);
      return Promise.resolve();
    });
  });

  test('a log that only the environment names is left alone', async () => {
    await inFolder(async (folder) => {
      const log = join(folder, 'real.db');
      const variables = { WAYLEDGER_LOG: `sqlite:${log}`, WAYLEDGER_LOG_USER: 'ann' };
      expect(wayledgerWith(variables, 'demo', ...ONE, '--data', data).status).toBe(0);
      expect(readdirSync(folder)).toEqual([]);
      return Promise.resolve();
    });
  });

  test('the log that --log names is the one it is in, whatever the environment names', async () => {
    await inFolder(async (folder) => {
      const elsewhere = join(folder, 'data');
      const named = join(folder, 'named.db');
      mkdirSync(elsewhere);
      cpSync(join(data, 'keys.db'), join(elsewhere, 'keys.db'));
      cpSync(join(data, 'log.db'), named);
      const variables = { WAYLEDGER_LOG: `sqlite:${join(folder, 'real.db')}` };
      const flags = [...ONE, '--data', elsewhere, '--log', `sqlite:${named}`];
      const { status, stdout } = wayledgerWith(variables, 'demo', ...flags);
      expect(status).toBe(0);
      expect(stdout).toMatch(/It was loaded before: [\d,]+ facts are in the log/u);
      expect(readdirSync(folder).sort()).toEqual(['data', 'named.db']);
      expect(readdirSync(elsewhere)).not.toContain('log.db');
      return Promise.resolve();
    });
  });

  test('what is no simulation is refused with what would be one', async () => {
    const flags = [
      ...[
        ['--areas', '0'],
        ['--areas', '101'],
        ['--years', '1.5'],
        ['--seed', 'x'],
      ],
      ['--scenario', 'summer'],
    ];
    const asked = flags.map(async (flag) => ({
      flag,
      ...(await wayledgerAside('demo', ...flag, '--data', data)),
    }));
    for (const { flag, status, stderr } of await Promise.all(asked)) {
      expect([flag, status]).toEqual([flag, 2]);
      expect(stderr).toMatch(/whole number from|Allowed choices are spring, highland/u);
    }
  });
});
