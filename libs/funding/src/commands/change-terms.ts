import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Day, Optional, Sha256, SlugOf, Summary, type CivilDate, type Slug } from '#kernel';
import { changeTerms } from '../domain/decide.js';
import { agreementStream } from '../domain/streams.js';
import { Funding } from './funding.js';
import { WithTerms, termsOf } from './priced-terms.js';

@Summary(
  'New terms of an agreement from a day on. Where it prices at delivery they also reach the sessions still to come of what is prescribed already, and only amounts, fees and limits may change.',
)
export class ChangeTerms extends WithTerms {
  @SlugOf('agreement') agreement!: Slug;
  @SlugOf('anchor') payer!: Slug;
  @Day('the first day of the new terms: past or to come, after the agreement began')
  from!: CivilDate;
  @SlugOf('signatory') @Optional() signedBy?: Slug;
  @Sha256() @Optional() document?: string;
}

@CommandHandler(ChangeTerms)
export class ChangeTermsHandler implements ICommandHandler<ChangeTerms> {
  constructor(private readonly funding: Funding) {}

  async execute({ meta, components, price, priceBasis, ...given }: ChangeTerms) {
    const { payer, agreement } = given;
    const data = { ...given, terms: termsOf({ components, price, priceBasis }) };
    return this.funding.decide(meta, payer, agreementStream(payer, agreement), (state, moment) =>
      changeTerms(state, data, moment),
    );
  }
}
