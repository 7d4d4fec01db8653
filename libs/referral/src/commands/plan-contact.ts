import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Day,
  GivenCommand,
  IdOf,
  OneOf,
  Optional,
  SlugOf,
  type CivilDate,
  type ReferralId,
  type Slug,
  Summary,
} from '#kernel';
import { planContact } from '../domain/decide.js';
import { CONTACT_MODES } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('The next appointment; a later one replaces it.')
export class PlanContact extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @Day() on!: CivilDate;
  @OneOf(CONTACT_MODES) mode!: (typeof CONTACT_MODES)[number];
  @SlugOf('link worker') @Optional() with?: Slug;
}

@CommandHandler(PlanContact)
export class PlanContactHandler implements ICommandHandler<PlanContact> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: PlanContact) {
    const { on, mode } = command;
    return this.referrals.decide(command, (state, moment) =>
      planContact(state, { on, mode, with: command.with }, moment),
    );
  }
}
