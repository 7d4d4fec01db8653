import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Agenda } from './agenda.js';

test('the earliest comes first, and of the same minute the first noted, however it was filled', () => {
  const steps = fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { freq: 3, nil: null }));
  fc.assert(
    fc.property(steps, (all) => {
      const agenda = new Agenda<{ at: number; noted: number }>();
      const plain: { at: number; noted: number }[] = [];
      all.forEach((step, noted) => {
        if (step !== null) {
          agenda.add(step, { at: step, noted });
          plain.push({ at: step, noted });
          return;
        }
        plain.sort((a, b) => a.at - b.at || a.noted - b.noted);
        expect(agenda.next(Infinity)).toEqual(plain.shift());
      });
    }),
  );
});

test('what is after the end stays where it is', () => {
  const agenda = new Agenda<string>();
  agenda.add(5, 'later');
  expect(agenda.next(4)).toBeUndefined();
  expect(agenda.next(5)).toBe('later');
});
