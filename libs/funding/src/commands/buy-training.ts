import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Optional,
  PenceField,
  Sha256,
  SlugOf,
  Summary,
  Text,
  type Pence,
  type Slug,
} from '#kernel';
import { Directory } from '#directory';
import { buyTraining } from '../domain/decide.js';
import { budgetStream } from '../domain/streams.js';
import { OnBudget } from './budget-fields.js';
import { Funding } from './funding.js';

@Summary('Training is bought and delivered: it is spent from a training pot and owed.')
export class BuyTraining extends OnBudget {
  @SlugOf('pot; its purpose is training') pot!: Slug;
  @SlugOf('provider, or the anchor itself') payee!: Slug;
  @PenceField() amount!: Pence;
  @Text('what was bought; about no person') @Optional() what?: string;
  @Sha256() @Optional() document?: string;
}

@CommandHandler(BuyTraining)
export class BuyTrainingHandler implements ICommandHandler<BuyTraining> {
  constructor(
    private readonly funding: Funding,
    private readonly directory: Directory,
  ) {}

  async execute({ meta, anchor, fund, year, ...given }: BuyTraining) {
    if (given.payee !== anchor) await this.directory.needProvider(given.payee, 'payee');
    const named = { anchor, fund, year };
    const stream = budgetStream(anchor, fund, year);
    return this.funding.decide(meta, anchor, stream, (state, moment) =>
      buyTraining(state, named, given, moment),
    );
  }
}
