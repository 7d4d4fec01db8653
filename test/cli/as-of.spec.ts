import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hasHledger, hledgerBalances, hledgerCheck } from '../support/hledger.js';
import { EXAMPLE, json, wayledger } from './testing/command-line.js';

const withHledger = hasHledger() ? test : test.skip;

let folder: string;
let data: string;
let imported: Record<string, unknown>[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wayledger-as-of-'));
  data = join(folder, 'data');
  imported = json(
    wayledger('import', EXAMPLE, '--as-recorded', '--names', '--data', data, '--json').stdout,
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]) => wayledger(...args, '--data', data);
const north = (...args: string[]) => run(...args, '--anchor', 'north');

interface Balance {
  readonly account: string;
  readonly balance: number;
}
function balances(...args: string[]): Map<string, number> {
  const [answer] = json(north('balances', '--json', ...args).stdout);
  const list = answer?.['balances'] as Balance[];
  return new Map(list.map(({ account, balance }) => [account, balance]));
}

/** What the import said of one line. */
function lineOf(id: string) {
  const found = imported.find((each) => each['id'] === id);
  const [event] = (found?.['events'] ?? []) as { id: string }[];
  return { position: String(found?.['position']), event: event?.id ?? '' };
}

function idOf(kind: string, name: string): string {
  const names = imported.at(-1)?.['names'] as { kind: string; name: string; id: string }[];
  return names.find((each) => each.kind === kind && each.name === name)?.id ?? '';
}

describe('--known-at', () => {
  test('a day, an instant, an event and a position name the same point', () => {
    const { position, event } = lineOf('e05');
    const known = balances('--known-at', position);
    expect(known.size).toBeGreaterThan(0);
    expect(balances('--known-at', event)).toEqual(known);
    expect(balances('--known-at', event.toUpperCase())).toEqual(known);
    const [line] = readFileSync(EXAMPLE, 'utf8')
      .split('\n')
      .filter((text) => text.includes('"id": "e05"'));
    const { recordedAt } = JSON.parse(line ?? '') as { recordedAt: string };
    expect(balances('--known-at', recordedAt)).toEqual(known);
    expect(balances('--known-at', `${recordedAt}T00:00:00+01:00`)).toEqual(known);
    expect(balances('--known-at', `${recordedAt}T23:59:59+01:00`)).toEqual(known);
    expect(balances()).not.toEqual(known);
  });

  test('an event that the books do not know is found in the log', () => {
    const { position, event } = lineOf('r1-assign');
    expect(balances('--known-at', event)).toEqual(balances('--known-at', position));
  });

  test('leaves out the accounts that were not there yet', () => {
    const accounts = [...balances('--known-at', '2026-04-02').keys()];
    expect(accounts).toContain('assets:north:grant:bank');
    expect(accounts.join('\n')).not.toContain('accrued');
    const { stdout } = north('balances', '--known-at', '2026-03-31');
    expect(stdout).toBe('north had no books yet at 2026-03-31: no money was known of.\n');
  });

  test.each([
    ['soon', 2, /A day \(2026-05-31\), an instant/u],
    ['2026-02-30', 2, /the id of an event, or a position/u],
    ['2026-05-31T10:00:00', 2, /with its offset/u],
    ['-1', 2, /position of the log \(digits\)/u],
    ['99999', 1, /The log ends at position \d+: there is no 99999 yet/u],
    ['8da1c6d0-9a55-4c0e-8f6a-6d1f2a6c9e41', 1, /There is no event 8da1c6d0/u],
  ])('%s is refused with what to do', (when, code, why) => {
    const { status, stderr, stdout } = north('balances', `--known-at=${when}`);
    expect({ status, stdout }).toEqual({ status: code, stdout: '' });
    expect(stderr).toMatch(why);
  });

  test('of a caseload looks from that day on what was known by then', () => {
    const of = (...more: string[]) =>
      json(run('caseload', '--link-worker', 'north-lw', '--json', ...more).stdout)[0];
    const then = of('--known-at', '2026-04-08') as { today: string; items: object[] };
    expect(then.today).toBe('2026-04-08');
    expect(then.items).toMatchObject([{ status: 'accepted', lastChange: 'LinkWorkerAssigned' }]);
    const { position } = lineOf('r1-assign');
    expect(of('--known-at', position)).toMatchObject({ today: '2026-04-08', items: then.items });
    // Within what was recorded at one moment, and before anything but the directory was.
    for (const cut of [position, String(BigInt(position) - 1n), '1']) {
      expect(of('--known-at', cut)).toHaveProperty('today', expect.stringMatching(/^2026-0[1-4]/u));
    }
    expect(of('--known-at', position, '--today', '2026-04-20')).toMatchObject({
      today: '2026-04-20',
      items: [{ overdue: true }],
    });
  });

  withHledger('of an exported journal passes hledger and gives the same balances', () => {
    const { stdout } = north('export', 'journal', '--known-at', '2026-04-30');
    const file = join(folder, 'april.journal');
    writeFileSync(file, stdout);
    hledgerCheck(file);
    const theirs = [...hledgerBalances(file)].map(([account, pence]) => [account, Number(pence)]);
    expect(new Map(theirs as [string, number][])).toEqual(balances('--known-at', '2026-04-30'));
  });

  test('of a replay ends there', () => {
    const id = idOf('referral', 'r1');
    const whole = run('replay', id).stdout;
    const { stdout, status } = run('replay', id.slice(0, 8), '--known-at', '2026-04-15');
    expect(status).toBe(0);
    expect(stdout).toContain('2026-04-10 (recorded 2026-04-10), link-worker of north');
    expect(stdout).toContain('12.50 earned by allot');
    expect(stdout.match(/Attended/gu)).toHaveLength(1);
    expect(whole.match(/Attended/gu)?.length).toBeGreaterThan(1);
    expect(run('replay', id, '--known-at', '2026-04-01').stdout).toContain('Nothing was known');
    const missing = run('replay', 'ffffffff');
    expect(missing.status).toBe(1);
    expect(missing.stderr).toContain('There is no referral ffffffff');
    expect(run('replay', '').status).toBe(2);
  });
});

test('a statement adds up and names nobody', () => {
  const args = ['--provider', 'allot', '--period', '2026-05'];
  const [statement] = json(north('statement', ...args, '--json').stdout) as unknown as {
    opening: number;
    earned: number;
    closing: number;
    lines: { amount: number; occurred: string; prescription: string }[];
  }[];
  expect(statement?.lines.length).toBeGreaterThan(1);
  const lines = statement?.lines.reduce((sum, { amount }) => sum + amount, 0);
  expect(statement?.earned).toBe(lines);
  expect(statement?.closing).toBe((statement?.opening ?? 0) + (lines ?? 0));
  const { stdout } = north('statement', ...args);
  expect(stdout).toContain(idOf('prescription', 'r1'));
  expect(stdout).not.toMatch(/Person|07700/u);
  const before = north('statement', ...args, '--known-at', '2026-05-12').stdout;
  expect(before.split('\n').length).toBe(stdout.split('\n').length - 1);
  const nobody = north('statement', '--provider', 'nobody', '--period', '2026-05');
  expect(nobody.status).toBe(1);
  expect(nobody.stderr).toContain('nobody');
});

describe('closing on the command line', () => {
  const close = (period: string, ...more: string[]) => north('close', '--period', period, ...more);

  test('prints what it signs, refuses the rest with what to do, and tells what changed', () => {
    const dry = json(close('2026-06', '--dry-run', '--json').stdout)[0];
    expect(dry).toMatchObject({ dryRun: true, hash: expect.stringMatching(/^[0-9a-f]{64}$/u) });
    expect(close('2026-07').stderr).toContain('close 2026-06 first');
    const never = north('changes', '--period', '2026-06');
    expect(never.stderr).toContain('wayledger close --anchor north --period 2026-06');

    const signed = close('2026-06', '--by', 'nora', '--json');
    expect(signed.status).toBe(0);
    const [answer] = json(signed.stdout) as unknown as {
      hash: string;
      trialBalance: { balance: number }[];
      events: { type: string }[];
    }[];
    expect(answer?.events.map(({ type }) => type)).toEqual(['PeriodCutOff', 'PeriodClosed']);
    expect(answer?.hash).toBe(dry?.['hash']);
    expect(answer?.trialBalance.reduce((sum, { balance }) => sum + balance, 0)).toBe(0);

    const again = close('2026-06');
    expect({ status: again.status, stdout: again.stdout }).toEqual({ status: 1, stdout: '' });
    expect(again.stderr).toMatch(/north closed 2026-06 on \d{4}-\d\d-\d\d/u);
    expect(close('2026-06', '--dry-run').status).toBe(1);
    expect(close('2999-01').stderr).toContain('is not over');
    expect(close('2026-13').status).toBe(2);
    expect(close('2026-06', '--by', ' ').status).toBe(2);
    const nope = run('changes', '--anchor', 'nope', '--period', '2026-06');
    expect(nope.stderr).toContain('There are no books of nope');
    const journal = north('export', 'journal', '--json');
    expect({ status: journal.status, stdout: journal.stdout }).toEqual({ status: 2, stdout: '' });
    expect(north('changes', '--period', '2026-06').stdout).toContain('Nothing has changed since');
    expect(run('verify').status).toBe(0);
  });
});
