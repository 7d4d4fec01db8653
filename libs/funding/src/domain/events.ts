import { shape, type EventOf, type Fact } from '#kernel';
import { RECOGNITIONS, termsShape } from '#referral';

/** What a pot may pay for; money crosses from one purpose to another only by virement. */
export const PURPOSES = ['prescribing', 'capacity', 'training'] as const;
export type Purpose = (typeof PURPOSES)[number];

const pot = shape.slug('pot');
/** Money of one pot that a prescription moves. */
const moved = {
  fund: shape.slug('fund'),
  year: shape.integer(),
  pot,
  amount: shape.pence({ minimum: 1 }),
  prescription: shape.id('prescription'),
};

/** What money is spent on, as the books sort it. */
export const CATEGORIES = ['delivery', 'noshow', 'outcomes', 'capacity', 'training'] as const;
export type Category = (typeof CATEGORIES)[number];

/** On whose word money crosses from one pot to another. */
export const VIREMENT_AUTHORITIES = ['within-purpose', 'funder-consent'] as const;

const budget = { fund: shape.slug('fund'), year: shape.integer() };
/** Whose money it is and how it is recognised, so that no posting looks anything up. */
const ofFund = {
  ...budget,
  recognition: shape.word(RECOGNITIONS),
  funder: shape.slug('funder'),
};
const ofPot = { ...ofFund, pot };
const month = shape.month();

/** The facts of money that are not of a referral. */
export const fundingEvents = {
  FundReceived: {
    version: 1,
    about: 'Money arrives for a purpose.',
    data: shape.object({
      fund: shape.slug('fund'),
      funder: shape.slug('funder'),
      amount: shape.pence({ minimum: 1 }),
      /** How it enters the books: as income, as income once earned, or never. */
      recognition: shape.word(RECOGNITIONS),
      restriction: shape.optional(shape.text('the purpose in the words of the funder')),
      purposes: shape.array(shape.word(PURPOSES)),
      instalment: shape.optional(shape.integer({ minimum: 1 })),
      document: shape.optional(shape.sha256()),
    }),
  },
  BudgetOpened: {
    version: 1,
    about: 'What of a fund may be spent in a year, pot by pot.',
    data: shape.object({
      fund: shape.slug('fund'),
      funder: shape.slug('funder'),
      recognition: shape.word(RECOGNITIONS),
      year: shape.integer(),
      from: shape.date(),
      to: shape.date(),
      pots: shape.array(
        shape.object({
          pot,
          purpose: shape.word(PURPOSES),
          amount: shape.pence({ minimum: 0 }),
        }),
      ),
    }),
  },
  FundsReserved: {
    version: 1,
    about: 'Set aside before something is prescribed: a pot is never over-committed.',
    data: shape.object({
      ...moved,
      referral: shape.id('referral'),
      /** The correction it was reserved for, where it is not for the prescription itself. */
      correction: shape.optional(shape.eventId()),
    }),
  },
  FundsReleased: {
    version: 1,
    about: 'Given back to what is free.',
    data: shape.object({
      ...moved,
      because: shape.eventId(),
    }),
  },
  FundsDrawn: {
    version: 1,
    about: 'Taken from what is free by a fact that is not refused for money; it may go below zero.',
    data: shape.object({
      ...moved,
      because: shape.eventId(),
    }),
  },
  BudgetChanged: {
    version: 1,
    about:
      'Money put into pots, or taken out of what is free in them, after the budget was opened.',
    data: shape.object({
      ...budget,
      changes: shape.array(
        shape.object({
          pot,
          purpose: shape.word(PURPOSES),
          amount: shape.pence({ description: 'pence, negative where it is taken out' }),
        }),
      ),
      because: shape.optional(shape.text()),
      document: shape.optional(shape.sha256()),
      approvedBy: shape.optional(shape.slug('approver')),
    }),
  },
  VirementApproved: {
    version: 1,
    about: 'Money crosses from one pot to another.',
    data: shape.object({
      ...budget,
      from: pot,
      to: pot,
      amount: shape.pence({ minimum: 1 }),
      authority: shape.word(VIREMENT_AUTHORITIES),
      document: shape.optional(shape.sha256()),
      approvedBy: shape.slug('approver'),
    }),
  },
  FundsRecalled: {
    version: 1,
    about: 'The funder takes back what is free in a pot: it is owed to them from then on.',
    data: shape.object({
      ...ofPot,
      amount: shape.pence({ minimum: 1 }),
      document: shape.optional(shape.sha256()),
    }),
  },
  CapacityAwarded: {
    version: 1,
    about: 'Money promised to an organisation, milestone by milestone.',
    data: shape.object({
      ...ofPot,
      award: shape.slug('award'),
      payee: shape.slug('organisation'),
      milestones: shape.array(
        shape.object({ milestone: shape.slug('milestone'), amount: shape.pence({ minimum: 1 }) }),
      ),
      document: shape.optional(shape.sha256()),
    }),
  },
  MilestoneEvidenced: {
    version: 1,
    about: 'A milestone is proven and its money owed.',
    data: shape.object({
      ...ofPot,
      award: shape.slug('award'),
      payee: shape.slug('organisation'),
      milestone: shape.slug('milestone'),
      amount: shape.pence({ minimum: 1 }),
      document: shape.optional(shape.sha256()),
    }),
  },
  TrainingBought: {
    version: 1,
    about: 'Training paid for out of its pot.',
    data: shape.object({
      ...ofPot,
      payee: shape.slug('organisation'),
      amount: shape.pence({ minimum: 1 }),
      what: shape.optional(shape.text()),
      document: shape.optional(shape.sha256()),
    }),
  },
  /**
   * Where books begin in the middle of a year: what was in the bank, owed to providers, and already
   * spent of the budget. What they do not explain was received before.
   */
  OpeningBalanceRecorded: {
    version: 1,
    about:
      'Where books begin in the middle of a year: what was in the bank, owed, and already spent.',
    data: shape.object({
      ...ofFund,
      bank: shape.pence(),
      accrued: shape.array(
        shape.object({ payee: shape.slug('organisation'), amount: shape.pence({ minimum: 1 }) }),
      ),
      consumed: shape.array(
        shape.object({
          pot,
          category: shape.word(CATEGORIES),
          amount: shape.pence({ minimum: 1 }),
        }),
      ),
      document: shape.optional(shape.sha256()),
    }),
  },
  PeriodCutOff: {
    version: 1,
    about:
      'From here on, what is learned of the month is posted forward; its balance is signed next.',
    data: shape.object({ month }),
  },
  /**
   * The signed trial balance of a month. An event has room for the accounts of a fund, not for
   * those of every prescription: these are summed here, and the hash is over every single one.
   */
  PeriodClosed: {
    version: 1,
    about: 'The signed trial balance of a month.',
    data: shape.object({
      month,
      trialBalance: shape.array(shape.object({ account: shape.text(), balance: shape.pence() })),
      /** How many accounts the hash is over, zeros too. */
      accounts: shape.integer({ minimum: 0 }),
      /** SHA-256 over every account and its balance: see `trialBalanceHash`. */
      hash: shape.sha256(),
      closedBy: shape.text(),
    }),
  },
  AgreementSigned: {
    version: 1,
    about: 'What a provider is paid for, and how much.',
    data: shape.object({
      agreement: shape.slug('agreement'),
      /** Of the terms; the events that later change them count on. */
      version: shape.integer({ minimum: 1 }),
      payer: shape.slug('anchor'),
      payee: shape.slug('provider'),
      services: shape.array(shape.slug('service')),
      from: shape.date(),
      until: shape.optional(shape.date()),
      terms: termsShape,
      signedBy: shape.optional(shape.slug('signatory')),
      document: shape.optional(shape.sha256()),
    }),
  },
  TermsChanged: {
    version: 1,
    about: 'New terms from a day on; prescriptions keep theirs unless they are priced at delivery.',
    data: shape.object({
      agreement: shape.slug('agreement'),
      version: shape.integer({ minimum: 2 }),
      payer: shape.slug('anchor'),
      from: shape.date(),
      terms: termsShape,
      signedBy: shape.optional(shape.slug('signatory')),
      document: shape.optional(shape.sha256()),
    }),
  },
  AgreementEnded: {
    version: 1,
    about: 'The last day on which anything is prescribed under it.',
    data: shape.object({ agreement: shape.slug('agreement'), until: shape.date() }),
  },
} as const;

export type FundingEvent = EventOf<typeof fundingEvents>;
export type FundingEventOf<T extends FundingEvent['type']> = Extract<FundingEvent, { type: T }>;
export type FundingFact = Fact<FundingEvent>;
export type FundingFactOf<T extends FundingEvent['type']> = Extract<FundingFact, { type: T }>;
