import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, SlugsOf, Summary, type ReferralId, type Slug } from '#kernel';
import { withdrawConsent } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary('What the person no longer agrees to; at any time, and nothing is erased by it.')
export class WithdrawConsent extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @SlugsOf('consent scope') scopes!: Slug[];
}

@CommandHandler(WithdrawConsent)
export class WithdrawConsentHandler implements ICommandHandler<WithdrawConsent> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: WithdrawConsent) {
    const { scopes } = command;
    return this.referrals.decide(command, (state, moment) =>
      withdrawConsent(state, { scopes }, moment),
    );
  }
}
