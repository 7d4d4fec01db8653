import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, IdOf, SlugOf, type ReferralId, type Slug, Summary } from '#kernel';
import { Directory } from '#directory';
import { assignLinkWorker } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary('Who supports the person from now on; another one later is a reassignment.')
export class AssignLinkWorker extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @SlugOf('link worker') linkWorker!: Slug;
}

@CommandHandler(AssignLinkWorker)
export class AssignLinkWorkerHandler implements ICommandHandler<AssignLinkWorker> {
  constructor(
    private readonly referrals: Referrals,
    private readonly directory: Directory,
  ) {}

  async execute(command: AssignLinkWorker) {
    const { linkWorker } = command;
    const { employer } = await this.directory.needLinkWorker(linkWorker);
    return this.referrals.decide(command, (state, moment) =>
      assignLinkWorker(state, { linkWorker, employer }, moment),
    );
  }
}
