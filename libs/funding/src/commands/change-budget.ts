import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  OneOf,
  Optional,
  Parts,
  Sha256,
  SignedPenceField,
  SlugOf,
  Summary,
  Text,
  type Pence,
  type Slug,
} from '#kernel';
import { changeBudget } from '../domain/decide.js';
import { PURPOSES, type Purpose } from '../domain/events.js';
import { budgetStream, fundStream } from '../domain/streams.js';
import { OnBudget } from './budget-fields.js';
import { Funding } from './funding.js';

export class PotChange {
  @SlugOf('pot; one that is not there yet is made') pot!: Slug;
  /** Of a new pot: as its name says unless given. */
  @OneOf(PURPOSES) @Optional() purpose?: Purpose;
  @SignedPenceField('whole pence put in, or with a minus taken out of what is free') amount!: Pence;
}

@Summary(
  'More money is put into the pots of a budget, or taken out of what is free in them; a new pot may be made for a purpose of its fund.',
)
export class ChangeBudget extends OnBudget {
  @Parts(() => PotChange) changes!: PotChange[];
  @Text('why') @Optional() because?: string;
  @Sha256() @Optional() document?: string;
  @SlugOf('one who approved it') @Optional() approvedBy?: Slug;
}

@CommandHandler(ChangeBudget)
export class ChangeBudgetHandler implements ICommandHandler<ChangeBudget> {
  constructor(private readonly funding: Funding) {}

  async execute({ meta, anchor, fund, year, ...given }: ChangeBudget) {
    const { state: received } = await this.funding.load(fundStream(anchor, fund));
    const named = { anchor, fund, year };
    const stream = budgetStream(anchor, fund, year);
    return this.funding.decide(meta, anchor, stream, (state, moment) =>
      changeBudget(state, received, named, given, moment),
    );
  }
}
