import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  EventOrCommandId,
  GivenCommand,
  IdOf,
  Optional,
  Summary,
  type CommandId,
  type EventId,
  type ReferralId,
} from '#kernel';
import { acknowledgeFeedback } from '../domain/decide.js';
import { FEEDBACK, namedAmong } from '../domain/named.js';
import { Referrals } from './referrals.js';

@Summary('The referrer heard: left out which, of the newest feedback not acknowledged yet.')
export class AcknowledgeFeedback extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @EventOrCommandId() @Optional() feedback?: EventId | CommandId;
}

@CommandHandler(AcknowledgeFeedback)
export class AcknowledgeFeedbackHandler implements ICommandHandler<AcknowledgeFeedback> {
  constructor(private readonly referrals: Referrals) {}

  async execute(command: AcknowledgeFeedback) {
    const { referral, feedback } = command;
    const { facts } = await this.referrals.load(referral);
    const named = feedback && namedAmong(facts, FEEDBACK, feedback);
    return this.referrals.decide(command, (state, moment) =>
      acknowledgeFeedback(state, named, moment),
    );
  }
}
