import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Optional, PenceField, Sha256, SlugOf, Summary, type Pence, type Slug } from '#kernel';
import { recallFunds } from '../domain/decide.js';
import { budgetStream } from '../domain/streams.js';
import { OnBudget } from './budget-fields.js';
import { Funding } from './funding.js';

@Summary('The funder takes back what is free in a pot: from then on it is owed to them.')
export class RecallFunds extends OnBudget {
  @SlugOf('pot') pot!: Slug;
  @PenceField() amount!: Pence;
  @Sha256() @Optional() document?: string;
}

@CommandHandler(RecallFunds)
export class RecallFundsHandler implements ICommandHandler<RecallFunds> {
  constructor(private readonly funding: Funding) {}

  execute({ meta, anchor, fund, year, ...given }: RecallFunds) {
    const named = { anchor, fund, year };
    const stream = budgetStream(anchor, fund, year);
    return this.funding.decide(meta, anchor, stream, (state, moment) =>
      recallFunds(state, named, given, moment),
    );
  }
}
