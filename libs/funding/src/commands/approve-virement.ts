import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  OneOf,
  Optional,
  PenceField,
  Sha256,
  SlugOf,
  Summary,
  type Pence,
  type Slug,
} from '#kernel';
import { approveVirement } from '../domain/decide.js';
import { VIREMENT_AUTHORITIES } from '../domain/events.js';
import { budgetStream } from '../domain/streams.js';
import { OnBudget } from './budget-fields.js';
import { Funding } from './funding.js';

@Summary(
  "Free money crosses from one pot to another. Out of one purpose into another it needs the funder's consent (`funder-consent`) and the SHA-256 of its document.",
)
export class ApproveVirement extends OnBudget {
  @SlugOf('pot it leaves') from!: Slug;
  @SlugOf('pot it goes to') to!: Slug;
  @PenceField() amount!: Pence;
  @OneOf(VIREMENT_AUTHORITIES) authority!: (typeof VIREMENT_AUTHORITIES)[number];
  @Sha256() @Optional() document?: string;
  @SlugOf('one who approved it') approvedBy!: Slug;
}

@CommandHandler(ApproveVirement)
export class ApproveVirementHandler implements ICommandHandler<ApproveVirement> {
  constructor(private readonly funding: Funding) {}

  execute({ meta, anchor, fund, year, ...given }: ApproveVirement) {
    const named = { anchor, fund, year };
    const stream = budgetStream(anchor, fund, year);
    return this.funding.decide(meta, anchor, stream, (state, moment) =>
      approveVirement(state, named, given, moment),
    );
  }
}
