import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ReferralId } from '#kernel';
import { ViewsDatabase, reading, unpackJson } from '#projection';
import { Referrals } from '../commands/referrals.js';
import { queriesOf, statusOf, type Referral, type ReferralStatus } from '../domain/state.js';
import type { SealedIdentities } from '../projections/identity.js';
import { referral } from '../projections/referral.js';
import { IdentityReader } from './identity.js';
import { knownOf, type KnownBy } from './known.js';

export interface ReferralView {
  readonly referral: ReferralId;
  readonly version: number;
  readonly status: ReferralStatus;
  readonly name: string | null;
  /** Sessions of which two registers say otherwise. */
  readonly queries: number;
  readonly state: Referral;
}

/** One referral as it stands, or as it was known; `null` where there is none. */
export class ReferralQuery extends Query<ReferralView | null> {
  constructor(
    readonly referral: ReferralId,
    readonly knownBy?: KnownBy,
  ) {
    super();
  }
}

@QueryHandler(ReferralQuery)
export class ReferralHandler implements IQueryHandler<ReferralQuery> {
  constructor(
    private readonly views: ViewsDatabase,
    private readonly identities: IdentityReader,
    private readonly referrals: Referrals,
  ) {}

  async execute({ referral: id, knownBy }: ReferralQuery) {
    const found = knownBy === undefined ? await this.standing(id) : await this.known(id, knownBy);
    if (found === null) return null;
    const { version, identity, state } = found;
    return {
      referral: id,
      version,
      status: statusOf(state),
      name: await this.identities.nameOf(identity, state),
      queries: state.prescriptions.flatMap(queriesOf).length,
      state,
    };
  }

  private async standing(id: ReferralId) {
    const row = await reading(this.views, referral, (query, table) =>
      query.selectFrom(table('referral')).selectAll().where('referral', '=', id).executeTakeFirst(),
    );
    if (row === undefined) return null;
    const state = unpackJson(row['state']) as Referral;
    const identity = unpackJson(row['identity']) as SealedIdentities;
    return { version: Number(row['version']), identity, state };
  }

  private async known(id: ReferralId, knownBy: KnownBy) {
    const { facts } = await this.referrals.load(id);
    const anchor = facts[0]?.metadata.anchor;
    const known = anchor === undefined ? null : knownOf(facts, await knownBy(anchor));
    return known && { ...known, version: known.latest.version };
  }
}
