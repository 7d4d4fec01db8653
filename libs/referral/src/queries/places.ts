import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { CivilDate, PrescriptionId, ReferralId, Slug } from '#kernel';
import { ViewsDatabase, reading, type StoredRow } from '#projection';
import { referral } from '../projections/referral.js';

export interface WaitingForPlace {
  readonly referral: ReferralId;
  readonly prescription: PrescriptionId;
  readonly anchor: Slug;
  readonly since: CivilDate;
}

export interface ServicePlaces {
  readonly service: Slug;
  readonly declared: number;
  readonly taken: number;
  /** Of those taken, the ones an anchor took past the capacity on purpose. */
  readonly overridden: number;
  readonly free: number;
  /** More taken than declared: by an override, or by facts, which no capacity refuses. */
  readonly over: number;
  /** Who comes first: the longest on the list, on the same day the first that was put on it. */
  readonly waiting: readonly WaitingForPlace[];
}

/** The places of a provider, service by service. */
export class PlacesQuery extends Query<readonly ServicePlaces[]> {
  constructor(readonly provider: Slug) {
    super();
  }
}

@QueryHandler(PlacesQuery)
export class PlacesHandler implements IQueryHandler<PlacesQuery> {
  constructor(private readonly views: ViewsDatabase) {}

  async execute({ provider }: PlacesQuery) {
    return reading(this.views, referral, async (query, table) => {
      const declared = await query
        .selectFrom(table('capacity'))
        .selectAll()
        .where('provider', '=', provider)
        .orderBy('service')
        .execute();
      const places = await query
        .selectFrom(table('place'))
        .selectAll()
        .where('provider', '=', provider)
        .where((or) => or.or([or('holds', '=', 1n), or('waiting', '=', 1n)]))
        .orderBy('waiting_since')
        .orderBy('waiting_position')
        .execute();
      return declared.map((capacity) => placesOf(capacity, places));
    });
  }
}

function placesOf(capacity: StoredRow, all: readonly StoredRow[]): ServicePlaces {
  const mine = all.filter((row) => row['service'] === capacity['service']);
  const held = mine.filter((row) => row['holds'] === 1n);
  const declared = Number(capacity['places']);
  return {
    service: capacity['service'] as Slug,
    declared,
    taken: held.length,
    overridden: held.filter((row) => row['past'] === 1n).length,
    free: Math.max(0, declared - held.length),
    over: Math.max(0, held.length - declared),
    waiting: mine.filter((row) => row['waiting'] === 1n).map(waitingOf),
  };
}

function waitingOf(row: StoredRow): WaitingForPlace {
  return {
    referral: row['referral'] as ReferralId,
    prescription: row['prescription'] as PrescriptionId,
    anchor: row['anchor'] as Slug,
    since: row['waiting_since'] as CivilDate,
  };
}
