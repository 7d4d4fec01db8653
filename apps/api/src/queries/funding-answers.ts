import Type from 'typebox';
import { shape } from '#kernel';
import { SETS } from '#funding';
import { closed, count, knownBy, orNull } from './shapes.js';

const { optional, array, text, slug, date, id, eventId, month, word, pence } = shape;
const account = text('the path of an account');
const amount = pence({ description: 'in pence: debits are positive, credits negative' });

export const entryLineShape = closed({ account, amount });

const entryShape = closed({
  entry: count("its place in the anchor's books, from 1"),
  event: eventId(),
  rule: text(),
  occurred: date(),
  recorded: date(),
  posted: date(),
  corrects: optional(eventId()),
  referral: optional(id('referral')),
  prescription: optional(id('prescription')),
  agreement: optional(text('with its version')),
  lines: array(entryLineShape),
});

const limits = { postedBy: optional(date()), occurredBy: optional(date()) };

export const balancesAnswer = closed({
  anchor: slug('anchor'),
  ...limits,
  ...knownBy,
  balances: array(
    closed({
      account,
      set: word(SETS),
      balance: amount,
      overdrawn: optional(Type.Literal(true, { description: 'a pot below zero by late facts' })),
    }),
  ),
});

export const entriesAnswer = closed({
  anchor: slug('anchor'),
  prescription: optional(id('prescription')),
  event: optional(eventId()),
  ...limits,
  ...knownBy,
  entries: array(entryShape, { description: 'in log order' }),
});

export const statementAnswer = closed({
  anchor: slug('anchor'),
  provider: slug('provider'),
  month: month(),
  ...knownBy,
  own: Type.Boolean({ description: "the anchor's own service: owed to nobody" }),
  opening: pence({ description: 'earned and posted before the month' }),
  lines: array(
    closed({
      event: eventId(),
      rule: text(),
      occurred: date(),
      recorded: date(),
      posted: date(),
      fund: slug('fund'),
      prescription: optional(id('prescription')),
      agreement: optional(text('with its version')),
      corrects: optional(eventId()),
      amount: pence({ description: 'positive: earned' }),
    }),
  ),
  earned: pence({ description: 'what all lines of the month add up to, not only of this page' }),
  closing: pence(),
  payable: pence(),
});

export const changesAnswer = closed({
  anchor: slug('anchor'),
  month: month(),
  closedOn: date(),
  entries: array(entryShape, { description: 'learned too late to be in what was signed' }),
  accounts: array(closed({ account, signed: amount, known: amount, difference: amount }), {
    description: 'every account that any of them moved, not only of this page',
  }),
});

const signed = {
  anchor: slug('anchor'),
  month: month(),
  trialBalance: array(closed({ account, balance: amount })),
  accounts: count(),
  hash: text('SHA-256 over every single account'),
};

export const trialBalanceAnswer = closed(signed);

export const closePreviewAnswer = closed({
  ...signed,
  refusal: orNull(
    closed(
      {
        code: text(),
        field: optional(text()),
        detail: text(),
      },
      'what speaks against closing it now',
    ),
  ),
});

export const knownAnswer = closed({
  anchor: slug('anchor'),
  ...knownBy,
  today: orNull(date()),
});
