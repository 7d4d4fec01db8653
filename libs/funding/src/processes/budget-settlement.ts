import {
  deriveId,
  type CivilDate,
  type CommandMeta,
  type EventId,
  type Id,
  type Instant,
  type PrescriptionId,
  type ReferralId,
  type Slug,
} from '#kernel';
import { Timers, reading, type StoredRow, type ViewsDatabase } from '#projection';
import { abandonPrescription, type ReferralFact, type Referrals } from '#referral';
import type { Funding } from '../commands/funding.js';
import { effectsAfter, reservationsOf, type Move } from '../domain/guard.js';
import { ledger } from '../projections/ledger.js';

/** How long a reservation may wait for its prescription, from when this process manager saw it. */
export const RESERVATION_WAIT_MS = 60_000;
const PROCESS = 'budget-settlement';

/** Of two that run at once both may count what was in fact written once. */
export interface Settled {
  /** Moves that a crash had left untold, and that this run told. */
  readonly told: number;
  /** Reservations that this run gave back: nothing followed, or another command was first. */
  readonly abandoned: number;
  /** Reservations that may still be followed by their prescription. */
  readonly waiting: number;
}

/**
 * Appends what a crash left out between two streams. What it must do it reads from the guard table;
 * what it may do is decided by the streams themselves.
 */
export class BudgetSettlement {
  private readonly timers: Timers;

  constructor(
    private readonly views: ViewsDatabase,
    private readonly funding: Funding,
    private readonly referrals: Referrals,
    private readonly now: () => Instant,
  ) {
    this.timers = new Timers(views, PROCESS, now);
  }

  /** To be run when the ledger has caught up with the log. */
  async run(): Promise<Settled> {
    const items = await reading(this.views, ledger, (query, table) =>
      query.selectFrom(table('guard')).selectAll().orderBy('item').execute(),
    );
    const settled = { told: 0, abandoned: 0, waiting: 0 };
    const waiting = new Set<string>();
    for (const item of items) {
      if (item['kind'] === 'move') {
        if (await this.tell(item)) settled.told += 1;
      } else if (await this.timers.isDue(String(item['item']), RESERVATION_WAIT_MS)) {
        if (await this.giveBack(item)) settled.abandoned += 1;
      } else {
        waiting.add(String(item['item']));
        settled.waiting += 1;
      }
    }
    await this.timers.forgetExcept(waiting);
    return settled;
  }

  private async tell(item: StoredRow): Promise<boolean> {
    // It adds no knowledge: it is known from when the fact that moved the money was.
    const meta = this.metaFor(item, 'tell', item['recorded_at'] as Instant);
    return this.funding.tellBudget(moveOf(item), meta);
  }

  /**
   * The referral decides: it says first that this will never be prescribed. Where it said so
   * before, or was prescribed by another command, nothing can follow this reservation any more.
   */
  private async giveBack(item: StoredRow): Promise<boolean> {
    const { because, prescription, fund, year, pot, amount } = moveOf(item);
    const reservation = { fund, year, pot, amount };
    // Not the id under which a prescribing command gives back itself: either may come first.
    const meta = this.metaFor(item, 'settlement-abandons', this.now());
    const referral = item['referral'] as ReferralId;
    const correction = (item['correction'] ?? undefined) as EventId | undefined;
    const { unchanged } = await this.referrals.decide({ meta, referral }, (state) =>
      abandonPrescription(state, { prescription, reservation, because }, correction),
    );
    if (!unchanged) return true;
    const { facts } = await this.referrals.load(referral);
    if (isSettled(facts, because)) return false;
    return this.funding.tellBudget(moveOf(item), meta);
  }

  private metaFor(item: StoredRow, what: string, recordedAt: Instant): CommandMeta {
    const because = item['because'] as EventId;
    return {
      commandId: deriveId<'command'>(what, because),
      correlationId: item['correlation'] as Id<'correlation'>,
      actor: { id: PROCESS, role: 'system', organisation: item['anchor'] as Slug },
      occurredOn: item['occurred'] as CivilDate,
      recordedAt,
      canonical: JSON.stringify({ [what]: because }),
    };
  }
}

function moveOf(item: StoredRow): Move {
  return {
    anchor: item['anchor'] as Slug,
    fund: item['fund'] as Slug,
    year: Number(item['year']),
    pot: item['pot'] as Slug,
    prescription: item['prescription'] as PrescriptionId,
    because: item['because'] as EventId,
    amount: item['amount'] as bigint,
  };
}

/** Whether what the reservation was made for was written, or given up, under its own id. */
function isSettled(facts: readonly ReferralFact[], because: EventId): boolean {
  return effectsAfter([], facts).some(
    ({ fact, effects }) =>
      (fact.type === 'PrescriptionAbandoned' && fact.data.because === because) ||
      reservationsOf(fact, effects.draws).some((reservation) => reservation.because === because),
  );
}
