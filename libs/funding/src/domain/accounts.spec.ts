import { describe, expect, test } from '@jest/globals';
import { NORTH, prescriptionId, slug } from '../testing/facts.js';
import { SETS, pathOf, setOf, type Account } from './accounts.js';

const owner = { anchor: NORTH, fund: slug('lottery') };
const funder = slug('tnlcf');
const year = 2026;
const walks = prescriptionId('walks');

const ACCOUNTS: [Account, string, (typeof SETS)[number]][] = [
  [{ ...owner, head: 'bank' }, 'assets:north:lottery:bank', 'financial'],
  [{ ...owner, head: 'income' }, 'income:north:lottery:restricted', 'financial'],
  [{ ...owner, head: 'deferred', funder }, 'liabilities:north:lottery:deferred:tnlcf', 'financial'],
  [
    { ...owner, head: 'held-as-agent', funder },
    'liabilities:north:lottery:heldasagent:tnlcf',
    'financial',
  ],
  [
    { ...owner, head: 'accrued', provider: slug('allot') },
    'liabilities:north:lottery:accrued:allot',
    'financial',
  ],
  [
    { ...owner, head: 'expenses', year, category: 'noshow' },
    'expenses:north:lottery:2026:noshow',
    'financial',
  ],
  [{ ...owner, head: 'own-service', year }, 'expenses:north:lottery:2026:ownservice', 'financial'],
  [{ ...owner, head: 'authority', year }, 'budget:north:lottery:2026:authority', 'budgetary'],
  [
    { ...owner, head: 'available', year, pot: slug('prescribing') },
    'budget:north:lottery:2026:available:prescribing',
    'budgetary',
  ],
  [
    {
      ...owner,
      ...{ head: 'committed', year, prescription: walks, provider: slug('allot') },
      component: slug('sessions'),
    },
    `budget:north:lottery:2026:committed:${walks}:allot:sessions`,
    'budgetary',
  ],
  [
    { ...owner, head: 'consumed', year, category: 'delivery' },
    'budget:north:lottery:2026:consumed:delivery',
    'budgetary',
  ],
];

describe('an account', () => {
  test.each(ACCOUNTS)('%j is called %s', (account, path, set) => {
    expect(pathOf(account)).toBe(path);
    expect(setOf(account)).toBe(set);
    expect(SETS).toContain(set);
  });

  test('no two have the same path', () => {
    expect(new Set(ACCOUNTS.map(([account]) => pathOf(account))).size).toBe(ACCOUNTS.length);
  });
});
