import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deriveId, type EventId } from '#kernel';
import { VIEWS_KINDS } from '#projection/testing';
import type { Check } from './verify.js';
import { signed } from './testing/books.js';
import { historyOf, plans, type Recorded } from './testing/histories.js';
import { prove, type Tamper } from './testing/proof.js';

const GUARD = "the budgets' guard agrees with the ledger";
const AUDITOR = 'every balance is what a second, independent model gives';
const REBUILT = 'ledger: rebuilt equals live';
const OVERDRAWN = 'no reservation was made beyond what was free';

const SEED = 42;
const HISTORIES = fc
  .sample(plans, { numRuns: 60, seed: SEED })
  .map((plan) => signed(historyOf(plan)));
const TRIES = 3;
const SIGNATURES = 'every signed month still gives its signature';
const SIGNED = 'every signed month is what a second, independent model gives';

const broken = (checks: readonly Check[]) => checks.filter(({ ok }) => !ok).map(({ name }) => name);

describe('verify', () => {
  test.each(VIEWS_KINDS)('proves random histories on %s, whatever is under way', async (on) => {
    for (const history of HISTORIES.slice(0, 8)) {
      const checks = await prove(history, { on });
      expect(broken(checks)).toEqual([]);
      expect(checks.length).toBeGreaterThan(10);
    }
  });

  test.each(VIEWS_KINDS)('proves an empty log on %s', async (on) => {
    expect(broken(await prove([], { on }))).toEqual([]);
  });
});

type Fault = (history: readonly Recorded[]) => Recorded[] | null;
type FactOf<T extends Recorded['type']> = Extract<Recorded, { type: T }>;

/** At the last fact of a type: what stands there instead. */
function atLast<T extends Recorded['type']>(
  type: T,
  instead: (fact: FactOf<T>, history: readonly Recorded[]) => Recorded[] | null,
): Fault {
  return (history) => {
    const at = history.findLastIndex((fact) => fact.type === type);
    const fact = history[at];
    if (fact === undefined) return null;
    const changed = instead(fact as FactOf<T>, history);
    return changed === null
      ? null
      : [...history.slice(0, at), ...changed, ...history.slice(at + 1)];
  };
}

/** At the reservation of the first priced prescription: what stands there instead. */
function atFirstReservation(instead: (fact: FactOf<'FundsReserved'>) => Recorded[] | null): Fault {
  return (history) => {
    const first = history.find((fact) => fact.type === 'Prescribed' && fact.data.priced);
    const command = first?.metadata.commandId;
    const kept = history.map((fact) =>
      fact.type === 'FundsReserved' && fact.metadata.commandId === command ? instead(fact) : [fact],
    );
    return first === undefined || kept.includes(null) ? null : kept.flatMap((facts) => facts ?? []);
  };
}

const another = (name: string): EventId => deriveId('event', 'fault', name);
const follows = <F extends Recorded>(fact: F, id: EventId): F => {
  return { ...fact, id, metadata: { ...fact.metadata, causationId: id } };
};

const wasMade = (history: readonly Recorded[], correction: EventId | undefined) =>
  correction !== undefined && history.some(({ id }) => id === correction);

const FAULTS: Record<string, Fault> = {
  'a penny too much released': atLast('FundsReleased', (fact) => [
    { ...fact, data: { ...fact.data, amount: fact.data.amount + 1n } },
  ]),
  'a penny too much drawn': atLast('FundsDrawn', (fact) => [
    { ...fact, data: { ...fact.data, amount: fact.data.amount + 1n } },
  ]),
  'released twice': atLast('FundsReleased', (fact) => [fact, follows(fact, another('twice'))]),
  'released for nothing': atLast('FundsReleased', (fact) => [
    { ...fact, data: { ...fact.data, because: another('nothing') } },
  ]),
  'released to another pot': atLast('FundsReleased', (fact) => {
    const pot = fact.data.pot.endsWith('0') ? 'pot-1' : 'pot-0';
    return [{ ...fact, data: { ...fact.data, pot: pot as typeof fact.data.pot } }];
  }),
  'a penny too little reserved': atFirstReservation((fact) => {
    if (fact.data.amount === 1n) return null;
    return [{ ...fact, data: { ...fact.data, amount: fact.data.amount - 1n } }];
  }),
  'a penny too little reserved for a correction': (history) => {
    const at = history.findIndex(
      ({ type, data }) => type === 'FundsReserved' && wasMade(history, data.correction),
    );
    const fact = history[at];
    if (fact?.type !== 'FundsReserved' || fact.data.amount === 1n) return null;
    const less = { ...fact, data: { ...fact.data, amount: fact.data.amount - 1n } };
    return [...history.slice(0, at), less, ...history.slice(at + 1)];
  },
  'made to live again without a reservation': (history) => {
    const kept = history.filter(
      ({ type, data }) => type !== 'FundsReserved' || !wasMade(history, data.correction),
    );
    return kept.length === history.length ? null : kept;
  },
  'prescribed without a reservation': atFirstReservation(() => []),
  'released though it may still be prescribed': (history) => {
    const followed = new Set(
      history.flatMap(({ type, data }) =>
        type === 'Prescribed' || type === 'PrescriptionAbandoned' ? [data.prescription] : [],
      ),
    );
    const waiting = history.find(
      (fact): fact is FactOf<'FundsReserved'> =>
        fact.type === 'FundsReserved' && !followed.has(fact.data.prescription),
    );
    if (waiting === undefined) return null;
    const { referral: _, ...data } = waiting.data;
    const release = { ...waiting, type: 'FundsReleased', data: { ...data, because: waiting.id } };
    return [...history, follows(release as FactOf<'FundsReleased'>, another('early'))];
  },
  'released and never abandoned': atLast('PrescriptionAbandoned', (fact, history) =>
    history.some(({ type, data }) => type === 'FundsReleased' && data.because === fact.id)
      ? []
      : null,
  ),
};

describe('the control: a budget that does not say what the referrals did is found', () => {
  test.each(Object.entries(FAULTS))('%s', async (name, fault) => {
    let caught = 0;
    const tried = HISTORIES.map(fault)
      .filter((history) => history !== null)
      .slice(0, TRIES);
    for (const history of tried) if (broken(await prove(history)).includes(GUARD)) caught += 1;
    process.stdout.write(`verify, ${name}: caught ${caught} of ${tried.length}\n`);
    expect(tried).toHaveLength(TRIES);
    expect(caught).toBe(TRIES);
  });

  test('a month signed with a penny more', async () => {
    const tried = HISTORIES.map(
      atLast('PeriodClosed', (fact) => {
        const [first, ...others] = fact.data.trialBalance;
        if (first === undefined) return null;
        const trialBalance = [{ ...first, balance: first.balance + 1n }, ...others];
        return [{ ...fact, data: { ...fact.data, trialBalance } }];
      }),
    ).filter((history) => history !== null);
    expect(broken(await prove(tried[0] ?? []))).toEqual([SIGNED]);
  });

  test('a month signed with another signature', async () => {
    const tried = HISTORIES.map(
      atLast('PeriodClosed', (fact) => {
        const hash = fact.data.hash.replace(/^./u, (first) => (first === '0' ? '1' : '0'));
        return [{ ...fact, data: { ...fact.data, hash: hash } }];
      }),
    ).filter((history) => history !== null);
    expect(broken(await prove(tried[0] ?? []))).toEqual([SIGNATURES]);
  });

  test('reserved beyond what was free', async () => {
    const tried = HISTORIES.map((history) =>
      atLast('FundsReserved', (fact) => {
        const data = { ...fact.data, amount: 10_000_000n };
        return [{ ...fact, data }];
      })(history),
    ).filter((history) => history !== null);
    expect(broken(await prove(tried[0] ?? []))).toContain(OVERDRAWN);
  });
});

const TAMPERING: [string, string[], Tamper][] = [
  [
    'a penny on a balance',
    ['every set of accounts adds up to zero', AUDITOR, REBUILT],
    (table) => [`UPDATE ${table('balance')} SET balance = balance + 1 WHERE account LIKE '%:bank'`],
  ],
  [
    'a line of an entry gone',
    ['every entry adds up to zero in each set', 'balances are the sums', REBUILT],
    (table) => [`DELETE FROM ${table('entry')} WHERE rule = 'prescribed' AND line = 1`],
  ],
  [
    'an entry carried into a month that was signed',
    [SIGNATURES, REBUILT],
    (table) => [`UPDATE ${table('entry')} SET posted = '2026-03-31' WHERE posted > '2026-04-30'`],
  ],
  [
    'the books of an anchor gone',
    [AUDITOR, GUARD, REBUILT],
    (table) =>
      ['entry', 'balance', 'books', 'guard'].map(
        (name) => `DELETE FROM ${table(name)} WHERE anchor = 'north'`,
      ),
  ],
  [
    'something under way that is not',
    [GUARD, REBUILT],
    (table) => [`UPDATE ${table('guard')} SET amount = amount + 1`],
  ],
  ['something under way forgotten', [GUARD, REBUILT], (table) => [`DELETE FROM ${table('guard')}`]],
  [
    'money moved from one pot to another',
    [AUDITOR, GUARD, REBUILT],
    (table) => {
      const pot = (name: string) => `account LIKE 'budget:north:fund-0:%:available:${name}'`;
      return [
        `UPDATE ${table('balance')} SET balance = balance + 1 WHERE ${pot('pot-0')}`,
        `UPDATE ${table('balance')} SET balance = balance - 1 WHERE ${pot('pot-1')}`,
      ];
    },
  ],
];

describe.each(VIEWS_KINDS)(
  'the control: on %s a read model that was tampered with is found',
  (on) => {
    test.each(TAMPERING)('%s', async (_, found, tamper) => {
      // One with something under way, and a month that was signed.
      const history = HISTORIES.find(
        (facts) =>
          facts.some(
            ({ type, metadata }) => type === 'Prescribed' && metadata.anchor === 'north',
          ) &&
          facts.some(({ type }) => type === 'PeriodClosed') &&
          facts.filter(({ type }) => type === 'FundsReserved').length >
            facts.filter(({ type, data }) => type === 'Prescribed' && data.priced).length,
      );
      const checks = broken(await prove(history ?? [], { tamper, on }));
      for (const name of found) {
        expect(checks).toContainEqual(expect.stringContaining(name));
      }
    });
  },
);
