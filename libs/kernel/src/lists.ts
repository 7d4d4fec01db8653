/**
 * The list with one more at its end, and no room for others: engines give a list that is spread
 * room for sixteen more, which is most of what a short one takes.
 */
export function withOne<T>(list: readonly T[], item: T): T[] {
  return list.concat([item]);
}
