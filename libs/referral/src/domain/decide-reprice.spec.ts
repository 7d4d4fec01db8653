import { describe, expect, test } from '@jest/globals';
import { deriveId, type Slug } from '#kernel';
import { followedBy, reprice } from './decide.js';
import type { ReferralEvent } from './events.js';
import type { Data } from './rules.js';
import type { Terms } from './terms.js';
import { IN_CONTACT, PRESCRIBED, PRICED } from './testing/beginnings.js';
import {
  BY_SESSION,
  PLOT,
  WALK,
  cancelled,
  completed,
  droppedOut,
  prescribed,
  pricedOf,
} from './testing/cast.js';
import { date, day, given, on, type Decide } from './testing/given.js';

const AT_DELIVERY: Terms = { ...BY_SESSION, priceBasis: 'at-delivery' };
const FOLLOWING = [
  ...IN_CONTACT,
  ...on('2026-04-10', prescribed({ plannedSessions: 4, priced: pricedOf(AT_DELIVERY, 4) })),
];

function data(version: number, change: Partial<Data<'PrescriptionRepriced'>> = {}) {
  return {
    ...{ prescription: PLOT, agreement: 'allotments-2026' as Slug, version, terms: AT_DELIVERY },
    ...{ from: date('2026-07-01'), because: deriveId<'event'>('terms', String(version)) },
    ...change,
  };
}
const to =
  (...version: Parameters<typeof data>): Decide =>
  (state) =>
    reprice(state, data(...version));
const repriced = (version: number): ReferralEvent => {
  return { type: 'PrescriptionRepriced', data: data(version) };
};

describe('later terms of its agreement', () => {
  test('reach a live prescription priced at delivery, even of a day still to come', () => {
    given(FOLLOWING).when(to(2), day('2026-06-28')).then(repriced(2));
  });

  test('reach it once, and none before those it has', () => {
    given(FOLLOWING)
      .when(to(3), day('2026-06-28'))
      .then(repriced(3))
      .when(to(3), day('2026-06-28'))
      .thenNothing()
      .when(to(2), day('2026-06-28'))
      .thenNothing()
      .when(to(4), day('2026-06-28'))
      .then(repriced(4));
  });

  test('are not those under which it was prescribed', () => {
    given(FOLLOWING).when(to(1), day('2026-06-28')).thenNothing();
  });

  test.each([
    ['was priced when it was prescribed', PRICED],
    ['is free', PRESCRIBED],
    ['is not there', IN_CONTACT],
    ['was cancelled', [...FOLLOWING, ...on('2026-05-01', cancelled())]],
    ['was seen through', [...FOLLOWING, ...on('2026-05-01', completed())]],
    ['was dropped with all others', [...FOLLOWING, ...on('2026-05-01', droppedOut())]],
  ])('change nothing where it %s', (_, history) => {
    given(history).when(to(2), day('2026-06-28')).thenNothing();
  });

  test('are not those of another agreement, nor another prescription', () => {
    const other = { agreement: 'walks-2026' as Slug };
    given(FOLLOWING).when(to(2, other), day('2026-06-28')).thenNothing();
    given(FOLLOWING)
      .when(to(2, { prescription: WALK }), day('2026-06-28'))
      .thenNothing();
  });

  test('concern a referral that is there', () => {
    given().when(to(2), day('2026-06-28')).thenRefused('no-such-referral');
  });
});

test('a prescription says which agreement it follows, from where and since when', () => {
  const { state } = given(FOLLOWING).when(to(3), day('2026-06-28')).then(repriced(3));
  const follows = { agreement: 'allotments-2026', version: 3, prescribedOn: '2026-04-10' };
  expect(followedBy(state, PLOT)).toEqual(follows);
  expect(followedBy(state, WALK)).toBeNull();
  expect(followedBy(null, PLOT)).toBeNull();
});
