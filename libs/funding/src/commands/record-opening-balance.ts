import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  OneOf,
  Optional,
  Parts,
  PenceField,
  Sha256,
  SignedPenceField,
  SlugOf,
  Summary,
  type Pence,
  type Slug,
} from '#kernel';
import { Directory } from '#directory';
import { recordOpeningBalance } from '../domain/decide.js';
import { CATEGORIES, type Category } from '../domain/events.js';
import { budgetStream } from '../domain/streams.js';
import { OnBudget } from './budget-fields.js';
import { Funding } from './funding.js';

export class OpeningDebt {
  @SlugOf('provider') payee!: Slug;
  @PenceField() amount!: Pence;
}

export class OpeningSpending {
  @SlugOf('pot') pot!: Slug;
  @OneOf(CATEGORIES) category!: Category;
  @PenceField() amount!: Pence;
}

@Summary(
  'Books begin in the middle of a year: what was in the bank, owed, and already spent of the budget, beside what is recorded otherwise. Once per budget; what these do not explain was received before.',
)
export class RecordOpeningBalance extends OnBudget {
  @SignedPenceField(
    'whole pence in the bank, beyond what is recorded as received; negative where more was paid out',
  )
  bank!: Pence;
  @Parts(() => OpeningDebt, 0) @Optional() accrued?: OpeningDebt[];
  @Parts(() => OpeningSpending, 0) @Optional() consumed?: OpeningSpending[];
  @Sha256() @Optional() document?: string;
}

@CommandHandler(RecordOpeningBalance)
export class RecordOpeningBalanceHandler implements ICommandHandler<RecordOpeningBalance> {
  constructor(
    private readonly funding: Funding,
    private readonly directory: Directory,
  ) {}

  async execute({
    meta,
    anchor,
    fund,
    year,
    accrued = [],
    consumed = [],
    ...rest
  }: RecordOpeningBalance) {
    for (const { payee } of accrued) {
      if (payee !== anchor) await this.directory.needProvider(payee, 'accrued');
    }
    const given = {
      ...rest,
      accrued: accrued.map(({ payee, amount }) => ({ payee, amount })),
      consumed: consumed.map(({ pot, category, amount }) => ({ pot, category, amount })),
    };
    const named = { anchor, fund, year };
    const stream = budgetStream(anchor, fund, year);
    return this.funding.decide(meta, anchor, stream, (state, moment) =>
      recordOpeningBalance(state, named, given, moment),
    );
  }
}
