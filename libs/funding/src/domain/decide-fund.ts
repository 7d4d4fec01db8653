import { refuse, type Moment, type Slug } from '#kernel';
import { ownBooks, type Data, type Decided } from './rules.js';
import type { FundingState } from './state.js';

export function receiveFund(
  state: FundingState,
  anchor: Slug,
  data: Data<'FundReceived'>,
  moment: Moment,
): Decided {
  const stranger = ownBooks(anchor, moment);
  if (stranger !== null) return stranger;
  if (state?.kind === 'fund') {
    for (const field of ['funder', 'recognition'] as const) {
      if (state[field] !== data[field]) {
        return refuse(
          'other-fund',
          `Fund ${data.fund} has ${field} ${state[field]}: another ${field} is another fund.`,
          { field },
        );
      }
    }
  }
  return [{ type: 'FundReceived', data }];
}
