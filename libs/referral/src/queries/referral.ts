import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ReferralId } from '#kernel';
import { ViewsDatabase, reading, unpackJson } from '#projection';
import { queriesOf, type Referral, type ReferralStatus } from '../domain/state.js';
import { referral } from '../projections/referral.js';
import { IdentityReader } from './identity.js';

export interface ReferralView {
  readonly referral: ReferralId;
  readonly version: number;
  readonly status: ReferralStatus;
  readonly name: string | null;
  /** Sessions of which two registers say otherwise. */
  readonly queries: number;
  readonly state: Referral;
}

/** One referral as it stands; `null` where there is none. */
export class ReferralQuery extends Query<ReferralView | null> {
  constructor(readonly referral: ReferralId) {
    super();
  }
}

@QueryHandler(ReferralQuery)
export class ReferralHandler implements IQueryHandler<ReferralQuery> {
  constructor(
    private readonly views: ViewsDatabase,
    private readonly identities: IdentityReader,
  ) {}

  async execute({ referral: id }: ReferralQuery) {
    const row = await reading(this.views, referral, (query, table) =>
      query.selectFrom(table('referral')).selectAll().where('referral', '=', id).executeTakeFirst(),
    );
    if (row === undefined) return null;
    const state = unpackJson(row['state'] ?? null) as Referral;
    return {
      referral: id,
      version: Number(row['version']),
      status: row['status'] as ReferralStatus,
      name: await this.identities.nameOf(String(row['identity']), state),
      queries: state.prescriptions.flatMap(queriesOf).length,
      state,
    };
  }
}
