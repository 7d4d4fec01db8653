import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, OneOf, Optional, Summary, Text, type ReferralId } from '#kernel';
import { setLevelOfSupport } from '../domain/decide.js';
import { SUPPORT_LEVELS } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('How much help the person wants with what is prescribed.')
export class SetLevelOfSupport extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @OneOf(SUPPORT_LEVELS) level!: (typeof SUPPORT_LEVELS)[number];
  @Text() @Optional() reason?: string;
}

@CommandHandler(SetLevelOfSupport)
export class SetLevelOfSupportHandler implements ICommandHandler<SetLevelOfSupport> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: SetLevelOfSupport) {
    const { level, reason } = command;
    return this.referrals.decide(command, (state, moment) =>
      setLevelOfSupport(state, { to: level }, { reason }, moment),
    );
  }
}
