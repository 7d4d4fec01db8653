import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Optional, Sha256, SlugOf, Summary, type Slug } from '#kernel';
import { evidenceMilestone } from '../domain/decide.js';
import { budgetStream } from '../domain/streams.js';
import { OnBudget } from './budget-fields.js';
import { Funding } from './funding.js';

@Summary('A milestone of an award is reached: what was set aside for it is owed, once.')
export class EvidenceMilestone extends OnBudget {
  @SlugOf('award') award!: Slug;
  @SlugOf('milestone') milestone!: Slug;
  @Sha256() @Optional() document?: string;
}

@CommandHandler(EvidenceMilestone)
export class EvidenceMilestoneHandler implements ICommandHandler<EvidenceMilestone> {
  constructor(private readonly funding: Funding) {}

  execute({ meta, anchor, fund, year, ...given }: EvidenceMilestone) {
    const named = { anchor, fund, year };
    const stream = budgetStream(anchor, fund, year);
    return this.funding.decide(meta, anchor, stream, (state, moment) =>
      evidenceMilestone(state, named, given, moment),
    );
  }
}
