import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  GivenCommand,
  IdOf,
  Optional,
  SlugOf,
  Summary,
  Text,
  type ReferralId,
  type Slug,
} from '#kernel';
import { signpost } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary('The person was told of something and goes there on their own.')
export class Signpost extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @SlugOf('service') @Optional() service?: Slug;
  @SlugOf('provider') @Optional() provider?: Slug;
  @Text('a code of your own for what it was') @Optional() code?: string;
  @Text() @Optional() note?: string;
}

@CommandHandler(Signpost)
export class SignpostHandler implements ICommandHandler<Signpost> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: Signpost) {
    const { service, provider, code, note } = command;
    return this.referrals.decide(command, (state, moment) =>
      signpost(state, { service, provider }, { code, note }, moment),
    );
  }
}
