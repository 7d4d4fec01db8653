import { describe, expect, test } from '@jest/globals';
import {
  attended,
  atLeast,
  completed,
  corrected,
  day,
  determined,
  droppedOut,
  entriesOfLast,
  fee,
  missed,
  nth,
  perCourse,
  perSession,
  posts,
  postsOn,
  prescribed,
  repriced,
  whenCompleted,
  whenMet,
} from '../testing/facts.js';

const course = prescribed([perSession(1250n)], { planned: 8 });
const at = (on: string) => ({ on });

describe('a session that was not held', () => {
  const first = attended(1, 'walks', at('2026-05-04'));

  test('gives its price back to the commitment while the prescription lives', () => {
    expect(postsOn(course, first, corrected(first, undefined, at('2026-05-20')))).toEqual([
      'corrected 2026-05-04:',
      '  Cr committed:walks:sessions 12.50',
      '  Dr consumed:delivery 12.50',
      '  Cr expenses:delivery 12.50',
      '  Dr accrued:allot 12.50',
    ]);
  });

  test('gives it to the pot when the prescription has ended, on the session’s own day', () => {
    const out = droppedOut('walks', at('2026-05-20'));
    expect(postsOn(course, first, out, corrected(first, undefined, at('2026-06-09')))).toEqual([
      'corrected 2026-05-04:',
      '  Cr available:prescribing 12.50',
      '  Dr consumed:delivery 12.50',
      '  Cr expenses:delivery 12.50',
      '  Dr accrued:allot 12.50',
    ]);
  });

  test('was held after all: everything is as it was', () => {
    const voided = corrected(first);
    const held = entriesOfLast(course, first, voided, corrected(voided));
    const back = entriesOfLast(course, first, voided);
    expect(held).toHaveLength(1);
    const turned = back[0]?.lines.map(({ account, amount }) => ({ account, amount: -amount }));
    expect(held[0]?.lines).toEqual(turned);
    expect(held[0]).toMatchObject({
      rule: 'corrected',
      corrects: first.id,
      on: first.metadata.occurredOn,
    });
  });

  test('gives back the income that was earned with it', () => {
    const grant = prescribed([perSession(1300n)], {
      planned: 6,
      recognition: 'performance-related',
    });
    expect(posts(grant, first, corrected(first))).toEqual([
      'corrected:',
      '  Cr committed:walks:sessions 13.00',
      '  Dr consumed:delivery 13.00',
      '  Cr expenses:delivery 13.00',
      '  Dr accrued:allot 13.00',
      '  Cr deferred:tnlcf 13.00',
      '  Dr income 13.00',
    ]);
  });

  test('of which number 1 had the odd penny gives that penny back', () => {
    const odd = prescribed([perCourse(2850n)], { planned: 4 });
    const third = attended(3);
    expect(posts(odd, first, third, corrected(first))).toContain('  Dr accrued:allot 7.13');
    expect(posts(odd, first, third, corrected(third))).toContain('  Dr accrued:allot 7.12');
  });

  test('is owed again at today’s price, the difference to the pot', () => {
    const old = prescribed([perSession(1300n)], { planned: 6 });
    const held = attended(1, 'walks', at('2026-04-22'));
    const cheaper = repriced('2026-05-01', [perSession(1200n)]);
    expect(posts(old, held, cheaper, corrected(held))).toEqual([
      'corrected:',
      '  Cr committed:walks:sessions 13.00',
      '  Dr consumed:delivery 13.00',
      '  Cr expenses:delivery 13.00',
      '  Dr accrued:allot 13.00',
      'corrected:',
      '  Dr committed:walks:sessions 1.00',
      '  Cr available:prescribing 1.00',
    ]);
  });
});

describe('a session on another day', () => {
  test('leaves the one and is earned on the other', () => {
    const held = attended(1, 'walks', at('2026-05-04'));
    expect(postsOn(course, held, corrected(held, { on: day('2026-05-11') }))).toEqual([
      'corrected 2026-05-04:',
      '  Cr committed:walks:sessions 12.50',
      '  Dr consumed:delivery 12.50',
      '  Cr expenses:delivery 12.50',
      '  Dr accrued:allot 12.50',
      'corrected 2026-05-11:',
      '  Dr committed:walks:sessions 12.50',
      '  Cr consumed:delivery 12.50',
      '  Dr expenses:delivery 12.50',
      '  Cr accrued:allot 12.50',
    ]);
  });

  test('is paid what that day costs', () => {
    const held = attended(1, 'walks', at('2026-04-22'));
    const dearer = repriced('2026-05-01', [perSession(1300n)]);
    const moved = postsOn(course, held, dearer, corrected(held, { on: day('2026-05-02') }));
    expect(moved).toContain('  Cr accrued:allot 13.00');
    expect(moved).toContain('  Dr accrued:allot 12.50');
  });

  test('which changes nothing of its pay posts nothing of it: a number for a number', () => {
    const held = attended(1);
    expect(posts(course, held, corrected(held, { number: 2 }))).toEqual([]);
    const odd = prescribed([perCourse(2850n)], { planned: 4 });
    expect(posts(odd, held, corrected(held, { number: 4 }))).toEqual([
      'corrected:',
      '  Cr committed:walks:sessions 0.01',
      '  Dr consumed:delivery 0.01',
      '  Cr expenses:delivery 0.01',
      '  Dr accrued:allot 0.01',
    ]);
  });
});

describe('a missed session', () => {
  const terms = prescribed([perSession(1250n), fee(625n, 1)], { planned: 8 });
  const one = missed(1, 'not-stated', 'walks', at('2026-05-04'));
  const two = missed(2, 'not-stated', 'walks', at('2026-05-11'));

  test('that was none hands its fee on to the next one, each on its own day', () => {
    expect(postsOn(terms, one, two, corrected(one, undefined, at('2026-06-01')))).toEqual([
      'corrected 2026-05-04:',
      '  Cr committed:walks:sessions 12.50',
      '  Dr consumed:noshow 6.25',
      '  Cr expenses:noshow 6.25',
      '  Dr accrued:allot 6.25',
      '  Dr available:prescribing 6.25',
      'corrected 2026-05-11:',
      '  Dr available:prescribing 6.25',
      '  Cr consumed:noshow 6.25',
      '  Dr expenses:noshow 6.25',
      '  Cr accrued:allot 6.25',
    ]);
  });

  test('names the record whose pay changed, and the correction that changed it', () => {
    const correction = corrected(one);
    const entries = entriesOfLast(terms, one, two, correction);
    expect(entries.map(({ corrects }) => corrects)).toEqual([one.id, two.id]);
  });

  test('that the provider called off costs nothing and may be held later', () => {
    expect(posts(terms, one, corrected(one, { class: 'provider-logistics' }))).toEqual([
      'corrected:',
      '  Cr committed:walks:sessions 12.50',
      '  Dr consumed:noshow 6.25',
      '  Cr expenses:noshow 6.25',
      '  Dr accrued:allot 6.25',
      '  Dr available:prescribing 6.25',
    ]);
  });
});

describe('an nth attendance', () => {
  test('is another one when an earlier was none', () => {
    const third = prescribed([nth(3, 4000n)], {});
    const held = [1, 2, 3, 4].map((n) => attended(n, 'walks', at(`2026-05-0${n}`)));
    expect(postsOn(third, ...held, corrected(held[1]!))).toEqual([
      'corrected 2026-05-03:',
      '  Cr committed:walks:nth-3 40.00',
      '  Dr consumed:delivery 40.00',
      '  Cr expenses:delivery 40.00',
      '  Dr accrued:allot 40.00',
      'corrected 2026-05-04:',
      '  Dr committed:walks:nth-3 40.00',
      '  Cr consumed:delivery 40.00',
      '  Dr expenses:delivery 40.00',
      '  Cr accrued:allot 40.00',
    ]);
  });
});

describe('an end that was none', () => {
  test('commits again what it released', () => {
    const out = droppedOut('walks', at('2026-05-20'));
    expect(postsOn(course, attended(1), out, corrected(out))).toEqual([
      'corrected 2026-05-20:',
      '  Cr committed:walks:sessions 87.50',
      '  Dr available:prescribing 87.50',
    ]);
  });

  test('and what came late is taken from the commitment after all', () => {
    const out = droppedOut('walks', at('2026-05-20'));
    const late = attended(1, 'walks', at('2026-05-06'));
    expect(postsOn(course, out, late, corrected(out))).toEqual([
      'corrected 2026-05-20:',
      '  Cr committed:walks:sessions 100.00',
      '  Dr available:prescribing 100.00',
      'corrected 2026-05-06:',
      '  Cr available:prescribing 12.50',
      '  Dr committed:walks:sessions 12.50',
    ]);
  });

  test('takes back what completion earned', () => {
    const bonus = prescribed([perSession(1000n), whenCompleted(500n)], { planned: 2 });
    const done = completed();
    expect(posts(bonus, done, corrected(done))).toEqual([
      'corrected:',
      '  Cr committed:walks:finish 5.00',
      '  Dr consumed:delivery 5.00',
      '  Cr expenses:delivery 5.00',
      '  Dr accrued:allot 5.00',
      '  Cr committed:walks:sessions 20.00',
      '  Dr available:prescribing 20.00',
    ]);
  });

  test('of a whole referral: of each prescription that it had ended', () => {
    const swim = prescribed([perSession(600n)], { name: 'swim', planned: 2 });
    const out = droppedOut();
    expect(posts(course, swim, completed('swim'), out, corrected(out))).toEqual([
      'corrected:',
      '  Cr committed:walks:sessions 100.00',
      '  Dr available:prescribing 100.00',
    ]);
  });

  test('voided itself, it ends again', () => {
    const out = droppedOut('walks');
    const voided = corrected(out);
    expect(posts(course, out, voided, corrected(voided))).toEqual([
      'corrected:',
      '  Dr committed:walks:sessions 100.00',
      '  Cr available:prescribing 100.00',
    ]);
  });
});

describe('an outcome that was not met after all', () => {
  test('goes back to its commitment', () => {
    const terms = prescribed([whenMet(6650n)], {});
    const met = determined(true);
    expect(posts(terms, met, corrected(met, { met: false }))).toEqual([
      'corrected:',
      '  Cr committed:walks:outcome 66.50',
      '  Dr consumed:outcomes 66.50',
      '  Cr expenses:outcomes 66.50',
      '  Dr accrued:allot 66.50',
    ]);
  });
});

describe('the drop-out minimum', () => {
  const terms = prescribed([perSession(1250n), atLeast(3000n)], { planned: 8 });
  const out = droppedOut('walks', at('2026-05-20'));

  test('grows by what was not earned after all', () => {
    const held = attended(1, 'walks', at('2026-05-04'));
    expect(postsOn(terms, held, out, corrected(held))).toEqual([
      'corrected 2026-05-04:',
      '  Cr available:prescribing 12.50',
      '  Dr consumed:delivery 12.50',
      '  Cr expenses:delivery 12.50',
      '  Dr accrued:allot 12.50',
      'corrected 2026-05-20:',
      '  Dr available:prescribing 12.50',
      '  Cr consumed:delivery 12.50',
      '  Dr expenses:delivery 12.50',
      '  Cr accrued:allot 12.50',
    ]);
  });
});

test('a correction of what has no money posts nothing', () => {
  const free = prescribed([], { free: true });
  const held = attended(1);
  expect(posts(free, held, corrected(held))).toEqual([]);
});
