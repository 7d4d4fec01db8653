import type { CivilDate, EventId, Id, Instant, PrescriptionId, ReferralId, Slug } from '#kernel';
import type { PlaceMove, Places } from '#directory';
import { Timers, reading, type StoredRow, type ViewsDatabase } from '#projection';
import { referral } from '../projections/referral.js';

/** How long a place may wait for its prescription, from when this process manager saw it. */
export const PLACE_WAIT_MS = 60_000;
const PROCESS = 'place-settlement';

/**
 * Makes good what a crash left out between a referral and the places of a service, and takes a
 * place for whoever was supported before the capacity was declared. What it must do it reads from
 * the place table; what it may do the places decide.
 */
export class PlaceSettlement {
  private readonly timers: Timers;

  constructor(
    private readonly views: ViewsDatabase,
    private readonly places: Places,
    now: () => Instant,
  ) {
    this.timers = new Timers(views, PROCESS, now);
  }

  /** To be run when the read models have caught up; answers how many places it told of. */
  async run(): Promise<number> {
    const waiting = new Set<string>();
    let told = 0;
    for (const row of await this.unsettled()) {
      const taken = `place ${String(row['because'])}`;
      if (row['prescribed'] === 1n || (await this.timers.isDue(taken, PLACE_WAIT_MS))) {
        if (await this.tell(row)) told += 1;
      } else waiting.add(taken);
    }
    await this.timers.forgetExcept(waiting);
    return told;
  }

  private unsettled(): Promise<StoredRow[]> {
    return reading(this.views, referral, (query, table) =>
      query
        .selectFrom(`${table('place')} as place`)
        // Nothing is held where no capacity was declared.
        .innerJoin(`${table('capacity')} as capacity`, (join) =>
          join
            .onRef('capacity.provider', '=', 'place.provider')
            .onRef('capacity.service', '=', 'place.service'),
        )
        .selectAll('place')
        .where('place.unsettled', '=', 1n)
        .orderBy('place.prescription')
        .execute(),
    );
  }

  private tell(row: StoredRow): Promise<boolean> {
    const anchor = row['anchor'] as Slug;
    // It adds no knowledge: it is known from when the fact that moved the place was.
    return this.places.tell(moveOf(row), anchor, {
      correlationId: row['correlation'] as Id<'correlation'>,
      actor: { id: PROCESS, role: 'system', organisation: anchor },
      occurredOn: row['occurred'] as CivilDate,
      recordedAt: row['recorded_at'] as Instant,
    });
  }
}

function moveOf(row: StoredRow): PlaceMove {
  return {
    provider: row['provider'] as Slug,
    service: row['service'] as Slug,
    prescription: row['prescription'] as PrescriptionId,
    referral: row['referral'] as ReferralId,
    takes: row['wants'] === 1n,
    because: row['because'] as EventId,
  };
}
