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
import { changeTier } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary('How intensive the support is from now on, up or down, any number of times.')
export class ChangeTier extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @SlugOf('tier of the scheme') tier!: Slug;
  @Text() @Optional() reason?: string;
}

@CommandHandler(ChangeTier)
export class ChangeTierHandler implements ICommandHandler<ChangeTier> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: ChangeTier) {
    const { tier, reason } = command;
    return this.referrals.decide(command, (state, moment) =>
      changeTier(state, { to: tier }, { reason }, this.referrals.schemeOf, moment),
    );
  }
}
