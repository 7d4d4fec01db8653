import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { CivilDate, EventId, ReferralId, Slug } from '#kernel';
import { ViewsDatabase, reading, unpackJson } from '#projection';
import { funnelOf, wayOf, type Funnel, type Way } from '../domain/funnel.js';
import type { Referral } from '../domain/state.js';
import { referral as projection } from '../projections/referral.js';
import { ReasonReader, type ReasonCounts } from './reasons.js';

/** The days between which the referrals counted were received, both included. */
export interface FunnelSpan {
  readonly from?: CivilDate | undefined;
  readonly to?: CivilDate | undefined;
}

export type FunnelCounted = Omit<Funnel, 'dropOuts'> & {
  readonly dropOuts: Funnel['dropOuts'] & { readonly reasons: ReasonCounts };
};

/**
 * Of the referrals received in a span of days, how many came how far by now: counts, each with what
 * it is counted out of. A person who was referred twice is counted twice.
 */
export class FunnelQuery extends Query<FunnelCounted> {
  constructor(
    /** Of every anchor unless given. */
    readonly anchor?: Slug,
    readonly span: FunnelSpan = {},
  ) {
    super();
  }
}

/** Rows held at once: a referral's state is a few kilobytes. */
const ROWS_MAX = 500;

@QueryHandler(FunnelQuery)
export class FunnelHandler implements IQueryHandler<FunnelQuery> {
  constructor(
    private readonly views: ViewsDatabase,
    private readonly reasons: ReasonReader,
  ) {}

  async execute(query: FunnelQuery): Promise<FunnelCounted> {
    const ways = await this.waysOf(query);
    const dropped = [...ways].flatMap(([referral, { dropOuts }]) =>
      dropOuts.length === 0 ? [] : [[referral, dropOuts.map(({ event }) => event)] as const],
    );
    const funnel = funnelOf([...ways.values()]);
    const reasons = await this.reasons.counts(new Map<ReferralId, EventId[]>(dropped));
    return { ...funnel, dropOuts: { ...funnel.dropOuts, reasons } };
  }

  private waysOf({ anchor, span }: FunnelQuery): Promise<Map<ReferralId, Way>> {
    return reading(this.views, projection, async (query, table) => {
      const ways = new Map<ReferralId, Way>();
      for (let last = '', full = true; full;) {
        let page = query
          .selectFrom(`${table('referral')} as r`)
          .innerJoin(`${table('caseload')} as c`, 'c.referral', 'r.referral')
          .select(['r.referral', 'r.state'])
          .where('r.referral', '>', last)
          .orderBy('r.referral')
          .limit(ROWS_MAX);
        if (anchor !== undefined) page = page.where('r.anchor', '=', anchor);
        if (span.from !== undefined) page = page.where('c.received', '>=', span.from);
        if (span.to !== undefined) page = page.where('c.received', '<=', span.to);
        const rows = await page.execute();
        for (const { referral, state } of rows) {
          ways.set(referral as ReferralId, wayOf(unpackJson(state) as Referral));
        }
        last = String(rows.at(-1)?.['referral']);
        full = rows.length === ROWS_MAX;
      }
      return ways;
    });
  }
}
