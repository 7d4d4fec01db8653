import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Optional,
  Parts,
  PenceField,
  Sha256,
  SlugOf,
  Summary,
  type Pence,
  type Slug,
} from '#kernel';
import { Directory } from '#directory';
import { awardCapacity } from '../domain/decide.js';
import { budgetStream } from '../domain/streams.js';
import { OnBudget } from './budget-fields.js';
import { Funding } from './funding.js';

export class AwardedMilestone {
  @SlugOf('milestone') milestone!: Slug;
  @PenceField() amount!: Pence;
}

@Summary(
  'Money of a capacity pot is set aside for an organisation, milestone by milestone; each is owed once it is evidenced.',
)
export class AwardCapacity extends OnBudget {
  @SlugOf('pot; its purpose is capacity') pot!: Slug;
  @SlugOf('award') award!: Slug;
  @SlugOf('provider, or the anchor itself') payee!: Slug;
  @Parts(() => AwardedMilestone) milestones!: AwardedMilestone[];
  @Sha256() @Optional() document?: string;
}

@CommandHandler(AwardCapacity)
export class AwardCapacityHandler implements ICommandHandler<AwardCapacity> {
  constructor(
    private readonly funding: Funding,
    private readonly directory: Directory,
  ) {}

  async execute({ meta, anchor, fund, year, ...given }: AwardCapacity) {
    if (given.payee !== anchor) await this.directory.needProvider(given.payee, 'payee');
    const milestones = given.milestones.map(({ milestone, amount }) => ({ milestone, amount }));
    const named = { anchor, fund, year };
    const stream = budgetStream(anchor, fund, year);
    return this.funding.decide(meta, anchor, stream, (state, moment) =>
      awardCapacity(state, named, { ...given, milestones }, moment),
    );
  }
}
