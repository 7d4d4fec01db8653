import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, SlugsOf, type ReferralId, type Slug, Summary } from '#kernel';
import { recordConsent } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary('What the person agreed to.')
export class RecordConsent extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @SlugsOf('consent scope') scopes!: Slug[];
}

@CommandHandler(RecordConsent)
export class RecordConsentHandler implements ICommandHandler<RecordConsent> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: RecordConsent) {
    const { scopes } = command;
    return this.referrals.decide(command, (state, moment) =>
      recordConsent(state, { scopes }, moment),
    );
  }
}
