import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inFolder } from '../../../test/support/imported.js';
import { TokenRefused, openToken } from './token.js';

describe('the token of a data folder', () => {
  test('is made once, and only its hash is kept, for the owner alone', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'new', 'data');
      const { made, file, ...rest } = openToken(data);
      expect(made).toMatch(/^[\w-]{43}$/u);
      expect(JSON.stringify(rest)).not.toContain(made);
      expect(readdirSync(data)).toEqual(['token.sha256']);
      expect(statSync(data).mode & 0o777).toBe(0o700);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const hash = createHash('sha256').update(made!).digest('hex');
      expect(readFileSync(file, 'utf8')).toBe(`${hash}\n`);
      const again = openToken(data);
      expect(again.made).toBeNull();
      expect(again.matches(made!)).toBe(true);
    });
  });

  test('matches itself and nothing else', async () => {
    await inFolder(async (folder) => {
      const token = openToken(folder);
      const made = token.made!;
      const hash = readFileSync(token.file, 'utf8').trim();
      for (const other of ['', ' ', `${made} `, made.slice(1), made.toLowerCase(), hash]) {
        expect(token.matches(other)).toBe(false);
      }
      expect(token.matches(made.repeat(10_000))).toBe(false);
      expect(openToken(join(folder, 'other')).matches(made)).toBe(false);
    });
  });

  test('that is lost is replaced by deleting its hash; the old one is worth nothing then', async () => {
    await inFolder(async (folder) => {
      const old = openToken(folder);
      rmSync(old.file);
      const fresh = openToken(folder);
      expect(fresh.made).not.toBeNull();
      expect(fresh.matches(old.made!)).toBe(false);
    });
  });

  test.each(['', 'geheim\n', 'a'.repeat(63), `${'a'.repeat(64)}\n\n`, 'A'.repeat(64)])(
    'is refused where %j is in its place, and that is left as it is',
    async (text) => {
      await inFolder(async (folder) => {
        const file = join(folder, 'token.sha256');
        writeFileSync(file, text);
        expect(() => openToken(folder)).toThrow(TokenRefused);
        expect(() => openToken(folder)).toThrow(/delete it and start again/u);
        expect(readFileSync(file, 'utf8')).toBe(text);
      });
    },
  );
});
