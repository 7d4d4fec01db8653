import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EVENT_LOG, LOG_START, type Position, type ReadableLog } from '#event-log';
import {
  dayOf,
  endOfDay,
  type CivilDate,
  type EventId,
  type Instant,
  type Metadata,
  type Slug,
} from '#kernel';
import { ViewsDatabase, reading } from '#projection';
import { learned } from '../projections/learned.js';
import { ledger } from '../projections/ledger.js';

/** Read together while a day is looked through. */
const PAGE_EVENTS = 500;

/**
 * How far in the log an anchor knew at a moment: up to before the first of its facts that was
 * recorded later, so that clocks that disagree cannot make anybody know what came after that.
 */
export class KnownPositionQuery extends Query<Position> {
  constructor(
    readonly anchor: Slug,
    readonly at: Instant,
  ) {
    super();
  }
}

/** What was recorded around a day, as places in the log; `null`: nothing was. */
interface Around {
  /** The last that was recorded at all. */
  readonly last: Position | null;
  /** The first that was recorded on a later day. */
  readonly later: Position | null;
  /** The first on the very day. */
  readonly onDay: Position | null;
}

@QueryHandler(KnownPositionQuery)
export class KnownPositionHandler implements IQueryHandler<KnownPositionQuery> {
  constructor(
    private readonly views: ViewsDatabase,
    @Inject(EVENT_LOG) private readonly log: ReadableLog,
  ) {}

  async execute({ anchor, at }: KnownPositionQuery) {
    const day = dayOf(at);
    const { last, later, onDay } = await this.around(anchor, day);
    const isSplit = at < endOfDay(day) && onDay !== null && (later === null || onDay < later);
    const unknown = (isSplit ? await this.recordedAfter(at, anchor, onDay, later) : null) ?? later;
    return unknown === null ? (last ?? LOG_START) : unknown - 1n;
  }

  private async around(anchor: Slug, day: CivilDate): Promise<Around> {
    const row = await reading(this.views, learned, (query, table) =>
      query
        .selectFrom(table('learned'))
        .where('anchor', '=', anchor)
        .select(({ fn, eb }) => {
          const since = (isThen: '=' | '>') =>
            fn.min(eb.case().when('day', isThen, day).then(eb.ref('since')).end());
          return [fn.max('until').as('last'), since('>').as('later'), since('=').as('onDay')];
        })
        .executeTakeFirstOrThrow(),
    );
    return row as unknown as Around; // By the table's definition.
  }

  /** The first of the anchor's facts of that day that was; the log is read no further than that. */
  private async recordedAfter(
    at: Instant,
    anchor: Slug,
    onDay: Position,
    later: Position | null,
  ): Promise<Position | null> {
    const after = await this.placeBefore(anchor, onDay);
    for await (const page of this.log.readLog({ after, max: PAGE_EVENTS })) {
      for (const { position, metadata } of page) {
        if (later !== null && position >= later) return null;
        const told = JSON.parse(metadata) as Metadata;
        if (told.anchor === anchor && told.recordedAt > at) return position;
      }
    }
    return null;
  }

  /** The log is read from a place that it told itself: here from where an earlier day begins. */
  private async placeBefore(anchor: Slug, onDay: Position): Promise<Position> {
    const row = await reading(this.views, learned, (query, table) =>
      query
        .selectFrom(table('learned'))
        .select(({ fn }) => fn.max('since').as('before'))
        .where('anchor', '=', anchor)
        .where('since', '<', onDay)
        .executeTakeFirst(),
    );
    return (row?.before ?? LOG_START) as Position;
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
        .select(({ fn }) => fn.max('day').as('day'))
        .where('since', '<=', position)
        .executeTakeFirst(),
    );
    return (row?.day ?? null) as CivilDate | null;
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
