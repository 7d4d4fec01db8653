import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  GivenCommand,
  OneOf,
  Optional,
  PenceField,
  Sha256,
  SlugOf,
  SomeOf,
  Text,
  Whole,
  type Pence,
  type Slug,
  Summary,
} from '#kernel';
import { Directory } from '#directory';
import { RECOGNITIONS, type Recognition } from '#referral';
import { receiveFund } from '../domain/decide.js';
import { PURPOSES, type Purpose } from '../domain/events.js';
import { fundStream } from '../domain/streams.js';
import { Funding } from './funding.js';

@Summary(
  'Money arrives from a funder, for purposes. `restricted` money is income when it arrives, `performance-related` when it is earned, `agent` money never: it is only passed on.',
)
export class ReceiveFund extends GivenCommand {
  @SlugOf('anchor') anchor!: Slug;
  @SlugOf('fund') fund!: Slug;
  @SlugOf('funder') funder!: Slug;
  @PenceField() amount!: Pence;
  @OneOf(RECOGNITIONS) @Optional() recognition?: Recognition;
  @Text('the purpose in the words of the funder') @Optional() restriction?: string;
  @SomeOf(PURPOSES) @Optional() purposes?: Purpose[];
  @Whole(1) @Optional() instalment?: number;
  @Sha256() @Optional() document?: string;
}

@CommandHandler(ReceiveFund)
export class ReceiveFundHandler implements ICommandHandler<ReceiveFund> {
  constructor(
    private readonly funding: Funding,
    private readonly directory: Directory,
  ) {}

  async execute({ meta, anchor, ...given }: ReceiveFund) {
    await this.directory.needAnchor(anchor);
    const { recognition = 'restricted', purposes = [...PURPOSES], fund } = given;
    const data = { ...given, recognition, purposes };
    return this.funding.decide(meta, anchor, fundStream(anchor, fund), (state, moment) =>
      receiveFund(state, anchor, data, moment),
    );
  }
}
