import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  Day,
  GivenCommand,
  OneOf,
  Optional,
  Parts,
  PenceField,
  SlugOf,
  Year,
  addDays,
  addMonths,
  type CivilDate,
  type Pence,
  type Slug,
  Summary,
} from '#kernel';
import { openBudget, purposeOf } from '../domain/decide.js';
import { PURPOSES, type Purpose } from '../domain/events.js';
import { budgetStream, fundStream } from '../domain/streams.js';
import { Funding } from './funding.js';

/** Where a budget does not say otherwise it runs from this day of its year, for twelve months. */
export const YEAR_STARTS_ON = '04-01';

export class PotAllocation {
  @SlugOf('pot') pot!: Slug;
  @OneOf(PURPOSES) @Optional() purpose?: Purpose;
  @PenceField() amount!: Pence;
}

@Summary("A fund's money for one year is put into pots; a pot pays only for its own purpose.")
export class OpenBudget extends GivenCommand {
  @SlugOf('anchor') anchor!: Slug;
  @SlugOf('fund') fund!: Slug;
  @Year() year!: number;
  @Day('1 April of the year unless given') @Optional() from?: CivilDate;
  @Day('twelve months after `from` unless given') @Optional() to?: CivilDate;
  @Parts(() => PotAllocation) pots!: PotAllocation[];
}

@CommandHandler(OpenBudget)
export class OpenBudgetHandler implements ICommandHandler<OpenBudget> {
  constructor(private readonly funding: Funding) {}

  async execute({ meta, anchor, fund, year, pots, ...given }: OpenBudget) {
    const from = given.from ?? (`${year}-${YEAR_STARTS_ON}` as CivilDate);
    const to = given.to ?? addDays(addMonths(from, 12), -1);
    const data = {
      ...{ fund, year, from, to },
      pots: pots.map(({ pot, purpose = purposeOf(pot), amount }) => ({ pot, purpose, amount })),
    };
    const { state: received } = await this.funding.load(fundStream(anchor, fund));
    const stream = budgetStream(anchor, fund, year);
    return this.funding.decide(meta, anchor, stream, (state, moment) =>
      openBudget(state, received, anchor, data, moment),
    );
  }
}
