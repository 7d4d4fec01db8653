import type { ReferralFact } from '#referral';
import type { FundingEvent } from '../domain/events.js';
import { postFunding } from '../domain/post-funding.js';
import type { Entry } from '../domain/postings.js';
import {
  atLeast,
  attended,
  cancelled,
  completed,
  corrected,
  day,
  declined,
  determined,
  droppedOut,
  entriesOfLast,
  fee,
  fundingFact,
  missed,
  nth,
  outcomeLapsed,
  perSession,
  placeLapsed,
  prescribed,
  repriced,
  slug,
  whenCompleted,
  whenMet,
  whenPrescribed,
} from './facts.js';

/** A row of the posting table: what happened, and what the code makes of it. */
export interface PostingCase {
  readonly event: string;
  readonly when: string;
  readonly entries: readonly Entry[];
}

function referralCase(when: string, ...history: readonly ReferralFact[]): PostingCase {
  return { event: history.at(-1)?.type ?? '', when, entries: entriesOfLast(...history) };
}

function fundingCase(when: string, event: FundingEvent): PostingCase {
  return { event: event.type, when, entries: postFunding(fundingFact(event)) };
}

const sessions = perSession(1250n);
const walks = prescribed([sessions], { planned: 4 });
const mixed = prescribed([whenPrescribed(2000n), sessions, nth(2, 500n), whenCompleted(1000n)], {
  planned: 4,
});
const withFee = prescribed([sessions, fee(300n, 1)], { planned: 4 });
const withOutcome = prescribed([sessions, whenMet(4000n)], { planned: 4 });
const withMinimum = prescribed([sessions, atLeast(2000n)], { planned: 4 });
const first = attended(1);
const out = droppedOut('walks', { on: '2026-05-20' });

/** What a referral's facts post. */
export const REFERRAL_CASES: readonly PostingCase[] = [
  referralCase('four sessions at 12.50', walks),
  referralCase('of a free service', prescribed([], { free: true })),
  referralCase('an amount when prescribed, one at the second attendance, one at the end', mixed),
  referralCase('a session', walks, first),
  referralCase(
    'at the anchor itself',
    prescribed([sessions], { provider: 'north', planned: 4 }),
    first,
  ),
  referralCase(
    'of performance-related money: it becomes income',
    prescribed([sessions], { recognition: 'performance-related', planned: 4 }),
    first,
  ),
  referralCase('the second attendance', mixed, first, attended(2)),
  referralCase('on a day before the end, recorded after it', walks, out, first),
  referralCase('by the person, no fee', walks, missed(1, 'acceptable')),
  referralCase('by the person, a fee left', withFee, missed(1, 'not-acceptable')),
  referralCase(
    'by the person, the fees used up',
    withFee,
    missed(1, 'not-acceptable'),
    missed(2, 'not-acceptable'),
  ),
  referralCase(
    'through the provider: the price stays committed',
    walks,
    missed(1, 'provider-logistics'),
  ),
  referralCase('by the person, recorded after the end', withFee, out, missed(1, 'acceptable')),
  referralCase('with a payment at the end', mixed, first, attended(2), completed()),
  referralCase('with sessions left', walks, first, completed()),
  referralCase('from the prescription', walks, first, droppedOut('walks')),
  referralCase('with a minimum of 20.00, 12.50 earned', withMinimum, first, droppedOut('walks')),
  referralCase('before it began', walks, declined()),
  referralCase('by the anchor', walks, cancelled()),
  referralCase('not taken up in time', walks, placeLapsed()),
  referralCase('met', withOutcome, determined(true)),
  referralCase('not met: it may still be, later', withOutcome, determined(false)),
  referralCase('its window passed', withOutcome, outcomeLapsed()),
  referralCase(
    'from 12.50 to 15.00 with one session held before',
    walks,
    first,
    repriced('2026-06-01', [perSession(1500n)]),
  ),
  referralCase(
    'in the place of another: its money comes over',
    walks,
    first,
    prescribed([sessions], { name: 'swim', continues: 'walks', planned: 2 }),
  ),
  referralCase(
    'a session that was not held, while the prescription lives',
    walks,
    first,
    corrected(first),
  ),
  referralCase('a session that was not held, after the end', walks, first, out, corrected(first)),
];

const budget = { fund: slug('lottery'), year: 2026 };
const ofFund = { ...budget, recognition: 'restricted' as const, funder: slug('tnlcf') };
const ofPot = { ...ofFund, pot: slug('capacity') };
const received = { fund: slug('lottery'), funder: slug('tnlcf'), amount: 500_000n };
const milestone = { milestone: slug('first-group'), amount: 60_000n };

function fundOf(recognition: 'restricted' | 'performance-related' | 'agent'): FundingEvent {
  return { type: 'FundReceived', data: { ...received, recognition, purposes: ['prescribing'] } };
}

/** What the facts of funds and budgets post. */
export const FUNDING_CASES: readonly PostingCase[] = [
  fundingCase('restricted', fundOf('restricted')),
  fundingCase('performance-related: income once it is earned', fundOf('performance-related')),
  fundingCase('held for others', fundOf('agent')),
  fundingCase('two pots', {
    type: 'BudgetOpened',
    data: {
      ...ofFund,
      ...{ from: day('2026-04-01'), to: day('2027-03-31') },
      pots: [
        { pot: slug('prescribing'), purpose: 'prescribing', amount: 400_000n },
        { pot: slug('capacity'), purpose: 'capacity', amount: 100_000n },
      ],
    },
  }),
  fundingCase('more into a pot', {
    type: 'BudgetChanged',
    data: {
      ...budget,
      changes: [{ pot: slug('prescribing'), purpose: 'prescribing', amount: 50_000n }],
    },
  }),
  fundingCase('from one pot to another', {
    type: 'VirementApproved',
    data: {
      ...budget,
      ...{ from: slug('capacity'), to: slug('prescribing'), amount: 20_000n },
      ...{ authority: 'within-purpose', approvedBy: slug('board') },
    },
  }),
  fundingCase('by the funder', { type: 'FundsRecalled', data: { ...ofPot, amount: 30_000n } }),
  fundingCase('one milestone', {
    type: 'CapacityAwarded',
    data: { ...ofPot, award: slug('groups'), payee: slug('allot'), milestones: [milestone] },
  }),
  fundingCase('of an award', {
    type: 'MilestoneEvidenced',
    data: { ...ofPot, award: slug('groups'), payee: slug('allot'), ...milestone },
  }),
  fundingCase('out of its pot', {
    type: 'TrainingBought',
    data: { ...ofPot, pot: slug('training'), payee: slug('college'), amount: 15_000n },
  }),
  fundingCase('books that begin in the middle of a year', {
    type: 'OpeningBalanceRecorded',
    data: {
      ...ofFund,
      bank: 300_000n,
      accrued: [{ payee: slug('allot'), amount: 20_000n }],
      consumed: [{ pot: slug('prescribing'), category: 'delivery', amount: 120_000n }],
    },
  }),
];
