import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, OneOf, Whole, type ReferralId, Summary } from '#kernel';
import { attemptContact } from '../domain/decide.js';
import { CONTACT_MODES, CONTACT_OUTCOMES } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('Somebody tried and did not reach the person.')
export class RecordContactAttempt extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @OneOf(CONTACT_MODES) mode!: (typeof CONTACT_MODES)[number];
  @OneOf(CONTACT_OUTCOMES) outcome!: (typeof CONTACT_OUTCOMES)[number];
  @Whole(0, 'minutes') minutes!: number;
}

@CommandHandler(RecordContactAttempt)
export class RecordContactAttemptHandler implements ICommandHandler<RecordContactAttempt> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: RecordContactAttempt) {
    const { mode, outcome, minutes } = command;
    return this.referrals.decide(command, (state, moment) =>
      attemptContact(state, { mode, outcome, minutes }, moment),
    );
  }
}
