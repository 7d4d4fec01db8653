import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SCENARIOS, simulate } from '#simulation';
import { inFolder } from '../support/imported.js';
import {
  EXAMPLE,
  LINES,
  SETUP,
  filesOf,
  json,
  line,
  receive,
  wayledger,
  wayledgerAside,
  write,
  type Line,
} from './testing/command-line.js';

/** Imported once, for many tests to begin from: each has a copy of its own. */
const templates = mkdtempSync(join(tmpdir(), 'wayledger-cli-'));
const OF_SETUP = join(templates, 'setup');
const OF_EXAMPLE = join(templates, 'example');
let exampleSaid: string;
beforeAll(async () => {
  const setup = write(templates, [...SETUP, refer('h1')]);
  const [, { stdout }] = await Promise.all([
    wayledgerAside('import', setup, '--data', OF_SETUP),
    wayledgerAside('import', EXAMPLE, '--as-recorded', '--data', OF_EXAMPLE),
  ]);
  exampleSaid = stdout;
});
afterAll(() => {
  rmSync(templates, { recursive: true, force: true });
});

function copyIn(folder: string, template: string): string {
  const data = join(folder, 'data');
  cpSync(template, data, { recursive: true });
  return data;
}

const LINK_WORKER = { id: 'ann', role: 'link-worker', organisation: 'north' };

function refer(name: string): Line {
  const data = {
    referral: name,
    anchor: 'north',
    scheme: 'spring',
    route: 'gp',
    name: 'Ann Example',
    contact: '07700 900000',
  };
  return line(`refer ${name}`, 'Refer', '2026-04-02', data, { actor: LINK_WORKER });
}

describe('wayledger import', () => {
  test('lists each refused line with file, line, field and reason, and goes on', async () => {
    await inFolder(async (folder) => {
      const file = write(folder, [
        ...SETUP,
        'not json at all',
        '',
        line('x1', 'Refer', '2026-02-31', {}),
        line('x2', 'Prescrbe', '2026-04-02', {}),
        line('x3', 'Refer', '2026-04-02', { anchor: 'north', scheme: 'spring', route: 'owl' }),
        { ...refer('h1'), surprise: 1 },
        line('x4', 'ReceiveFund', '2026-04-02', {
          anchor: 'north',
          fund: 'lottery',
          funder: 'tnlcf',
          amount: 12.5,
        }),
        refer('h1'),
      ]);
      const { status, stdout } = wayledger('import', file, '--data', join(folder, 'data'));
      expect(status).toBe(1);
      const listed = stdout.trim().split('\n');
      expect(listed).toEqual([
        expect.stringMatching(/file\.ndjson:5: The line is not JSON/u),
        expect.stringMatching(/:7, at: at must be a date that exists/u),
        expect.stringMatching(/:8, id x2, command: There is no command Prescrbe/u),
        expect.stringMatching(/:9, id x3, route: route must be one of: gp, /u),
        expect.stringMatching(/:10, surprise: There is no field surprise/u),
        expect.stringMatching(/:11, id x4, amount: amount must be whole pence/u),
        '11 lines: 5 accepted, 0 known already, 6 refused',
      ]);
    });
  });

  test('the same file a second time changes nothing', async () => {
    await inFolder(async (folder) => {
      const data = copyIn(folder, OF_EXAMPLE);
      expect(exampleSaid).toBe(
        `${LINES} lines: ${LINES} accepted, 0 known already, none refused\n`,
      );
      const before = filesOf(data);
      const again = wayledger('import', EXAMPLE, '--as-recorded', '--data', data);
      expect(again.stdout).toBe(
        `${LINES} lines: 0 accepted, ${LINES} known already, none refused\n`,
      );
      expect(again.status).toBe(0);
      expect(filesOf(data)['log.db']).toBe(before['log.db']);
    });
  });

  test('an edited line under a known id is refused, not lost', async () => {
    await inFolder(async (folder) => {
      const data = copyIn(folder, OF_SETUP);
      const edited = refer('h1');
      (edited['data'] as Line)['contact'] = 'another';
      const { stdout } = wayledger('import', write(folder, [edited]), '--data', data);
      expect(stdout).toMatch(/id refer h1, id: This command id was already used/u);
    });
  });

  test('a dry run decides on everything and changes nothing', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      const flags = ['--as-recorded', '--dry-run', '--data', data];
      const { stdout, status } = wayledger('import', EXAMPLE, ...flags);
      expect(stdout).toBe(
        `${LINES} lines: ${LINES} would be accepted (dry run: nothing was written), ` +
          '0 known already, none refused\n',
      );
      expect(status).toBe(0);
      expect(existsSync(data)).toBe(false);
      copyIn(folder, OF_SETUP);
      const before = filesOf(data);
      const dry = wayledger('import', write(folder, [refer('h2')]), '--dry-run', '--data', data);
      expect(dry.stdout).toMatch(/1 would be accepted/u);
      expect(filesOf(data)).toEqual(before);
    });
  });

  test('a dry run refuses what depends on an earlier line just as the run would', async () => {
    await inFolder(async (folder) => {
      const file = write(folder, [
        ...SETUP,
        refer('h1'),
        line('c1', 'CloseReferral', '2026-04-03', { referral: 'h1' }),
        line('c2', 'AcceptReferral', '2026-04-04', { referral: 'h1', by: 'person' }),
      ]);
      const data = join(folder, 'data');
      const dry = wayledger('import', file, '--dry-run', '--data', data);
      expect(dry.stdout).toMatch(/id c2: The referral was closed on 2026-04-03/u);
    });
  });

  test('recorded times set the clock, and may not run backwards', async () => {
    await inFolder(async (folder) => {
      const file = write(folder, [
        ...SETUP.map((given) => ({ ...given, recordedAt: '2026-04-01' })),
        { ...refer('h1'), recordedAt: '2026-04-03T10:00:00+01:00' },
        { ...refer('h2'), recordedAt: '2026-04-02' },
        { ...refer('h3'), recordedAt: '2026-04-01T23:30:00Z' },
        refer('h4'),
        { ...refer('h5'), recordedAt: '2026-04-04' },
      ]);
      const data = join(folder, 'data');
      const { stdout } = wayledger('import', file, '--as-recorded', '--data', data);
      expect(stdout).toMatch(/:6, id refer h2, recordedAt: recordedAt .* is before/u);
      expect(stdout).toMatch(/:7, id refer h3, recordedAt: /u);
      expect(stdout).toMatch(/:8, id refer h4, recordedAt: --as-recorded needs recordedAt/u);
      expect(stdout).toMatch(/9 lines: 6 accepted, 0 known already, 3 refused/u);
    });
  });

  test('what happened after it was recorded is refused', async () => {
    await inFolder(async (folder) => {
      const recordedAt = '2026-04-01';
      const file = write(folder, [
        ...SETUP.map((given) => ({ ...given, recordedAt })),
        { ...refer('h1'), recordedAt },
      ]);
      const flags = ['--as-recorded', '--data', join(folder, 'data')];
      expect(wayledger('import', file, ...flags).stdout).toMatch(
        /id refer h1, at: 2026-04-02 is after the day it was recorded, 2026-04-01/u,
      );
    });
  });

  test('--names prints the ids; a file of another name has other ids', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      const lines = [...SETUP, refer('h1')];
      const file = write(folder, lines);
      const named = wayledger('import', file, '--names', '--data', data).stdout;
      expect(named).toMatch(/^referral h1 = [0-9a-f-]{36}$/mu);
      const other = write(folder, [refer('h1')], 'other.ndjson');
      const elsewhere = wayledger('import', other, '--names', '--data', data).stdout;
      expect(elsewhere).toMatch(/1 accepted/u);
      expect(elsewhere.split('\n')[0]).not.toBe(named.split('\n')[0]);
      const flags = ['--namespace', 'file', '--names', '--data', data];
      const same = wayledger('import', other, ...flags).stdout;
      expect(same).toMatch(/0 accepted, 1 known already/u);
      expect(same.split('\n')[0]).toBe(named.split('\n')[0]);
    });
  });

  test('--json answers line by line, then with a summary', async () => {
    await inFolder(async (folder) => {
      const file = write(folder, [...SETUP, 'nonsense']);
      const flags = ['--json', '--data', join(folder, 'data')];
      const answers = json(wayledger('import', file, ...flags).stdout);
      expect(answers[0]).toMatchObject({
        line: 1,
        id: 'o1',
        status: 'accepted',
        version: 0,
        position: 1,
        events: [{ type: 'OrganisationRegistered' }],
      });
      expect(answers[4]).toMatchObject({
        line: 5,
        status: 'refused',
        reasons: [{ code: 'not-json' }],
      });
      expect(answers[5]).toEqual({
        lines: 5,
        accepted: 4,
        unchanged: 0,
        refused: 1,
        dryRun: false,
      });
    });
  });

  test('a byte order mark, CRLF and nulls for "not said" are all right', async () => {
    await inFolder(async (folder) => {
      const referral = refer('h1');
      (referral['data'] as Line)['reason'] = null;
      const file = write(folder, [
        '\uFEFF' + JSON.stringify(SETUP[0]),
        `${JSON.stringify(referral)}\r`,
      ]);
      const { stdout } = wayledger('import', file, '--data', join(folder, 'data'));
      expect(stdout).toMatch(/2 accepted/u);
    });
  });

  test('a file that is not there, and a folder that is a file, are one sentence and code 3', async () => {
    await inFolder(async (folder) => {
      const missing = wayledger('import', join(folder, 'no'), '--data', join(folder, 'data'));
      expect(missing).toMatchObject({ status: 3, stdout: '' });
      expect(missing.stderr).toMatch(/^wayledger: There is no file ".*no"\.\n$/u);
      const file = write(folder, SETUP);
      const inFile = wayledger('import', file, '--data', file);
      expect(inFile.status).toBe(3);
      expect(inFile.stderr.trim().split('\n')).toHaveLength(1);
    });
  });

  test('a name that is no text, a far year and broken bytes are refused, and the rest goes on', async () => {
    await inFolder(async (folder) => {
      const far = { anchor: 'north', fund: 'f', year: 10_000, pots: [{ pot: 'a', amount: 5 }] };
      const lone = {
        ...refer('h1'),
        data: { ...(refer('h1')['data'] as Line), referral: '\ud800' },
      };
      const file = write(folder, [
        ...SETUP,
        lone,
        line('far', 'OpenBudget', '2026-04-01', far),
        { ...refer('h2'), 'Ann \u001b[31mExample': 1 },
        line('x', 'Ann Example', '2026-04-01', {}),
      ]);
      writeFileSync(file, Buffer.from([10, 0x22, 0xc3, 0x28, 0x22, 10]), { flag: 'a' });
      writeFileSync(file, JSON.stringify(refer('h3')), { flag: 'a' });
      const { stdout, status } = wayledger('import', file, '--data', join(folder, 'data'));
      expect(status).toBe(1);
      expect(stdout).toMatch(/:5, id refer h1, referral: /u);
      expect(stdout).toMatch(/:6, id far, year: year must be 2999 or less/u);
      expect(stdout).toMatch(/:7, \(not shown: not a plain name\): There is no field/u);
      expect(stdout).toMatch(/:8, id x, command: There is no command \(not shown/u);
      expect(stdout).toMatch(/:9: The line is not UTF-8/u);
      expect(stdout).toMatch(/10 lines: 5 accepted, 0 known already, 5 refused/u);
      expect(stdout).not.toMatch(/Ann/u);
    });
  });

  test('a log put back from an older backup: the read models follow it, not what was before', async () => {
    await inFolder(async (folder) => {
      const data = copyIn(folder, OF_SETUP);
      const backup = readFileSync(join(data, 'log.db'));
      const later = write(folder, [receive('later', 500)], 'later.ndjson');
      wayledger('import', later, '--data', data);
      for (const name of ['log.db-wal', 'log.db-shm']) rmSync(join(data, name), { force: true });
      writeFileSync(join(data, 'log.db'), backup);
      const books = wayledger('balances', '--anchor', 'north', '--data', data);
      expect(books.stdout).toBe('north has no books yet: no money was received.\n');
      expect(wayledger('verify', '--data', data).status).toBe(0);
    });
  });

  test('reading makes no store where there is none', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'typo');
      const commands = [['verify'], ['rebuild'], ['balances', '--anchor', 'north']];
      const asked = commands.map((command) => wayledgerAside(...command, '--data', data));
      for (const { status, stderr } of await Promise.all(asked)) {
        expect(status).toBe(3);
        expect(stderr).toMatch(/There is no store in ".*typo"/u);
      }
      expect(existsSync(data)).toBe(false);
      expect(wayledger('verify', '--data', '').status).toBe(2);
    });
  });

  test('a log without its keys is not opened', async () => {
    await inFolder(async (folder) => {
      const data = copyIn(folder, OF_SETUP);
      for (const name of readdirSync(data)) {
        if (name.startsWith('keys.db')) rmSync(join(data, name));
      }
      const { status, stderr } = wayledger('balances', '--anchor', 'north', '--data', data);
      expect(status).toBe(3);
      expect(stderr).toMatch(/holds a log, and its keys are not in sqlite:.*keys\.db:/u);
    });
  });
});

describe('the other commands', () => {
  test('balances, posted and occurred by a day, in pence for machines', async () => {
    await inFolder(async (folder) => {
      const data = copyIn(folder, OF_EXAMPLE);
      const balance = async (...flags: string[]) => {
        const args = ['balances', '--anchor', 'north', '--json', '--data', data, ...flags];
        const [answer] = json((await wayledgerAside(...args)).stdout);
        const balances = answer!['balances'] as { account: string; balance: number }[];
        return balances.find(({ account }) => account === 'liabilities:north:grant:accrued:allot')
          ?.balance;
      };
      const found = await Promise.all([
        balance(),
        balance('--posted-by', '2026-04-30'),
        balance('--occurred-by', '2026-04-15'),
        balance('--posted-by', '2026-04-14'),
      ]);
      expect(found).toEqual([-8175, -3125, -1250, 0]);
    });
  });

  test('an anchor without books and a link worker without a caseload are told so', async () => {
    await inFolder(async (folder) => {
      const data = copyIn(folder, OF_SETUP);
      const books = wayledger('balances', '--anchor', 'north', '--data', data);
      expect(books.stdout).toBe('north has no books yet: no money was received.\n');
      const caseload = wayledger('caseload', '--link-worker', 'lw-a', '--data', data);
      expect(caseload.stdout).toMatch(/No open referrals are assigned to lw-a/u);
    });
  });

  test('verify and rebuild, on the worked example', async () => {
    await inFolder(async (folder) => {
      const data = copyIn(folder, OF_EXAMPLE);
      const verified = wayledger('verify', '--data', data);
      expect(verified.stdout).toMatch(/All \d+ checks hold/u);
      expect(verified.status).toBe(0);
      const [machine] = json(wayledger('verify', '--json', '--data', data).stdout);
      expect(machine).toMatchObject({ ok: true });
      const [seen] = json(wayledger('rebuild', '--json', '--data', data).stdout);
      expect(verified.stdout).toContain(`(${String(seen!['events'])} events)`);
      expect(wayledger('rebuild', '--data', data).stdout).toMatch(/^Rebuilt from \d+ events/u);
      expect(wayledger('verify', '--data', data).status).toBe(0);
    });
  });

  test('every line of the worked example and of simulated years fits the published schema', async () => {
    const { default: Schema } = await import('typebox/schema');
    const schema = JSON.parse(wayledger('schema', 'commands').stdout) as object;
    const validator = Schema.Compile(schema);
    const one = { areas: 1, years: 1, seed: 5 };
    const files = [
      json(readFileSync(EXAMPLE, 'utf8')),
      ...SCENARIOS.map((scenario) => [...simulate({ ...one, scenario })]),
    ];
    for (const lines of files) {
      expect(lines.length).toBeGreaterThan(50);
      expect(lines.filter((given) => !validator.Check(given)).slice(0, 3)).toEqual([]);
    }
    expect(validator.Check({ ...SETUP[0], surprise: true })).toBe(false);
    expect(validator.Check(line('a', 'OpenBudget', '2026-04-01', { anchor: 'north' }))).toBe(false);
  });

  test('what cannot be understood says what to do, with code 2', async () => {
    const [noAnchor, noSlug, noFile, nonsense, help] = await Promise.all([
      wayledgerAside('balances'),
      wayledgerAside('balances', '--anchor', 'NORTH'),
      wayledgerAside('import'),
      wayledgerAside('nonsense'),
      wayledgerAside('import', '--help'),
    ]);
    expect([noAnchor.status, noFile.status]).toEqual([2, 2]);
    expect(noSlug.stderr).toMatch(/lower-case letters/u);
    expect(nonsense.stderr).toMatch(/unknown command/u);
    expect(help.status).toBe(0);
    expect(help.stdout).toMatch(/A line:/u);
  });
});
