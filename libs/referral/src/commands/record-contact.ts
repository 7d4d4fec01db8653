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
  momentOf,
  type Moment,
  type ReferralId,
  type Slug,
  Summary,
} from '#kernel';
import { capsScheme, promptOf, type Prompt } from '../domain/caps.js';
import { recordContact } from '../domain/decide.js';
import { CONTACT_MODES, WORKER_KINDS } from '../domain/words.js';
import { Referrals, type ReferralAnswer } from './referrals.js';

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

  async execute(command: RecordContact) {
    const { mode, minutes, place, workerKind = 'link-worker', accompanied, note } = command;
    const { override } = command;
    const data = { mode, minutes, place, workerKind, accompanied, override };
    const answer = await this.referrals.decide(command, (state, moment) =>
      recordContact(state, data, { note }, this.referrals.schemeOf, moment),
    );
    const prompt = this.promptAfter(answer, momentOf(command.meta));
    return prompt === null ? answer : { ...answer, notes: [promptText(prompt)] };
  }

  private promptAfter({ state, unchanged }: ReferralAnswer, moment: Moment): Prompt | null {
    if (state === null || unchanged) return null;
    return promptOf(state, capsScheme(state, this.referrals.schemeOf, moment));
  }
}

function promptText({ contacts, cap }: Prompt): string {
  const of = cap === undefined ? '' : ` of ${cap}`;
  return `Contacts so far: ${contacts}${of}. It is time to look at other ways to support the person.`;
}
