import { describe, expect, test } from '@jest/globals';
import { streamOf, type EventId } from '#kernel';
import { reduced } from '#projection/testing';
import type { ReferralEvent, ReferralFact } from '#referral';
import type { FundingFact } from '../domain/events.js';
import {
  NORTH,
  attended,
  cancelled,
  completed,
  day,
  droppedOut,
  eventId,
  fundingFact,
  perSession,
  prescribed,
  prescriptionId,
  recorded,
  referralFact,
  referralId,
  slug,
} from '../testing/facts.js';
import { followers } from './followers.js';

const H1 = streamOf('referral', referralId('h1'));

/** Who follows, with the version each has, after these facts. */
function following(...facts: readonly (ReferralFact | FundingFact)[]): Record<string, bigint> {
  const heard = facts.map((fact, index) => recorded(fact, H1, index));
  const rows = reduced(followers, heard)('follower');
  const names = new Map(['walks', 'swim'].map((name) => [String(prescriptionId(name)), name]));
  return Object.fromEntries(
    rows.map(({ prescription, version }) => {
      return [names.get(String(prescription)) ?? '?', version as bigint];
    }),
  );
}

function begins(name = 'walks', continues?: string): ReferralFact {
  const fact = prescribed([perSession(1250n)], { name, planned: 4 });
  if (fact.type !== 'Prescribed' || fact.data.priced === undefined) throw new Error('is priced');
  const { priced, ...rest } = fact.data;
  const terms = { ...priced.terms, priceBasis: 'at-delivery' as const };
  const data = {
    ...rest,
    priced: { ...priced, terms },
    ...(continues && { continues: prescriptionId(continues) }),
  };
  return { ...fact, data };
}

function repriced(version: number, name = 'walks'): ReferralFact {
  const event: ReferralEvent = {
    type: 'PrescriptionRepriced',
    data: {
      ...{ prescription: prescriptionId(name), agreement: slug('garden-terms'), version },
      ...{ from: day('2026-07-01'), terms: { components: [] }, because: eventId('changed') },
    },
  };
  return referralFact(event);
}

function voided(corrects: EventId): ReferralFact {
  return referralFact({
    type: 'EntryCorrected',
    data: { corrects, kind: 'void', reasonCode: 'entered-in-error', requestedBy: slug('ann') },
  });
}

const end = (type: 'PrescriptionDeclined' | 'PlaceLapsed'): ReferralFact =>
  type === 'PlaceLapsed'
    ? referralFact({ type, data: { prescription: prescriptionId('walks') } })
    : referralFact({ type, data: { prescription: prescriptionId('walks'), by: 'anchor' } });

describe('who follows later terms', () => {
  test('is prescribed at delivery, with the version it has', () => {
    expect(following(begins())).toEqual({ walks: 2n });
    expect(following(begins(), repriced(3), attended(1))).toEqual({ walks: 3n });
    expect(following(begins(), begins('swim'), repriced(3, 'swim'))).toEqual({
      walks: 2n,
      swim: 3n,
    });
  });

  test('is nobody who was priced when it was prescribed, nor a free service', () => {
    expect(following(prescribed([perSession(1n)], { planned: 4 }))).toEqual({});
    expect(following(prescribed([], { free: true }))).toEqual({});
  });

  test.each([
    ['completed', completed()],
    ['cancelled', cancelled()],
    ['dropped out', droppedOut('walks')],
    ['dropped out of everything', droppedOut()],
    ['declined', end('PrescriptionDeclined')],
    ['lapsed', end('PlaceLapsed')],
    ['continued by another', begins('art', 'walks')],
  ])('no longer when it was %s, and again when that was not so', (_, ending) => {
    expect(following(begins(), ending)).not.toHaveProperty('walks');
    expect(following(begins(), ending, voided(ending.id))).toHaveProperty('walks', 2n);
    const back = voided(ending.id);
    expect(following(begins(), ending, back, voided(back.id))).not.toHaveProperty('walks');
  });

  test('goes on when another one ends', () => {
    expect(following(begins(), begins('swim'), droppedOut('swim'))).toEqual({ walks: 2n });
  });

  test('goes on when it was prescribed after everything was dropped', () => {
    expect(following(begins(), droppedOut(), begins('swim'))).toEqual({ swim: 2n });
  });
});

test('the last version of an agreement is known', () => {
  const told = [2, 3].map((version) => {
    const data = {
      ...{ agreement: slug('garden-terms'), version, payer: NORTH },
      ...{ from: day('2026-07-01'), terms: { components: [] } },
    };
    return recorded(fundingFact({ type: 'TermsChanged', data }), H1, version);
  });
  expect(reduced(followers, told)('terms')).toMatchObject([
    { anchor: 'north', agreement: 'garden-terms', version: 3n },
  ]);
});
