import { describe, expect, test } from '@jest/globals';
import { present } from '#kernel';
import {
  DECLINED,
  ENGAGED,
  GP_SHARE,
  OFFER_REFUSED,
  SWEMWBS_BASELINE,
  SWEMWBS_CHANGE,
} from './parameters.js';
import { counted, type Became, type Counted } from './testing/counted.js';

/** Of chance, where hundreds or thousands of people are counted. */
const NEAR = 0.03;
const OLD_ENOUGH = { spring: '2027-10-01', highland: '2026-10-01' };

const spring = counted({ scenario: 'spring', areas: 15, years: 3, seed: 1 });
const highland = counted({ scenario: 'highland', areas: 2, years: 2, seed: 1 });

const all = ({ people }: Counted, of: (one: Became) => number) =>
  people.reduce((sum, one) => sum + of(one), 0);
const contacts = (run: Counted) => all(run, (one) => one.contacts);
const prescriptions = (run: Counted) => all(run, (one) => one.prescriptions);
const share = (people: readonly Became[], is: (one: Became) => boolean) =>
  people.filter(is).length / people.length;
const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values: readonly number[]) =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
/** Within so many percent of what the source says. */
function near(counted: number, source: number, percent: number): void {
  expect(Math.abs(counted / source - 1) * 100).toBeLessThan(percent);
}

describe('SPRING: 15 areas, three years', () => {
  test('16,000 prescriptions over 192,000 contacts', () => {
    near(prescriptions(spring), 16_000, 3);
    near(contacts(spring), 192_000, 3);
    near(contacts(spring) / prescriptions(spring), 12, 3);
  });

  test('1.85 prescriptions a referral', () => {
    near(prescriptions(spring) / spring.people.length, 1.85, 4);
  });

  test('referrals come slowly at first: around 12 months to build trust with GPs', () => {
    const inMonth = (month: string) =>
      spring.people.filter(({ referredOn }) => referredOn.startsWith(month)).length;
    expect(inMonth('2025-05') * 2).toBeLessThan(inMonth('2026-05'));
    near(inMonth('2027-05'), inMonth('2026-05'), 20);
  });

  test('GPs refer between 30 and 80% in an area, and not the same in all', () => {
    const anchors = [...new Set(spring.people.map(({ anchor }) => anchor))];
    const shares = anchors.map((anchor) =>
      share(
        spring.people.filter((one) => one.anchor === anchor),
        ({ route }) => route === 'gp',
      ),
    );
    expect(shares).toHaveLength(15);
    for (const gp of shares) {
      expect(gp).toBeGreaterThan(GP_SHARE.from - 2 * NEAR);
      expect(gp).toBeLessThan(GP_SHARE.to + 2 * NEAR);
    }
    expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(0.2);
  });
});

describe('Highland: two areas, two years', () => {
  test('2,663 referrals, 9,471 appointments and 4,929 prescriptions', () => {
    near(highland.people.length, 2_663, 5);
    near(contacts(highland), 9_471, 5);
    near(prescriptions(highland), 4_929, 5);
    near(contacts(highland) / highland.people.length, 3.56, 6);
    near(prescriptions(highland) / highland.people.length, 1.85, 6);
  });

  test('45% of those referred are seen three times or more', () => {
    expect(Math.abs(share(highland.people, (one) => one.contacts >= 3) - 0.45)).toBeLessThan(NEAR);
  });
});

describe.each([
  ['spring', spring, OLD_ENOUGH.spring],
  ['highland', highland, OLD_ENOUGH.highland],
] as const)('in both: %s', (_, run, day) => {
  // Of whoever was referred lately it is not known yet.
  const known = run.people.filter(({ referredOn }) => referredOn < day);

  test('12% decline, and 76% are engaged', () => {
    expect(Math.abs(share(known, (one) => one.declined) - DECLINED)).toBeLessThan(NEAR);
    expect(Math.abs(share(known, (one) => one.contacts > 0) - ENGAGED)).toBeLessThan(NEAR);
  });

  test('85% of offers are taken up', () => {
    const offers = present(run.commands.get('Offer'), 'there are offers');
    const refused = present(run.commands.get('RefuseOffer'), 'some are refused');
    expect(Math.abs(refused / offers - OFFER_REFUSED)).toBeLessThan(NEAR);
  });

  test('60 to 75% of those with a first score are scored again', () => {
    const scored = known.filter(({ baseline }) => baseline !== undefined);
    const again = share(scored, ({ followUp }) => followUp !== undefined);
    expect(again).toBeGreaterThan(0.6);
    expect(again).toBeLessThan(0.75 + NEAR);
  });

  test('SWEMWBS begins at 19.28 (SD 3.92) and changes by 2 (SD 3)', () => {
    const first = run.people.flatMap(({ baseline }) => baseline ?? []);
    expect(Math.abs(mean(first) - SWEMWBS_BASELINE.mean)).toBeLessThan(0.3);
    expect(Math.abs(spread(first) - SWEMWBS_BASELINE.sd)).toBeLessThan(0.3);
    const change = run.people.flatMap(({ baseline = 0, followUp }) =>
      followUp === undefined ? [] : followUp - baseline,
    );
    expect(Math.abs(mean(change) - SWEMWBS_CHANGE.mean)).toBeLessThan(0.3);
    expect(Math.abs(spread(change) - SWEMWBS_CHANGE.sd)).toBeLessThan(0.3);
  });

  test('about five visits for each person who is prescribed something', () => {
    // 4.98 visits a patient (Elemental).
    const prescribed = known.filter((one) => one.prescriptions > 0);
    near(mean(prescribed.map(({ attended }) => attended)), 4.98, 10);
  });
});
