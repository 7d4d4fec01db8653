import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inFolder } from '../support/imported.js';
import {
  EXAMPLE,
  SETUP,
  filesOf,
  json,
  receive,
  wayledger,
  wayledgerAside,
  wayledgerAsideWith,
  wayledgerWith,
  write,
} from './testing/command-line.js';

const BOOKS = ['balances', '--anchor', 'north', '--json'];

describe('where the log is', () => {
  test('is said by --log, or by the environment; keys and read models stay in the folder', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      const log = `sqlite:${join(folder, 'logs', 'north.db')}`;
      const file = write(folder, [...SETUP, receive('r1', 500)]);
      expect(wayledger('import', file, '--data', data, '--log', log).status).toBe(0);
      expect(readdirSync(join(folder, 'logs'))).toContain('north.db');
      expect(
        readdirSync(data)
          .filter((name) => name.endsWith('.db'))
          .sort(),
      ).toEqual(['keys.db', 'views.db']);
      const books = [...BOOKS, '--data', data];
      const other = `sqlite:${join(folder, 'other.db')}`;
      const [byOption, byEnvironment, both, neither] = await Promise.all([
        wayledgerAside(...books, '--log', log),
        wayledgerAsideWith({ WAYLEDGER_LOG: log }, ...books),
        wayledgerAsideWith({ WAYLEDGER_LOG: other }, ...books, '--log', log),
        wayledgerAside(...books),
      ]);
      expect(byOption.stdout).toMatch(/"balance":500\b/u);
      expect(byEnvironment.stdout).toBe(byOption.stdout);
      expect(both.stdout).toBe(byOption.stdout);
      expect(neither.stderr).toMatch(/There is no store in ".*data"/u);
    });
  });

  test('may be nowhere yet: reading and dry runs make nothing there', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      const flags = ['--data', data, '--log', `sqlite:${join(folder, 'no', 'log.db')}`];
      const read = wayledger(...BOOKS, ...flags);
      expect(read.status).toBe(3);
      expect(read.stderr).toMatch(
        /^wayledger: There is no store in sqlite:.*log\.db: import .*, or check --log\.\n$/u,
      );
      const dry = wayledger('import', write(folder, SETUP), '--dry-run', ...flags);
      expect(dry.stdout).toMatch(/4 would be accepted/u);
      expect(readdirSync(folder)).toEqual(['file.ndjson']);
    });
  });

  test('a dry run decides on the log that is named, and leaves all as it is', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      const logs = join(folder, 'logs');
      const flags = ['--data', data, '--log', `sqlite:${join(logs, 'log.db')}`];
      const file = write(folder, SETUP);
      wayledger('import', file, ...flags);
      const before = [filesOf(data), filesOf(logs)];
      const dry = wayledger('import', file, '--dry-run', ...flags);
      expect(dry.stdout).toMatch(/0 would be accepted .* 4 known already/u);
      expect([filesOf(data), filesOf(logs)]).toEqual(before);
    });
  });

  test('an empty log is told, and makes no folder for its keys', async () => {
    await inFolder(async (folder) => {
      const log = `sqlite:${join(folder, 'log.db')}`;
      const flags = ['--data', join(folder, 'data'), '--log', log];
      wayledger('import', write(folder, ['nonsense']), ...flags);
      rmSync(join(folder, 'data'), { recursive: true });
      const { status, stderr } = wayledger('verify', ...flags);
      expect(status).toBe(3);
      expect(stderr).toMatch(/^wayledger: The log in sqlite:.* is empty: import something/u);
      expect(existsSync(join(folder, 'data'))).toBe(false);
    });
  });

  test('a log whose keys are not in the folder is not opened', async () => {
    await inFolder(async (folder) => {
      const log = `sqlite:${join(folder, 'log.db')}`;
      const file = write(folder, SETUP);
      wayledger('import', file, '--data', join(folder, 'data'), '--log', log);
      const elsewhere = join(folder, 'elsewhere');
      const commands = [BOOKS, ['import', file], ['import', file, '--dry-run']].map((command) =>
        wayledgerAside(...command, '--data', elsewhere, '--log', log),
      );
      for (const { status, stderr } of await Promise.all(commands)) {
        expect(status).toBe(3);
        expect(stderr).toMatch(
          /sqlite:.* holds a log, and its keys are not in sqlite:.*elsewhere/u,
        );
      }
      expect(existsSync(elsewhere)).toBe(false);
    });
  });

  test('is refused in a sentence that tells no password, before anything is made', async () => {
    await inFolder(async (folder) => {
      const command = [...BOOKS, '--data', join(folder, 'data')];
      const address = 'esdb://ann:SECRET@logs.example?tls=false';
      const all = await Promise.all([
        wayledgerAside(...command, '--log', address),
        wayledgerAsideWith({ WAYLEDGER_LOG: address }, ...command),
        wayledgerAsideWith({ WAYLEDGER_LOG_USER: 'ann' }, ...command),
      ]);
      for (const refused of all) {
        expect(refused).toMatchObject({ status: 3, stdout: '' });
        expect(refused.stderr).toMatch(/^wayledger: .*\.\n$/u);
        expect(refused.stderr).not.toMatch(/SECRET/u);
      }
      expect(readdirSync(folder)).toEqual([]);
    });
  });
});

describe('wayledger copy-log', () => {
  test('gives a log that says the same: books, and a proof by hash', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      const copy = `sqlite:${join(folder, 'copy.db')}`;
      const copying = ['copy-log', '--from', `sqlite:${join(data, 'log.db')}`, '--to', copy];
      wayledger('import', EXAMPLE, '--as-recorded', '--data', data);
      const first = wayledger(...copying);
      expect(first).toMatchObject({ status: 0, stderr: '' });
      expect(first.stdout).toMatch(/^\d+ events copied\n/u);
      expect(first.stdout).toMatch(/Both logs are equal\.\n$/u);
      const books = wayledger(...BOOKS, '--data', data).stdout;
      expect(wayledger(...BOOKS, '--data', data, '--log', copy).stdout).toBe(books);

      // The read models of what the source has gained are not those of the copy.
      const more = write(folder, [receive('r1', 77_777)], 'more.ndjson');
      wayledger('import', more, '--data', data);
      const grown = wayledger(...BOOKS, '--data', data).stdout;
      expect(grown).not.toBe(books);
      expect(wayledger(...BOOKS, '--data', data, '--log', copy).stdout).toBe(books);
      // What only the command line could name is not taken from the environment.
      const ignored = { WAYLEDGER_LOG: 'esdb://nowhere', WAYLEDGER_LOG_USER: 'ann' };
      const [again] = json(wayledgerWith(ignored, ...copying, '--json').stdout);
      expect(again).toMatchObject({ to: copy, copied: 1, equal: true, sourceMovedOn: false });
      expect(again!['source']).toEqual(again!['target']);
      expect(wayledger(...BOOKS, '--data', data, '--log', copy).stdout).toBe(grown);
      expect(wayledger('verify', '--data', data, '--log', copy).status).toBe(0);
    });
  });

  test('a target that holds something else is refused and left as it is', async () => {
    await inFolder(async (folder) => {
      const from = join(folder, 'from');
      const to = join(folder, 'to');
      wayledger('import', write(folder, SETUP), '--data', from);
      wayledger('import', write(folder, SETUP, 'other.ndjson'), '--data', to);
      const before = filesOf(to);
      const logs = ['--from', `sqlite:${from}/log.db`, '--to', `sqlite:${to}/log.db`];
      const { status, stdout, stderr } = wayledger('copy-log', ...logs);
      expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
      expect(stderr).toMatch(/holds something else: event 1 is .* copy into an empty log\.\n$/u);
      expect(filesOf(to)).toEqual(before);
    });
  });

  test('what cannot be copied is told in a sentence, and nothing is made', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      wayledger('import', write(folder, SETUP), '--data', data);
      const log = join(data, 'log.db');
      symlinkSync(log, join(folder, 'link.db'));
      mkdirSync(join(folder, 'empty'));
      wayledger('import', write(folder, ['nonsense']), '--data', join(folder, 'empty'));
      const to = join(folder, 'to.db');
      const cases: [string, string, RegExp][] = [
        [`sqlite:${log}`, `sqlite:${relative(process.cwd(), log)}`, /are the same log, sqlite:/],
        [`sqlite:${join(folder, 'link.db')}`, `sqlite:${log}`, /are the same log, sqlite:/],
        ['esdb://h1,h2?tls=false', 'esdb://H2:2113?tls=false', /are the same log, esdb:\/\/h2:/],
        [`sqlite:${join(folder, 'no.db')}`, `sqlite:${to}`, /There is no log in .*: check --from/],
        [`sqlite:${folder}/empty/log.db`, `sqlite:${to}`, /The log in .* is empty: check --from/],
        ['log.db', `sqlite:${to}`, /given as sqlite:<file>, postgres:.* or esdb:/],
        [`sqlite:${log}`, 'esdb://h', /lets nobody in without a user/],
      ];
      const asked = cases.map(async ([source, target, why]) => ({
        ...{ source, why },
        ...(await wayledgerAside('copy-log', '--from', source, '--to', target)),
      }));
      for (const { source, why, status, stderr } of await Promise.all(asked)) {
        expect({ source, status }).toEqual({ source, status: 3 });
        expect(stderr).toMatch(why);
        expect(stderr.trim().split('\n')).toHaveLength(1);
      }
      const logs = ['--from', `sqlite:${log}`, '--to', `sqlite:${to}`];
      const withLog = wayledger('copy-log', ...logs, '--log', `sqlite:${to}`);
      expect(withLog.status).toBe(2);
      expect(withLog.stderr).toMatch(/takes its two logs from --from and --to: leave out --log/u);
      expect(existsSync(to)).toBe(false);
      expect(existsSync(join(folder, 'no.db'))).toBe(false);
    });
  });
});
