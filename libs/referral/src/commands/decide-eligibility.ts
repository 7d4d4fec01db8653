import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, Optional, Summary, Texts, Whole, type ReferralId } from '#kernel';
import { decideEligibility } from '../domain/decide.js';
import { AGE_MAX } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('Holds the person against each eligibility rule of the scheme; may be decided again.')
export class DecideEligibility extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @Texts('codes of the conditions the person has, none as an empty list; left out: not known')
  @Optional()
  conditions?: string[];
  @Whole(0, 'in years at the referral; left out: as the referral said it', AGE_MAX)
  @Optional()
  age?: number;
}

@CommandHandler(DecideEligibility)
export class DecideEligibilityHandler implements ICommandHandler<DecideEligibility> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: DecideEligibility) {
    const { conditions, age } = command;
    return this.referrals.decide(command, (state, moment) =>
      decideEligibility(state, { conditions, age }, this.referrals.schemeOf, moment),
    );
  }
}
