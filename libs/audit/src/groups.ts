import { sql } from 'kysely';
import type { Slug } from '#kernel';
import { ledger } from '#funding';
import { reading, type ViewsDatabase } from '#projection';

/** Lines of the books that are modelled at once: what grows with them stays within bounds. */
export const MODELLED_LINES_MAX = 100_000;

/** Some of the anchors, as a query asks for them: these, or all but these. */
export interface Group {
  readonly which: 'in' | 'not in';
  readonly anchors: readonly Slug[];
}

/**
 * All anchors, in groups of so many lines; one that has more is a group of its own. The first group
 * also has every anchor that the ledger does not know.
 */
export async function groupsOf(views: ViewsDatabase, linesMax: number): Promise<Group[]> {
  const rows = await reading(views, ledger, (query, table) =>
    query
      .selectFrom(table('entry'))
      .select(['anchor', sql<bigint>`count(*)`.as('lines')])
      .groupBy('anchor')
      .orderBy('anchor')
      .execute(),
  );
  const packed: Slug[][] = [[]];
  let room = linesMax;
  for (const { anchor, lines } of rows) {
    room -= Number(lines);
    if (room < 0 && packed.at(-1)?.length !== 0) {
      packed.push([]);
      room = linesMax - Number(lines);
    }
    packed.at(-1)?.push(anchor as Slug);
  }
  const [, ...others] = packed;
  return [
    // No slug is empty: a list of none is not asked of a database.
    { which: 'not in', anchors: ['' as Slug, ...others.flat()] },
    ...others.map((anchors): Group => ({ which: 'in', anchors })),
  ];
}

export function concerns({ which, anchors }: Group, anchor: Slug | undefined): boolean {
  return anchor !== undefined && anchors.includes(anchor) === (which === 'in');
}
