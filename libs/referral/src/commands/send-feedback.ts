import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  EventOrCommandIds,
  GivenCommand,
  IdOf,
  Optional,
  SlugOf,
  Summary,
  type CommandId,
  type EventId,
  type ReferralId,
  type Slug,
} from '#kernel';
import { sendFeedback, toldByName, untold } from '../domain/decide.js';
import { Referrals } from './referrals.js';

@Summary(
  'The referrer was told what became of the person: what is named, or everything since the last feedback; never refusals and concerns.',
)
export class SendFeedback extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @SlugOf('organisation; left out: the referrer') @Optional() to?: Slug;
  @EventOrCommandIds(
    'the facts it tells of, by their events or by the commands that recorded them; left out: all that no feedback told yet',
  )
  @Optional()
  covers?: (EventId | CommandId)[];
}

@CommandHandler(SendFeedback)
export class SendFeedbackHandler implements ICommandHandler<SendFeedback> {
  constructor(private readonly referrals: Referrals) {}

  async execute(command: SendFeedback) {
    const { referral, to } = command;
    // What is recorded in between is left for the next feedback, not lost.
    const { facts } = await this.referrals.load(referral);
    const covers = command.covers === undefined ? untold(facts) : toldByName(facts, command.covers);
    return this.referrals.decide(command, (state, moment) =>
      sendFeedback(state, { to, covers }, moment),
    );
  }
}
