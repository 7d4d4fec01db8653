import type { PrescriptionId, ReferralId } from '#kernel';
import { reading, type ViewsDatabase } from '#projection';
import type { Referrals } from '#referral';
import { followers } from '../projections/followers.js';

/**
 * Gives later terms to the live prescriptions that follow them. What it must do it reads from the
 * followers; what it may do each referral decides for itself.
 */
export class Repricing {
  constructor(
    private readonly views: ViewsDatabase,
    private readonly referrals: Referrals,
  ) {}

  /**
   * To be run when the followers have caught up with the log; answers how many it gave. Of two that
   * run at once both may count what was in fact written once.
   */
  async run(): Promise<number> {
    const behind = await reading(this.views, followers, (query, table) =>
      query
        .selectFrom(`${table('follower')} as f`)
        .innerJoin(`${table('terms')} as t`, (join) =>
          join.onRef('t.anchor', '=', 'f.anchor').onRef('t.agreement', '=', 'f.agreement'),
        )
        .select(['f.referral', 'f.prescription'])
        .whereRef('f.version', '<', 't.version')
        .orderBy('f.referral')
        .orderBy('f.prescription')
        .execute(),
    );
    let given = 0;
    for (const { referral, prescription } of behind) {
      // The projection wrote them from facts that carry these ids.
      given += await this.referrals.followTerms(
        referral as ReferralId,
        prescription as PrescriptionId,
      );
    }
    return given;
  }
}
