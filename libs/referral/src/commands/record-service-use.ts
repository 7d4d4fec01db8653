import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Day,
  GivenCommand,
  IdOf,
  Parts,
  SlugOf,
  Summary,
  Whole,
  type CivilDate,
  type ReferralId,
  type Slug,
} from '#kernel';
import { recordServiceUse } from '../domain/decide.js';
import { Referrals } from './referrals.js';

export class ServiceUse {
  @SlugOf('service use, as gp-visits or bed-days') of!: Slug;
  @Whole(0) count!: number;
}

@Summary('How often the person used other services between two days: GP, A&E, bed days.')
export class RecordServiceUse extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @SlugOf('source of the figures') source!: Slug;
  @Day('the first day counted') from!: CivilDate;
  @Day('the last day counted') to!: CivilDate;
  @Parts(() => ServiceUse) counts!: ServiceUse[];
}

@CommandHandler(RecordServiceUse)
export class RecordServiceUseHandler implements ICommandHandler<RecordServiceUse> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: RecordServiceUse) {
    const { source, from, to } = command;
    const counts = command.counts.map(({ of, count }) => ({ of, count }));
    return this.referrals.decide(command, (state, moment) =>
      recordServiceUse(state, { source, from, to }, { counts }, moment),
    );
  }
}
