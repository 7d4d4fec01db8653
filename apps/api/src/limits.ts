import { LINE_BYTES_MAX } from '#interop';

/** The body of a request: as long as a line of a command file may be. */
export const BODY_BYTES_MAX = LINE_BYTES_MAX;
/** Characters of an Idempotency-Key. */
export const IDEMPOTENCY_KEY_LENGTH_MAX = 200;
/** Items of a page where no `limit` was given. */
export const PAGE_ITEMS_DEFAULT = 100;
export const PAGE_ITEMS_MAX = 1_000;
export const CURSOR_LENGTH_MAX = 2_000;
/** Facts told of to whoever decided on an older version: the newest of them. */
export const FACTS_BETWEEN_MAX = 100;
/** Reasons told in one problem; of more, how many. */
export const REASONS_TOLD_MAX = 100;
/** When to try again what the service could not do just now, in seconds. */
export const RETRY_AFTER_S = 2;
