import { expect, test } from '@jest/globals';
import type { FunnelCounted } from '#referral';
import { funnelText } from './funnel.js';

const of = (attended: number, completed: number): FunnelCounted => ({
  steps: [
    { step: 'received', of: null, count: 9 },
    { step: 'accepted', of: 'received', count: 9 },
    { step: 'seen', of: 'received', count: 9 },
    { step: 'prescribed', of: 'accepted', count: 8 },
    { step: 'attended', of: 'prescribed', count: attended },
    { step: 'completed', of: 'prescribed', count: completed },
  ],
  declined: { person: 0, anchor: 0, provider: 0 },
  acceptedThenDeclined: 0,
  undecided: 0,
  firstContact: { bands: [], medianDays: null, waiting: 0, endedUnseen: 0 },
  prescriptions: {
    ...{ waitlisted: 0, placed: 0, active: 8, completed: 0, declined: 0 },
    ...{ 'dropped-out': 0, cancelled: 0, lapsed: 0, continued: 0 },
  },
  dropOuts: {
    ...{ fromPrescription: 0, fromReferral: 0 },
    reasons: { codes: [], notStated: 0, inWords: 0, erased: 0, unreadable: 0 },
  },
});

test('a funnel that grows wider says why', () => {
  const told = (attended: number, completed: number) =>
    funnelText(of(attended, completed)).replaceAll(/\s+/gu, ' ');
  expect(told(4, 5)).toContain('not yet decided. Not every service keeps a register.');
  expect(told(5, 5)).not.toContain('register');
});
