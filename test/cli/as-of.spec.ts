import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hasHledger, hledgerBalances, hledgerCheck } from '../support/hledger.js';
import { EXAMPLE, json, wayledger, wayledgerAside } from './testing/command-line.js';

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
/** Reading does not stand in the way of reading. */
const aside = (...args: string[]) => wayledgerAside(...args, '--data', data);
const north = (...args: string[]) => run(...args, '--anchor', 'north');

interface Balance {
  readonly account: string;
  readonly balance: number;
}
async function balances(...args: string[]): Promise<Map<string, number>> {
  const { stdout } = await aside('balances', '--anchor', 'north', '--json', ...args);
  const [answer] = json(stdout);
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
  test('a day, an instant, an event and a position name the same point', async () => {
    const { position, event } = lineOf('e05');
    const [line] = readFileSync(EXAMPLE, 'utf8')
      .split('\n')
      .filter((text) => text.includes('"id": "e05"'));
    const { recordedAt } = JSON.parse(line ?? '') as { recordedAt: string };
    const instants = ['00:00:00', '23:59:59'].map((time) => `${recordedAt}T${time}+01:00`);
    const points = [position, event, event.toUpperCase(), recordedAt, ...instants];
    const [now, known, ...same] = await Promise.all([
      balances(),
      ...points.map((point) => balances('--known-at', point)),
    ]);
    expect(known?.size).toBeGreaterThan(0);
    for (const each of same) expect(each).toEqual(known);
    expect(now).not.toEqual(known);
  });

  test('an event that the books do not know is found in the log', async () => {
    const { position, event } = lineOf('r1-assign');
    const both = [event, position].map((point) => balances('--known-at', point));
    const [byEvent, byPosition] = await Promise.all(both);
    expect(byEvent).toEqual(byPosition);
  });

  test('leaves out the accounts that were not there yet', async () => {
    const accounts = [...(await balances('--known-at', '2026-04-02')).keys()];
    expect(accounts).toContain('assets:north:grant:bank');
    expect(accounts.join('\n')).not.toContain('accrued');
    const { stdout } = north('balances', '--known-at', '2026-03-31');
    expect(stdout).toBe('north had no books yet at 2026-03-31: no money was known of.\n');
  });

  const REFUSED: [string, number, RegExp][] = [
    ['soon', 2, /A day \(2026-05-31\), an instant/u],
    ['2026-02-30', 2, /the id of an event, or a position/u],
    ['2026-05-31T10:00:00', 2, /with its offset/u],
    ['-1', 2, /position of the log \(digits\)/u],
    ['99999', 1, /The log ends at position \d+: there is no 99999 yet/u],
    ['8da1c6d0-9a55-4c0e-8f6a-6d1f2a6c9e41', 1, /There is no event 8da1c6d0/u],
  ];
  test('what names no point is refused with what to do', async () => {
    const asked = REFUSED.map(async ([when, code, why]) => {
      const flags = ['--anchor', 'north', `--known-at=${when}`];
      return { when, code, why, ...(await aside('balances', ...flags)) };
    });
    for (const { when, code, why, status, stderr, stdout } of await Promise.all(asked)) {
      expect({ when, status, stdout }).toEqual({ when, status: code, stdout: '' });
      expect(stderr).toMatch(why);
    }
  });

  test('of a caseload looks from that day on what was known by then', async () => {
    const of = async (...more: string[]) => {
      const { stdout } = await aside('caseload', '--link-worker', 'north-lw', '--json', ...more);
      return json(stdout)[0] as { today: string; items: object[] };
    };
    const { position } = lineOf('r1-assign');
    // Within what was recorded at one moment, and before anything but the directory was.
    const cuts = [position, String(BigInt(position) - 1n), '1'];
    const [then, looked, ...early] = await Promise.all([
      of('--known-at', '2026-04-08'),
      of('--known-at', position, '--today', '2026-04-20'),
      ...cuts.map((cut) => of('--known-at', cut)),
    ]);
    expect(then.today).toBe('2026-04-08');
    expect(then.items).toMatchObject([{ status: 'accepted', lastChange: 'LinkWorkerAssigned' }]);
    expect(early[0]).toMatchObject({ today: '2026-04-08', items: then.items });
    for (const { today } of early) expect(today).toMatch(/^2026-0[1-4]/u);
    expect(looked).toMatchObject({ today: '2026-04-20', items: [{ overdue: true }] });
  });

  withHledger('of an exported journal passes hledger and gives the same balances', async () => {
    const [{ stdout }, ours] = await Promise.all([
      aside('export', 'journal', '--anchor', 'north', '--known-at', '2026-04-30'),
      balances('--known-at', '2026-04-30'),
    ]);
    const file = join(folder, 'april.journal');
    writeFileSync(file, stdout);
    hledgerCheck(file);
    const theirs = [...hledgerBalances(file)].map(([account, pence]) => [account, Number(pence)]);
    expect(new Map(theirs as [string, number][])).toEqual(ours);
  });

  test('of a replay ends there', async () => {
    const id = idOf('referral', 'r1');
    const [whole, { stdout, status }, before, missing, unsaid] = await Promise.all([
      aside('replay', id),
      aside('replay', id.slice(0, 8), '--known-at', '2026-04-15'),
      aside('replay', id, '--known-at', '2026-04-01'),
      aside('replay', 'ffffffff'),
      aside('replay', ''),
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('2026-04-10 (recorded 2026-04-10), link-worker of north');
    expect(stdout).toContain('12.50 earned by allot');
    expect(stdout.match(/Attended/gu)).toHaveLength(1);
    expect(whole.stdout.match(/Attended/gu)?.length).toBeGreaterThan(1);
    expect(before.stdout).toContain('Nothing was known');
    expect(missing.status).toBe(1);
    expect(missing.stderr).toContain('There is no referral ffffffff');
    expect(unsaid.status).toBe(2);
  });
});

test('a statement adds up and names nobody', async () => {
  const of = (provider: string, ...more: string[]) =>
    aside(
      ...['statement', '--anchor', 'north', '--period', '2026-05'],
      '--provider',
      provider,
      ...more,
    );
  const [machine, { stdout }, before, nobody] = await Promise.all([
    of('allot', '--json'),
    of('allot'),
    of('allot', '--known-at', '2026-05-12'),
    of('nobody'),
  ]);
  const [statement] = json(machine.stdout) as unknown as {
    opening: number;
    earned: number;
    closing: number;
    lines: { amount: number; occurred: string; prescription: string }[];
  }[];
  expect(statement?.lines.length).toBeGreaterThan(1);
  const lines = statement?.lines.reduce((sum, { amount }) => sum + amount, 0);
  expect(statement?.earned).toBe(lines);
  expect(statement?.closing).toBe((statement?.opening ?? 0) + (lines ?? 0));
  expect(stdout).toContain(idOf('prescription', 'r1'));
  expect(stdout).not.toMatch(/Person|07700/u);
  expect(before.stdout.split('\n').length).toBe(stdout.split('\n').length - 1);
  expect(nobody.status).toBe(1);
  expect(nobody.stderr).toContain('nobody');
});

describe('closing on the command line', () => {
  const close = (period: string, ...more: string[]) => north('close', '--period', period, ...more);

  test('prints what it signs, refuses the rest with what to do, and tells what changed', async () => {
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

    const closing = (period: string, ...more: string[]) =>
      aside('close', '--anchor', 'north', '--period', period, ...more);
    const [again, dryAgain, future, noMonth, noName, nope, journal, changes] = await Promise.all([
      closing('2026-06'),
      closing('2026-06', '--dry-run'),
      closing('2999-01'),
      closing('2026-13'),
      closing('2026-06', '--by', ' '),
      aside('changes', '--anchor', 'nope', '--period', '2026-06'),
      aside('export', 'journal', '--anchor', 'north', '--json'),
      aside('changes', '--anchor', 'north', '--period', '2026-06'),
    ]);
    expect({ status: again.status, stdout: again.stdout }).toEqual({ status: 1, stdout: '' });
    expect(again.stderr).toMatch(/north closed 2026-06 on \d{4}-\d\d-\d\d/u);
    expect(dryAgain.status).toBe(1);
    expect(future.stderr).toContain('is not over');
    expect([noMonth.status, noName.status]).toEqual([2, 2]);
    expect(nope.stderr).toContain('There are no books of nope');
    expect({ status: journal.status, stdout: journal.stdout }).toEqual({ status: 2, stdout: '' });
    expect(changes.stdout).toContain('Nothing has changed since');
    expect(run('verify').status).toBe(0);
  });
});
