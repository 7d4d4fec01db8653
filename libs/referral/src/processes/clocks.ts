import {
  CommandRefused,
  dayOf,
  deriveId,
  type Instant,
  type Moment,
  type PrescriptionId,
} from '#kernel';
import type { ViewsDatabase } from '#projection';
import type { Referrals } from '../commands/referrals.js';
import { closeQuiet, lapseOutcome, lapsePlace } from '../domain/decide.js';
import type { Decided } from '../domain/rules.js';
import type { ReferralState } from '../domain/state.js';
import { timersOf, type Timer } from '../queries/timers.js';

const PROCESS = 'clocks';

/** What became of something that was due. */
export interface Fired extends Timer {
  /**
   * `known`: another run was first (of two at the same instant both may say `recorded`: it is
   * written once). `not-due`: the referral says that it does not apply any more.
   */
  readonly came: 'recorded' | 'known' | 'not-due';
  /** Why it was not due any more. */
  readonly because?: string;
}

/**
 * Gives the commands that fall due by themselves. The timers are a read model; whether one still
 * applies is decided by the referral, on its own facts. The command's id follows from what is due
 * and on which day, so it is written once, however often and by however many this is run; what it
 * records happened on the day it fell due, however late this is run.
 */
export class Clocks {
  constructor(
    private readonly views: ViewsDatabase,
    private readonly referrals: Referrals,
    private readonly catchUp: () => Promise<void>,
  ) {}

  /**
   * `now`: every day before its own is over. What lapses may let something else fall due, or put it
   * off: of each referral the earliest comes first, and then the read models are asked again, so
   * that after a year switched off it comes to the same as day by day.
   */
  async run(now: Instant): Promise<Fired[]> {
    const fired = new Map<string, Fired>();
    for (;;) {
      await this.catchUp();
      const due = await timersOf(this.views, this.referrals.schemes, dayOf(now));
      const next = earliestOfEach(due.filter((timer) => !fired.has(nameOf(timer))));
      if (next.length === 0) return [...fired.values()];
      for (const timer of next) fired.set(nameOf(timer), await this.fire(timer, now));
    }
  }

  private async fire(timer: Timer, recordedAt: Instant): Promise<Fired> {
    const { referral, lastDay, anchor } = timer;
    const name = nameOf(timer);
    const meta = {
      commandId: deriveId<'command'>('clock', name),
      correlationId: deriveId<'correlation'>('clock', name),
      actor: { id: PROCESS, role: 'system', organisation: anchor } as const,
      occurredOn: lastDay,
      recordedAt,
      canonical: JSON.stringify({ clock: name }),
    };
    try {
      const { unchanged } = await this.referrals.decide({ meta, referral }, (state, moment) =>
        this.decide(timer, state, moment),
      );
      return { ...timer, came: unchanged ? 'known' : 'recorded' };
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error;
      return { ...timer, came: 'not-due', because: error.message };
    }
  }

  private decide({ what, ...of }: Timer, state: ReferralState, moment: Moment): Decided {
    if (what === 'quiet') return closeQuiet(state, this.referrals.schemeOf, moment);
    const { component } = of;
    const prescription = of.prescription as PrescriptionId; // Only what is quiet has none.
    if (what === 'place') return lapsePlace(state, { prescription }, moment);
    return lapseOutcome(state, { prescription, ...(component && { component }) }, moment);
  }
}

const nameOf = ({ referral, what, prescription, component, lastDay }: Timer) =>
  [referral, what, prescription ?? '', component ?? '', lastDay].join(' ');

/** Given the earliest first. */
function earliestOfEach(timers: readonly Timer[]): Timer[] {
  const seen = new Set<string>();
  return timers.filter(({ referral }) => !seen.has(referral) && seen.add(referral));
}
