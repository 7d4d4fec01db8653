import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Day,
  Optional,
  Sha256,
  SlugOf,
  SlugsOf,
  Summary,
  type CivilDate,
  type Slug,
} from '#kernel';
import { Directory } from '#directory';
import { signAgreement } from '../domain/decide.js';
import { agreementStream } from '../domain/streams.js';
import { Funding } from './funding.js';
import { WithTerms, termsOf } from './priced-terms.js';

@Summary('Dated terms between an anchor and a provider; each prescription takes its own copy.')
export class SignAgreement extends WithTerms {
  @SlugOf('agreement') agreement!: Slug;
  @SlugOf('anchor') payer!: Slug;
  @SlugOf('provider') payee!: Slug;
  @SlugsOf('service') services!: Slug[];
  @Day('the day it happened unless given') @Optional() from?: CivilDate;
  @Day() @Optional() until?: CivilDate;
  @SlugOf('signatory') @Optional() signedBy?: Slug;
  @Sha256() @Optional() document?: string;
}

@CommandHandler(SignAgreement)
export class SignAgreementHandler implements ICommandHandler<SignAgreement> {
  constructor(
    private readonly funding: Funding,
    private readonly directory: Directory,
  ) {}

  async execute({ meta, from = meta.occurredOn, ...given }: SignAgreement) {
    const { components, price, priceBasis, ...rest } = given;
    const { payer, payee, agreement, services } = rest;
    await this.directory.needAnchor(payer);
    await this.directory.needProvider(payee, 'payee');
    for (const service of services) await this.directory.needService(payee, service);
    const terms = termsOf({ components, price, priceBasis });
    const data = { ...rest, from, version: 1, terms };
    return this.funding.decide(meta, payer, agreementStream(payer, agreement), (state, moment) =>
      signAgreement(state, data, moment),
    );
  }
}
