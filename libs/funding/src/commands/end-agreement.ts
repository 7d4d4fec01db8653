import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Day, GivenCommand, SlugOf, Summary, type CivilDate, type Slug } from '#kernel';
import { endAgreement } from '../domain/decide.js';
import { agreementStream } from '../domain/streams.js';
import { Funding } from './funding.js';

@Summary('After a last day nothing is prescribed under the agreement; what is live goes on.')
export class EndAgreement extends GivenCommand {
  @SlugOf('agreement') agreement!: Slug;
  @SlugOf('anchor') payer!: Slug;
  @Day('the last day on which anything is prescribed under it') until!: CivilDate;
}

@CommandHandler(EndAgreement)
export class EndAgreementHandler implements ICommandHandler<EndAgreement> {
  constructor(private readonly funding: Funding) {}

  execute({ meta, ...given }: EndAgreement) {
    const { payer, agreement } = given;
    return this.funding.decide(meta, payer, agreementStream(payer, agreement), (state, moment) =>
      endAgreement(state, given, moment),
    );
  }
}
