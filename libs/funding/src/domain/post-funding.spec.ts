import { describe, expect, test } from '@jest/globals';
import { sum } from '#kernel';
import { RECOGNITIONS } from '#referral';
import {
  day,
  fundingFact,
  prescribed,
  prescriptionId,
  referralId,
  slug,
  table,
} from '../testing/facts.js';
import { pathOf, setOf } from './accounts.js';
import type { FundingEvent, FundingEventOf } from './events.js';
import { postFunding } from './post-funding.js';

type Received = FundingEventOf<'FundReceived'>['data'];

function received(recognition: Received['recognition']): string[] {
  const data: Received = {
    ...{ fund: slug('lottery'), funder: slug('tnlcf'), amount: 500_000n, recognition },
    purposes: ['prescribing'],
  };
  return table(postFunding(fundingFact({ type: 'FundReceived', data })));
}

describe('a fund is received', () => {
  test('restricted: it is income when it arrives', () => {
    expect(received('restricted')).toEqual([
      'fund-received:',
      '  Dr bank 5000.00',
      '  Cr income 5000.00',
    ]);
  });

  test('performance-related: it is deferred until it is earned', () => {
    expect(received('performance-related')).toEqual([
      'fund-received:',
      '  Dr bank 5000.00',
      '  Cr deferred:tnlcf 5000.00',
    ]);
  });

  test('as an agent: it is owed on, and never income', () => {
    expect(received('agent')).toEqual([
      'fund-received:',
      '  Dr bank 5000.00',
      '  Cr held-as-agent:tnlcf 5000.00',
    ]);
  });
});

describe('a budget', () => {
  const pot = (name: string, amount: bigint) => {
    return { pot: slug(name), purpose: 'prescribing' as const, amount };
  };
  const data = {
    ...{ fund: slug('lottery'), funder: slug('tnlcf'), recognition: 'restricted' as const },
    ...{ year: 2026, from: day('2026-04-01'), to: day('2027-03-31') },
  };

  test('is allocated: Dr authority, Cr what each pot has available', () => {
    const pots = [pot('prescribing', 400_000n), pot('men-s-health', 100_000n)];
    expect(
      table(postFunding(fundingFact({ type: 'BudgetOpened', data: { ...data, pots } }))),
    ).toEqual([
      'budget-allocated:',
      '  Dr authority 5000.00',
      '  Cr available:prescribing 4000.00',
      '  Cr available:men-s-health 1000.00',
    ]);
  });

  const reservation = { fund: slug('lottery'), year: 2026, pot: slug('prescribing'), amount: 100n };
  const prescription = prescriptionId('walks');
  const because = prescribed([]).id;
  test.each([
    fundingFact({
      type: 'FundsReserved',
      data: { ...reservation, prescription, referral: referralId('h1') },
    }),
    fundingFact({ type: 'FundsReleased', data: { ...reservation, prescription, because } }),
    fundingFact({ type: 'FundsDrawn', data: { ...reservation, prescription, because } }),
  ])('guards with $type and does not post', (fact) => {
    expect(postFunding(fact)).toEqual([]);
  });
});

const OF = { fund: slug('lottery'), year: 2026 };
const MONEY = { ...OF, funder: slug('tnlcf'), recognition: 'restricted' as const };
const EARNED = { ...MONEY, recognition: 'performance-related' as const };
const books = (event: FundingEvent) => table(postFunding(fundingFact(event)));
const DEFERRED_IS_EARNED = ['  Dr deferred:tnlcf 400.00', '  Cr income 400.00'];

describe('a budget changes', () => {
  const change = (pot: string, amount: bigint) => {
    return { pot: slug(pot), purpose: 'prescribing' as const, amount };
  };

  test('Dr authority / Cr available where it is raised, the reverse where it is cut', () => {
    const changes = [change('prescribing', 50_000n), change('walks', 0n), change('art', -20_001n)];
    expect(books({ type: 'BudgetChanged', data: { ...OF, changes } })).toEqual([
      'budget-changed:',
      '  Dr authority 299.99',
      '  Cr available:prescribing 500.00',
      '  Cr available:walks 0.00',
      '  Dr available:art 200.01',
    ]);
  });

  test('Dr available / Cr authority where it is only cut', () => {
    const changes = [change('art', -1n)];
    expect(books({ type: 'BudgetChanged', data: { ...OF, changes } })).toEqual([
      'budget-changed:',
      '  Cr authority 0.01',
      '  Dr available:art 0.01',
    ]);
  });
});

test('a virement: Dr available of one pot / Cr available of the other', () => {
  const data = {
    ...{ ...OF, from: slug('training'), to: slug('prescribing'), amount: 10_000n },
    ...{ authority: 'funder-consent' as const, approvedBy: slug('board') },
  };
  expect(books({ type: 'VirementApproved', data })).toEqual([
    'virement:',
    '  Dr available:training 100.00',
    '  Cr available:prescribing 100.00',
  ]);
});

describe('a recall', () => {
  test.each([
    [MONEY, 'income'],
    [EARNED, 'deferred:tnlcf'],
  ])('of $recognition money: Dr available / Cr authority, and owed to the funder', (of, from) => {
    const data = { ...of, pot: slug('training'), amount: 25_000n };
    expect(books({ type: 'FundsRecalled', data })).toEqual([
      'recalled:',
      '  Dr available:training 250.00',
      '  Cr authority 250.00',
      `  Dr ${from} 250.00`,
      '  Cr repayable:tnlcf 250.00',
    ]);
  });
});

describe('an award', () => {
  const award = { pot: slug('capacity'), award: slug('cap'), payee: slug('garden') };
  const first = { milestone: slug('one'), amount: 40_000n };
  const second = { milestone: slug('two'), amount: 20_000n };
  const evidence = { ...award, ...first };

  test('Dr available / Cr committed, one for each milestone; nothing is owed', () => {
    const data = { ...MONEY, ...award, milestones: [first, second] };
    expect(books({ type: 'CapacityAwarded', data })).toEqual([
      'capacity-awarded:',
      '  Dr available:capacity 600.00',
      '  Cr committed:cap:one 400.00',
      '  Cr committed:cap:two 200.00',
    ]);
    const [entry] = postFunding(fundingFact({ type: 'CapacityAwarded', data }));
    expect(entry?.lines.map(({ account }) => pathOf(account)).at(-1)).toBe(
      'budget:north:lottery:2026:committed:cap:garden:two',
    );
  });

  test('its milestone: Dr committed / Cr consumed, and owed to the payee', () => {
    expect(books({ type: 'MilestoneEvidenced', data: { ...MONEY, ...evidence } })).toEqual([
      'milestone-evidenced:',
      '  Dr committed:cap:one 400.00',
      '  Cr consumed:capacity 400.00',
      '  Dr expenses:capacity 400.00',
      '  Cr accrued:garden 400.00',
    ]);
  });

  test('of performance-related money: what was deferred is earned with it', () => {
    const lines = books({ type: 'MilestoneEvidenced', data: { ...EARNED, ...evidence } });
    expect(lines.slice(-2)).toEqual(DEFERRED_IS_EARNED);
    expect(lines).toHaveLength(7);
  });

  test('of the anchor to itself: visible, and owed to nobody', () => {
    const data = { ...MONEY, ...evidence, payee: slug('north') };
    expect(books({ type: 'MilestoneEvidenced', data }).slice(-2)).toEqual([
      '  Dr expenses:capacity 400.00',
      '  Cr own-service 400.00',
    ]);
  });
});

describe('training', () => {
  const data = { pot: slug('training'), payee: slug('trainer'), amount: 40_000n };

  test('Dr available / Cr consumed, and owed to the trainer', () => {
    expect(books({ type: 'TrainingBought', data: { ...MONEY, ...data } })).toEqual([
      'training-bought:',
      '  Dr available:training 400.00',
      '  Cr consumed:training 400.00',
      '  Dr expenses:training 400.00',
      '  Cr accrued:trainer 400.00',
    ]);
  });

  test('of performance-related money: what was deferred is earned with it', () => {
    const lines = books({ type: 'TrainingBought', data: { ...EARNED, ...data } });
    expect(lines.slice(-2)).toEqual(DEFERRED_IS_EARNED);
  });
});

describe('an opening balance', () => {
  const data = {
    bank: 700_000n,
    accrued: [{ payee: slug('allot'), amount: 2500n }],
    consumed: [
      { pot: slug('prescribing'), category: 'delivery' as const, amount: 30_000n },
      { pot: slug('capacity'), category: 'capacity' as const, amount: 10_000n },
    ],
  };
  const SPENT = [
    '  Dr available:prescribing 300.00',
    '  Cr consumed:delivery 300.00',
    '  Dr available:capacity 100.00',
    '  Cr consumed:capacity 100.00',
    '  Dr bank 7000.00',
    '  Dr expenses:delivery 300.00',
    '  Dr expenses:capacity 100.00',
    '  Cr accrued:allot 25.00',
  ];

  test('restricted: what it does not explain was income before', () => {
    expect(books({ type: 'OpeningBalanceRecorded', data: { ...MONEY, ...data } })).toEqual([
      'opening-balance:',
      ...SPENT,
      '  Cr income 7375.00',
    ]);
  });

  test('performance-related: what was spent is earned, the rest is still deferred', () => {
    expect(books({ type: 'OpeningBalanceRecorded', data: { ...EARNED, ...data } })).toEqual([
      'opening-balance:',
      ...SPENT,
      '  Cr income 400.00',
      '  Cr deferred:tnlcf 6975.00',
    ]);
  });

  test('with nothing in it posts nothing', () => {
    const nothing = { ...MONEY, bank: 0n, accrued: [], consumed: [] };
    expect(books({ type: 'OpeningBalanceRecorded', data: nothing })).toEqual([]);
  });

  test.each(RECOGNITIONS)('of %s money balances in each set', (recognition) => {
    const event = {
      type: 'OpeningBalanceRecorded' as const,
      data: { ...MONEY, ...data, recognition },
    };
    const lines = postFunding(fundingFact(event)).flatMap((entry) => entry.lines);
    for (const set of ['budgetary', 'financial'] as const) {
      const mine = lines.filter(({ account }) => setOf(account) === set);
      expect(mine.length).toBeGreaterThan(3);
      expect(sum(mine.map(({ amount }) => amount))).toBe(0n);
    }
  });
});
