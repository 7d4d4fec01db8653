import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { sql } from 'kysely';
import { LOG_START, type Position } from '#event-log';
import { dayOf, type CivilDate, type EventId, type Instant, type Slug } from '#kernel';
import { ViewsDatabase, reading } from '#projection';
import { learned } from '../projections/learned.js';
import { ledger } from '../projections/ledger.js';

/** How far in the log an anchor knew at a moment. */
export class KnownPositionQuery extends Query<Position> {
  constructor(
    readonly anchor: Slug,
    readonly at: Instant,
  ) {
    super();
  }
}

@QueryHandler(KnownPositionQuery)
export class KnownPositionHandler implements IQueryHandler<KnownPositionQuery> {
  constructor(private readonly views: ViewsDatabase) {}

  async execute({ anchor, at }: KnownPositionQuery) {
    return reading(this.views, learned, async (query, table) => {
      // The newest first: it may be over before the others are looked at, and is one of them then.
      for (const moments of [table('newest'), table('learned')]) {
        const row = await query
          .selectFrom(moments)
          .select('position')
          .where('anchor', '=', anchor)
          .where('known_at', '<=', at)
          .orderBy('known_at', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (row !== undefined) return row['position'] as Position;
      }
      return LOG_START;
    });
  }
}

/** The latest day anything up to this place of the log was recorded; `null`: nothing was. */
export class KnownDayQuery extends Query<CivilDate | null> {
  constructor(readonly position: Position) {
    super();
  }
}

@QueryHandler(KnownDayQuery)
export class KnownDayHandler implements IQueryHandler<KnownDayQuery> {
  constructor(private readonly views: ViewsDatabase) {}

  async execute({ position }: KnownDayQuery) {
    const rows = await reading(this.views, learned, (query, table) => {
      // Of one anchor it gets later with the log.
      const before = query
        .selectFrom(`${table('learned')} as l`)
        .select('l.known_at')
        .where('l.anchor', '=', sql.ref<string>('n.anchor'))
        .where('l.since', '<=', position)
        .orderBy('l.since', 'desc')
        .limit(1);
      return query
        .selectFrom(`${table('newest')} as n`)
        .select(['n.since', 'n.known_at'])
        .select(before.as('known_before'))
        .execute();
    });
    const moments = rows.flatMap(({ since, known_at: newest, known_before: before }) => {
      const known = (since as Position) <= position ? newest : before;
      return known === null ? [] : [known as Instant];
    });
    const latest = moments.sort().at(-1);
    return latest === undefined ? null : dayOf(latest);
  }
}

/** Where in the log an event is that the books know; `null` for any other. */
export class PostedEventQuery extends Query<Position | null> {
  constructor(readonly event: EventId) {
    super();
  }
}

@QueryHandler(PostedEventQuery)
export class PostedEventHandler implements IQueryHandler<PostedEventQuery> {
  constructor(private readonly views: ViewsDatabase) {}

  async execute({ event }: PostedEventQuery) {
    const row = await reading(this.views, ledger, (query, table) =>
      query
        .selectFrom(table('entry'))
        .select('position')
        .where('event', '=', event)
        .limit(1)
        .executeTakeFirst(),
    );
    return (row?.['position'] ?? null) as Position | null;
  }
}
