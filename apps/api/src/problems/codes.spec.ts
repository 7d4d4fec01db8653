import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { statusOfCode } from './codes.js';

const ROOT = fileURLToPath(new URL('../../../../..', import.meta.url));
/** What the reader of whole files refuses never comes over HTTP. */
const OF_FILES = ['line-too-long', 'no-recorded-time', 'time-runs-backwards'];

/** Nor does what becomes of a spreadsheet. */
const NOT_SERVED = /\.spec\.ts$|\/testing\/|\/spreadsheet\//u;

/** Every code that some line of the source gives a refusal. */
function codesInSource(): string[] {
  const files = ['libs', 'apps'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.ts$/u.test(file) && !NOT_SERVED.test(file))
      .map((file) => readFileSync(join(ROOT, folder, file), 'utf8')),
  );
  // The first argument, up to its comma: mostly a word, sometimes a choice of two.
  const given = /\b(?:refuse|problem)\(\s*([^,()]*?'[a-z0-9-]+'[^,()]*?),/gu;
  const first = files.flatMap((text) => [...text.matchAll(given)].map(([, code]) => code!));
  return first.flatMap((code) => [...code.matchAll(/'([a-z0-9-]+)'/gu)].map(([, one]) => one!));
}

describe('the table of codes', () => {
  const codes = [...new Set(codesInSource())].filter((code) => !OF_FILES.includes(code));

  test('knows the status of every code that anything in the source refuses with', () => {
    expect(codes.length).toBeGreaterThan(170);
    expect(codes).toEqual(expect.arrayContaining(['kind-needed', 'no-such-prescription']));
    expect(codes.filter((code) => statusOfCode(code) === undefined)).toEqual([]);
  });

  test.each([
    ['wrong-field', 400],
    ['not-your-referral', 403],
    ['no-such-referral', 404],
    ['version-changed', 412],
    ['pot-exhausted', 422],
    ['never-heard-of', undefined],
  ])('%s is %s', (code, status) => {
    expect(statusOfCode(code)).toBe(status);
  });
});
