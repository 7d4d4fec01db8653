import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ViewsDatabase, reading } from '#projection';
import type { Month, Slug } from '#kernel';
import type { ROUTES } from '../domain/words.js';
import { volumes } from '../projections/volumes.js';

/** Referrals of one month, route and referrer. */
export interface Volume {
  readonly month: Month;
  readonly route: (typeof ROUTES)[number];
  /** `null`: no organisation referred. */
  readonly referrer: Slug | null;
  readonly received: number;
  readonly accepted: number;
  readonly declined: number;
}

/** How many referrals came, by which route and from whom, month by month. */
export class VolumesQuery extends Query<readonly Volume[]> {
  constructor(readonly anchor: Slug) {
    super();
  }
}

@QueryHandler(VolumesQuery)
export class VolumesHandler implements IQueryHandler<VolumesQuery> {
  constructor(private readonly views: ViewsDatabase) {}

  async execute({ anchor }: VolumesQuery) {
    const rows = await reading(this.views, volumes, (query, table) =>
      query
        .selectFrom(table('volumes'))
        .select(['month', 'route', 'referrer'])
        .select(({ fn }) => [
          fn.countAll().as('received'),
          fn.sum('accepted').as('accepted'),
          fn.sum('declined').as('declined'),
        ])
        .where('anchor', '=', anchor)
        .groupBy(['month', 'route', 'referrer'])
        .orderBy('month')
        .orderBy('route')
        .orderBy('referrer')
        .execute(),
    );
    return rows.map((row): Volume => ({
      month: row['month'] as Month,
      route: row['route'] as Volume['route'],
      referrer: row['referrer'] === '' ? null : (row['referrer'] as Slug),
      received: Number(row['received']),
      accepted: Number(row['accepted']),
      declined: Number(row['declined']),
    }));
  }
}
