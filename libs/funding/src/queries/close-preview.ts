import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { CommandMeta, Month, Refusal, Slug } from '#kernel';
import { Closing } from '../commands/closing.js';
import type { TrialBalance } from '../domain/periods.js';

/** What a close would sign now, and what speaks against it. */
export interface ClosePreview extends TrialBalance {
  readonly refusal: Refusal | null;
}

export class ClosePreviewQuery extends Query<ClosePreview> {
  constructor(
    readonly meta: CommandMeta,
    readonly anchor: Slug,
    readonly month: Month,
  ) {
    super();
  }
}

@QueryHandler(ClosePreviewQuery)
export class ClosePreviewHandler implements IQueryHandler<ClosePreviewQuery> {
  constructor(private readonly closing: Closing) {}

  execute({ meta, anchor, month }: ClosePreviewQuery) {
    return this.closing.preview(meta, anchor, month);
  }
}
