import type { ClientBase, QueryResult, QueryResultRow } from 'pg';

/**
 * As `client.query`, whose own promise keeps each answer until the next collection of the whole
 * heap: a log that is read page by page then needs six times as many of those.
 */
export function answerOf<R extends QueryResultRow>(
  client: ClientBase,
  text: string,
  values: readonly unknown[] = [],
): Promise<QueryResult<R>> {
  return new Promise((resolve, reject) => {
    client.query<R>(text, [...values], (error: Error | null, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}
