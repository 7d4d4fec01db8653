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

/** The facts of money that are not of a referral. */
export const fundingEvents = {
  FundReceived: {
    version: 1,
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
    data: shape.object({
      ...moved,
      referral: shape.id('referral'),
    }),
  },
  FundsReleased: {
    version: 1,
    data: shape.object({
      ...moved,
      because: shape.eventId(),
    }),
  },
  FundsDrawn: {
    version: 1,
    data: shape.object({
      ...moved,
      because: shape.eventId(),
    }),
  },
  AgreementSigned: {
    version: 1,
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
} as const;

export type FundingEvent = EventOf<typeof fundingEvents>;
export type FundingEventOf<T extends FundingEvent['type']> = Extract<FundingEvent, { type: T }>;
export type FundingFact = Fact<FundingEvent>;
export type FundingFactOf<T extends FundingEvent['type']> = Extract<FundingFact, { type: T }>;
