import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { RULES } from './domain/postings.js';
import { FUNDING_CASES, REFERRAL_CASES } from './testing/posting-cases.js';
import { postingTableText } from './testing/posting-table.js';

const FILE = 'docs/postings.md';

describe('the table of postings', () => {
  test('is what the code posts; `npm run docs` writes it anew', () => {
    const text = postingTableText(REFERRAL_CASES, FUNDING_CASES);
    if (process.env['UPDATE_DOCS'] !== undefined) writeFileSync(FILE, text);
    expect(readFileSync(FILE, 'utf8')).toBe(text);
  });

  test('has every rule there is', () => {
    const shown = [...REFERRAL_CASES, ...FUNDING_CASES].flatMap(({ entries }) =>
      entries.map(({ rule }) => rule),
    );
    expect([...new Set(shown)].sort()).toEqual([...RULES].sort());
  });
});
