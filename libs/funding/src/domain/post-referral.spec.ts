import { describe, expect, test } from '@jest/globals';
import type { ReferralFact } from '#referral';
import {
  attended,
  atLeast,
  cancelled,
  completed,
  declined,
  determined,
  droppedOut,
  entriesOfLast,
  missed,
  outcomeLapsed,
  perCourse,
  perSession,
  placeLapsed,
  posts,
  postsOn,
  prescribed,
  repriced,
  whenMet,
} from '../testing/facts.js';

const at = (on: string) => ({ on });

describe('an outcome', () => {
  const terms = prescribed([perCourse(2850n), whenMet(6650n)], { planned: 4 });
  const met = determined(true);
  const EARNED = [
    'outcome-met:',
    '  Dr committed:walks:outcome 66.50',
    '  Cr consumed:outcomes 66.50',
    '  Dr expenses:outcomes 66.50',
    '  Cr accrued:allot 66.50',
  ];

  test('met: earned from its commitment, also after completion', () => {
    expect(posts(terms, met)).toEqual(EARNED);
    expect(posts(terms, completed(), met)).toEqual(EARNED);
  });

  test('not met: it may still be, later', () => {
    expect(posts(terms, determined(false))).toEqual([]);
    expect(posts(terms, determined(false), met)).toEqual(EARNED);
  });

  test('lapsed: its commitment goes back to the pot', () => {
    expect(posts(terms, completed(), outcomeLapsed())).toEqual([
      'outcome-lapsed:',
      '  Dr committed:walks:outcome 66.50',
      '  Cr available:prescribing 66.50',
    ]);
  });

  test('met within the window and learned after it lapsed: from the pot', () => {
    expect(posts(terms, outcomeLapsed(), met)).toEqual([
      'outcome-met:',
      '  Dr available:prescribing 66.50',
      '  Cr consumed:outcomes 66.50',
      '  Dr expenses:outcomes 66.50',
      '  Cr accrued:allot 66.50',
    ]);
  });

  test('lapsed after it was met: nothing', () => {
    expect(posts(terms, met, outcomeLapsed())).toEqual([]);
  });

  test.each([
    ['dropped-out', droppedOut('walks')],
    ['cancelled', cancelled()],
    ['declined', declined()],
    ['lapsed', placeLapsed()],
  ] as const)(
    'ends with a prescription that is %s, unless the terms say it survives',
    (how, end) => {
      expect(posts(terms, end)).toEqual([
        `${how}:`,
        '  Dr committed:walks:sessions 28.50',
        '  Dr committed:walks:outcome 66.50',
        '  Cr available:prescribing 95.00',
      ]);
      const kept = prescribed([perCourse(2850n), whenMet(6650n, [how])], { planned: 4 });
      expect(posts(kept, end)).toEqual([
        `${how}:`,
        '  Dr committed:walks:sessions 28.50',
        '  Cr available:prescribing 28.50',
      ]);
      expect(posts(kept, end, met)).toEqual(EARNED);
    },
  );
});

describe('the drop-out minimum', () => {
  const terms = prescribed([perSession(1250n), atLeast(3000n)], { planned: 8 });
  const out = droppedOut('walks', at('2026-05-20'));

  test('is what is missing to it; the rest is released', () => {
    expect(posts(terms, attended(1), out)).toEqual([
      'dropped-out:',
      '  Dr committed:walks:sessions 87.50',
      '  Cr available:prescribing 87.50',
      'drop-out-minimum:',
      '  Dr available:prescribing 17.50',
      '  Cr consumed:delivery 17.50',
      '  Dr expenses:delivery 17.50',
      '  Cr accrued:allot 17.50',
    ]);
  });

  test('is nothing where more was earned, nor at an end that it is not for', () => {
    expect(posts(terms, attended(1), attended(2), attended(3), out)).toHaveLength(3);
    for (const end of [cancelled(), declined(), placeLapsed(), completed()]) {
      expect(posts(terms, end).join()).not.toContain('minimum');
    }
    const all = prescribed([perSession(1250n), atLeast(3000n, ['cancelled'])], { planned: 8 });
    expect(posts(all, cancelled()).join()).toContain(
      'drop-out-minimum:,  Dr available:prescribing 30.00',
    );
  });

  test('shrinks by a session of a day before the end that is recorded after it', () => {
    const late = attended(1, 'walks', at('2026-05-06'));
    expect(postsOn(terms, out, late)).toEqual([
      'attended-late 2026-05-06:',
      '  Dr available:prescribing 12.50',
      '  Cr consumed:delivery 12.50',
      '  Dr expenses:delivery 12.50',
      '  Cr accrued:allot 12.50',
      'drop-out-minimum 2026-05-20:',
      '  Cr available:prescribing 12.50',
      '  Dr consumed:delivery 12.50',
      '  Cr expenses:delivery 12.50',
      '  Dr accrued:allot 12.50',
    ]);
  });
});

describe('new terms at delivery', () => {
  const course = prescribed([perSession(1250n)], { planned: 8 });
  const dearer = repriced('2026-07-01', [perSession(1300n)]);
  const [one, two] = [
    attended(1, 'walks', at('2026-06-18')),
    attended(2, 'walks', at('2026-06-25')),
  ];

  test('a rise: what is left to hold costs more', () => {
    expect(postsOn(course, one, two, dearer)).toEqual([
      'repriced 2026-07-01:',
      '  Cr committed:walks:sessions 3.00',
      '  Dr available:prescribing 3.00',
    ]);
  });

  test('a fall: what is left over goes to the pot', () => {
    expect(posts(course, one, two, repriced('2026-07-01', [perSession(1200n)]))).toEqual([
      'repriced:',
      '  Dr committed:walks:sessions 3.00',
      '  Cr available:prescribing 3.00',
    ]);
  });

  test('a session is paid what its day costs, whatever it was committed at', () => {
    expect(posts(course, one, two, dearer, attended(3, 'walks', at('2026-07-03')))).toEqual([
      'attended:',
      '  Dr committed:walks:sessions 13.00',
      '  Cr consumed:delivery 13.00',
      '  Dr expenses:delivery 13.00',
      '  Cr accrued:allot 13.00',
    ]);
    expect(posts(course, one, two, dearer, attended(3, 'walks', at('2026-06-30')))).toEqual([
      'attended:',
      '  Dr committed:walks:sessions 13.00',
      '  Cr consumed:delivery 12.50',
      '  Dr expenses:delivery 12.50',
      '  Cr accrued:allot 12.50',
      '  Cr available:prescribing 0.50',
    ]);
  });

  test('of a day that has passed: what was held since is paid the difference, on its own day', () => {
    const back = repriced('2026-06-20', [perSession(1300n)]);
    expect(postsOn(course, one, two, back)).toEqual([
      'repriced 2026-06-20:',
      '  Cr committed:walks:sessions 3.00',
      '  Dr available:prescribing 3.00',
      'repriced 2026-06-25:',
      '  Cr consumed:delivery 0.50',
      '  Dr expenses:delivery 0.50',
      '  Cr accrued:allot 0.50',
      '  Dr available:prescribing 0.50',
    ]);
  });

  test('each entry names the version that priced it', () => {
    const versionOf = (...history: ReferralFact[]) =>
      entriesOfLast(...history).map(({ agreement }) => agreement?.version);
    expect(versionOf(course, dearer)).toEqual([3]);
    expect(versionOf(course, dearer, attended(1, 'walks', at('2026-07-02')))).toEqual([3]);
    expect(versionOf(course, dearer, attended(1, 'walks', at('2026-06-30')))).toEqual([2]);
  });

  test('of a course: its odd pence go to the lowest numbers again', () => {
    const odd = prescribed([perCourse(2850n)], { planned: 4 });
    const now = repriced('2026-07-01', [perCourse(3001n)]);
    expect(posts(odd, attended(1), now)).toContain('  Dr available:prescribing 1.13');
    expect(posts(odd, now, attended(2, 'walks', at('2026-07-02')))).toContain(
      '  Cr accrued:allot 7.50',
    );
    expect(posts(odd, now, attended(1, 'walks', at('2026-07-02')))).toContain(
      '  Cr accrued:allot 7.51',
    );
  });
});

describe('a prescription that takes the place of another', () => {
  const old = prescribed([perSession(1300n)], { planned: 8 });
  const next = { name: 'swim', planned: 5, provider: 'garden', continues: 'walks' };

  test('brings its money over', () => {
    const held = [1, 2, 3].map((n) => attended(n));
    expect(posts(old, ...held, prescribed([perSession(1400n)], next))).toEqual([
      'continued:',
      '  Dr committed:walks:sessions 65.00',
      '  Cr available:prescribing 65.00',
      'prescribed:',
      '  Dr available:prescribing 70.00',
      '  Cr committed:swim:sessions 70.00',
    ]);
  });

  test('ends the other for good: what comes late is taken from the pot', () => {
    const swim = prescribed([perSession(1400n)], next);
    expect(posts(old, swim, missed(1, 'not-stated'))).toEqual([]);
    expect(posts(old, swim, attended(1))[1]).toBe('  Dr available:prescribing 13.00');
  });
});
