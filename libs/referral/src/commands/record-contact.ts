import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Flag,
  GivenCommand,
  IdOf,
  OneOf,
  Optional,
  SlugOf,
  Text,
  Whole,
  type ReferralId,
  type Slug,
  Summary,
} from '#kernel';
import { recordContact } from '../domain/decide.js';
import { CONTACT_MODES, WORKER_KINDS } from '../domain/words.js';
import { Referrals } from './referrals.js';

@Summary('A conversation or a visit; the first one becomes the first contact by itself.')
export class RecordContact extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @OneOf(CONTACT_MODES) mode!: (typeof CONTACT_MODES)[number];
  @Whole(0, 'minutes') minutes!: number;
  @SlugOf('place') @Optional() place?: Slug;
  @OneOf(WORKER_KINDS) @Optional() workerKind?: (typeof WORKER_KINDS)[number];
  @Flag() @Optional() accompanied?: boolean;
  @Text() @Optional() note?: string;
}

@CommandHandler(RecordContact)
export class RecordContactHandler implements ICommandHandler<RecordContact> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: RecordContact) {
    const { mode, minutes, place, workerKind = 'link-worker', accompanied, note } = command;
    const data = { mode, minutes, place, workerKind, accompanied };
    return this.referrals.decide(command, (state, moment) =>
      recordContact(state, data, { note }, this.referrals.schemeOf, moment),
    );
  }
}
