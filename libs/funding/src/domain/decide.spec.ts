import { describe, expect, test } from '@jest/globals';
import type { Moment } from '#kernel';
import {
  AGREEMENT,
  BUDGET,
  FUND,
  NAMED,
  agreement,
  fund,
  now,
  stranger,
  threePots,
} from '../testing/decisions.js';
import { ALLOT, NORTH, day, slug } from '../testing/facts.js';
import * as decide from './decide.js';

const pot = slug('courses');
const { payer, terms } = AGREEMENT;
const name = AGREEMENT.agreement;
const virement = {
  ...{ from: slug('prescribing'), to: slug('men-s-health'), amount: 1n },
  ...{ authority: 'within-purpose' as const, approvedBy: slug('board') },
};
const award = {
  ...{ pot: slug('grants'), award: slug('kitchen'), payee: ALLOT },
  milestones: [{ milestone: slug('plans'), amount: 1n }],
};
const milestone = { award: slug('kitchen'), milestone: slug('plans') };
const opening = { bank: 1n, accrued: [], consumed: [] };
const changes = [{ pot, amount: 1n }];
const later = { payer, agreement: name, from: day('2026-07-01'), terms };

type Given = [string, (moment: Moment, of?: typeof NAMED) => unknown];

const onBudgets: Given[] = [
  [
    'a change of a budget',
    (m, of = NAMED) => decide.changeBudget(threePots, fund, of, { changes }, m),
  ],
  ['a virement', (m, of = NAMED) => decide.approveVirement(threePots, of, virement, m)],
  ['a recall', (m, of = NAMED) => decide.recallFunds(threePots, of, { pot, amount: 1n }, m)],
  ['an award', (m, of = NAMED) => decide.awardCapacity(threePots, of, award, m)],
  ['a milestone', (m, of = NAMED) => decide.evidenceMilestone(threePots, of, milestone, m)],
  [
    'training',
    (m, of = NAMED) => decide.buyTraining(threePots, of, { pot, payee: ALLOT, amount: 1n }, m),
  ],
  ['an opening balance', (m, of = NAMED) => decide.recordOpeningBalance(threePots, of, opening, m)],
];

describe('every command on money', () => {
  const commands: Given[] = [
    ['a fund', (m) => decide.receiveFund(null, NORTH, FUND, m)],
    ['a budget', (m) => decide.openBudget(null, fund, NORTH, BUDGET, m)],
    ...onBudgets,
    ['an agreement', (m) => decide.signAgreement(null, AGREEMENT, m)],
    ['a change of terms', (m) => decide.changeTerms(agreement, later, m)],
    [
      'the end of an agreement',
      (m) =>
        decide.endAgreement(agreement, { payer, agreement: name, until: day('2026-08-01') }, m),
    ],
  ];

  test.each(commands)("%s is nobody's but the anchor's own", (_, given) => {
    expect(given({ ...now, actor: stranger })).toMatchObject({
      code: 'not-your-books',
      field: 'actor.organisation',
    });
  });

  test.each(commands)('%s is not of a day to come', (_, given) => {
    expect(given({ ...now, on: day('2026-04-02') })).toMatchObject({
      code: 'in-the-future',
      field: 'at',
      data: { at: '2026-04-02', today: '2026-04-01' },
    });
  });
});

describe('every command on a budget', () => {
  const nowhere: Given[] = [
    ['a change', (m) => decide.changeBudget(null, fund, NAMED, { changes }, m)],
    ['a virement', (m) => decide.approveVirement(null, NAMED, virement, m)],
    ['a recall', (m) => decide.recallFunds(fund, NAMED, { pot, amount: 1n }, m)],
    ['an award', (m) => decide.awardCapacity(null, NAMED, award, m)],
    ['a milestone', (m) => decide.evidenceMilestone(null, NAMED, milestone, m)],
    ['training', (m) => decide.buyTraining(null, NAMED, { pot, payee: ALLOT, amount: 1n }, m)],
    ['an opening balance', (m) => decide.recordOpeningBalance(agreement, NAMED, opening, m)],
  ];

  test.each(nowhere)('%s needs one that is open', (_, given) => {
    expect(given(now)).toMatchObject({
      code: 'no-such-budget',
      field: 'fund',
      message: 'There is no budget lottery 2026: open it first.',
    });
  });
});
