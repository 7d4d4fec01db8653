import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { GivenCommand, MonthField, SlugOf, Summary, type Month, type Slug } from '#kernel';
import { Directory } from '#directory';
import { Closing } from './closing.js';

@Summary(
  "A month of an anchor's books is closed: what the books carry up to its last day is signed and never changes again; what is learned of it later is posted to an open month. Months close in order, and only once they are over.",
)
export class ClosePeriod extends GivenCommand {
  @SlugOf('anchor') anchor!: Slug;
  @MonthField('the month to close, as 2026-05') month!: Month;
}

@CommandHandler(ClosePeriod)
export class ClosePeriodHandler implements ICommandHandler<ClosePeriod> {
  constructor(
    private readonly closing: Closing,
    private readonly directory: Directory,
  ) {}

  async execute({ meta, anchor, month }: ClosePeriod) {
    await this.directory.needAnchor(anchor);
    return this.closing.close(meta, anchor, month);
  }
}
