import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
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
    const row = await reading(this.views, learned, (query, table) =>
      query
        .selectFrom(table('learned'))
        .select('position')
        .where('anchor', '=', anchor)
        .where('known_at', '<=', at)
        .orderBy('known_at', 'desc')
        .limit(1)
        .executeTakeFirst(),
    );
    return (row?.['position'] ?? LOG_START) as Position;
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
    const row = await reading(this.views, learned, (query, table) =>
      query
        .selectFrom(table('learned'))
        .select('known_at')
        .where('since', '<=', position)
        .orderBy('known_at', 'desc')
        .limit(1)
        .executeTakeFirst(),
    );
    return row === undefined ? null : dayOf(row['known_at'] as Instant);
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
