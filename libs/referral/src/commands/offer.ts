import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  GivenCommand,
  IdOf,
  OneOf,
  Optional,
  SlugOf,
  deriveId,
  type OfferId,
  type ReferralId,
  type Slug,
  Summary,
} from '#kernel';
import { Directory } from '#directory';
import { offer } from '../domain/decide.js';
import { SUPPORT_LEVELS } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('A service is put to the person, who may refuse it.')
export class Offer extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('offer') @Optional() offer?: OfferId;
  @SlugOf('service') service!: Slug;
  @SlugOf('provider') provider!: Slug;
  @OneOf(SUPPORT_LEVELS) @Optional() levelOfSupport?: (typeof SUPPORT_LEVELS)[number];
}

@CommandHandler(Offer)
export class OfferHandler implements ICommandHandler<Offer> {
  constructor(
    private readonly referrals: Referrals,
    private readonly directory: Directory,
  ) {}

  async execute(command: Offer) {
    const { meta, provider, service, levelOfSupport = 'supported-intervention' } = command;
    const id = command.offer ?? deriveId<'offer'>('offer', meta.commandId);
    await this.directory.needService(provider, service);
    return this.referrals.decide(command, (state, moment) =>
      offer(state, { offer: id, service, provider, levelOfSupport }, moment),
    );
  }
}
