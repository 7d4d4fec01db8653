import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ViewsDatabase } from '#projection';
import { Schemes } from '../domain/scheme.js';
import { timersOf, type Timer } from './timers.js';

/** What will fall due by itself, the earliest first. */
export class ClocksQuery extends Query<readonly Timer[]> {}

@QueryHandler(ClocksQuery)
export class ClocksHandler implements IQueryHandler<ClocksQuery> {
  constructor(
    private readonly views: ViewsDatabase,
    private readonly schemes: Schemes,
  ) {}

  execute() {
    return timersOf(this.views, this.schemes);
  }
}
