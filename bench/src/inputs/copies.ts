import { Again, isOfPeople, toPlan, type Happened, type Planned } from './again.ts';

/** A template may itself be of many years, whose people are numbered by them. */
const APART_FROM_YEARS = 1_000;

/**
 * The same areas with so many times the people, in the order of the template: each of its referrals
 * happens again at the same time, under other ids, and asks budgets and places again. Funds,
 * budgets, agreements and the directory are there once.
 */
export function* copiesOf(
  template: readonly Happened[],
  copies: number,
): Generator<Planned, void, undefined> {
  const again = new Again();
  for (const event of template) again.note(event);
  for (const event of template) {
    yield toPlan(event);
    if (!isOfPeople(event)) continue;
    for (let copy = 1; copy < copies; copy += 1) {
      yield again.tell(event, { whose: copy * APART_FROM_YEARS, yearsLater: 0 });
    }
  }
}

/** How many copies make at least so many events. */
export function copiesFor(template: readonly Happened[], events: number): number {
  const more = Math.max(0, events - template.length);
  return 1 + Math.ceil(more / template.filter(isOfPeople).length);
}
