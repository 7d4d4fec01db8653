import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Flag,
  GivenCommand,
  IdOf,
  OneOf,
  Optional,
  Part,
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

export class Override {
  @Text('why the person needs more than the tier is meant for') reason!: string;
}

@Summary('A conversation or a visit; the first one becomes the first contact by itself.')
export class RecordContact extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @OneOf(CONTACT_MODES) mode!: (typeof CONTACT_MODES)[number];
  @Whole(0, 'minutes; left out at the first contact: as long as the tier plans it')
  @Optional()
  minutes?: number;
  @SlugOf('place') @Optional() place?: Slug;
  @OneOf(WORKER_KINDS) @Optional() workerKind?: (typeof WORKER_KINDS)[number];
  @Flag() @Optional() accompanied?: boolean;
  @Part(() => Override) @Optional() override?: Override;
  @Text() @Optional() note?: string;
}

@CommandHandler(RecordContact)
export class RecordContactHandler implements ICommandHandler<RecordContact> {
  constructor(private readonly referrals: Referrals) {}

  execute(command: RecordContact) {
    const { mode, minutes, place, workerKind = 'link-worker', accompanied, note } = command;
    const { override } = command;
    const data = { mode, minutes, place, workerKind, accompanied, override };
    return this.referrals.decide(command, (state, moment) =>
      recordContact(state, data, { note }, this.referrals.schemeOf, moment),
    );
  }
}
