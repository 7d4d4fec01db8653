import { describe, expect, test } from '@jest/globals';
import { slug, NORTH } from '../testing/facts.js';
import { FUND, after, fund, now } from '../testing/decisions.js';
import { receiveFund } from './decide.js';

describe('a fund', () => {
  test('is received, once and again', () => {
    const event = { type: 'FundReceived', data: FUND };
    expect(receiveFund(null, NORTH, FUND, now)).toEqual([event]);
    expect(receiveFund(fund, NORTH, FUND, now)).toEqual([event]);
  });

  test.each([
    ['funder', slug('council')],
    ['recognition', 'performance-related' as const],
  ] as const)('with another %s is another fund', (field, value) => {
    expect(receiveFund(fund, NORTH, { ...FUND, [field]: value }, now)).toMatchObject({
      code: 'other-fund',
      field,
    });
  });

  test('may serve what any of its instalments was given for', () => {
    const more = after(
      { type: 'FundReceived', data: FUND },
      { type: 'FundReceived', data: { ...FUND, purposes: ['capacity', 'training'] } },
    );
    expect(more).toMatchObject({ purposes: ['prescribing', 'training', 'capacity'] });
  });
});
