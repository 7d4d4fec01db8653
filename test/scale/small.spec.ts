import { describe, expect, test } from '@jest/globals';
import { inFolder } from '../support/imported.js';
import { wholeRun } from './testing/whole-run.js';

const OF_A_YEAR = { scenario: 'spring', areas: 2, years: 1, seed: 3 } as const;

/** The whole of it is `npm run scale`: fifteen areas and three years, and a limit to its memory. */
describe('a small part of the large run', () => {
  test(
    'is loaded, proven and exported, to the penny',
    () =>
      inFolder(async (folder) => {
        const { loaded, events, checks, journalFindings } = await wholeRun(folder, OF_A_YEAR);
        expect(loaded.lines).toBeGreaterThan(4_000);
        expect(loaded.refused).toBeLessThan(loaded.lines / 1_000);
        expect(events).toBeGreaterThanOrEqual(loaded.events);
        expect(checks.filter(({ ok }) => !ok)).toEqual([]);
        expect(checks.length).toBeGreaterThan(15);
        expect(journalFindings).toEqual([]);
      }),
    240_000,
  );
});
