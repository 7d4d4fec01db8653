import { execFileSync, spawnSync } from 'node:child_process';
import type { Pence } from '#kernel';

/**
 * The outside oracle (https://hledger.org). Where it is not installed its tests are skipped, unless
 * WAYLEDGER_TEST_REQUIRE names it: then its absence is a failure.
 */
export function hasHledger(): boolean {
  const found = spawnSync('hledger', ['--version']).status === 0;
  const required = (process.env['WAYLEDGER_TEST_REQUIRE'] ?? '').split(',').includes('hledger');
  if (!found && required) throw new Error('hledger is required here and not installed');
  return found;
}

/** @throws with hledger's own words when the journal does not pass */
export function hledgerCheck(file: string): void {
  execFileSync('hledger', ['-f', file, 'check', '-s', 'ordereddates'], { stdio: 'pipe' });
}

/** The balance of every declared account, zeros too; over the transactions of a query if given. */
export function hledgerBalances(file: string, query: readonly string[] = []): Map<string, Pence> {
  const csv = execFileSync(
    'hledger',
    ['-f', file, 'bal', '--flat', '-E', '--declared', '-N', '-O', 'csv', ...query],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const rows = csv.trim().split('\n').slice(1);
  return new Map(
    rows.map((row) => {
      const [, account = '', amount = ''] = /^"(.*)","(.*)"$/u.exec(row) ?? [];
      return [account, penceOf(amount)];
    }),
  );
}

/** `-12.50 GBP` and `0`, by text: no float on the way. */
function penceOf(amount: string): Pence {
  if (amount === '0') return 0n;
  const [, sign, pounds = '', pence = ''] = /^(-?)(\d+)\.(\d\d) GBP$/u.exec(amount) ?? [];
  if (pounds === '') throw new Error(`hledger printed an amount that is not pence: ${amount}`);
  return BigInt(`${sign ?? ''}${pounds}${pence}`);
}
