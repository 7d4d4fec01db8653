import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ReferralId, Slug } from '#kernel';
import { ViewsDatabase, reading } from '#projection';
import { referral } from '../projections/referral.js';

export interface FoundReferral {
  readonly referral: ReferralId;
  readonly anchor: Slug;
}

/** Enough to see that a beginning is not one referral's alone. */
const FOUND_MAX = 5;

/** The referrals whose id begins so: the first few. */
export class FindReferralQuery extends Query<readonly FoundReferral[]> {
  constructor(readonly beginning: string) {
    super();
  }
}

@QueryHandler(FindReferralQuery)
export class FindReferralHandler implements IQueryHandler<FindReferralQuery> {
  constructor(private readonly views: ViewsDatabase) {}

  async execute({ beginning }: FindReferralQuery) {
    const rows = await reading(this.views, referral, (query, table) =>
      query
        .selectFrom(table('referral'))
        .select(['referral', 'anchor'])
        .where('referral', '>=', beginning)
        // After every character that an id may have.
        .where('referral', '<', `${beginning}~`)
        .orderBy('referral')
        .limit(FOUND_MAX)
        .execute(),
    );
    return rows.map(({ referral: id, anchor }) => {
      return { referral: id as ReferralId, anchor: anchor as Slug };
    });
  }
}
