import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { timeLeft } from './progress.js';

// What stood there once: "NFs left", "LLs left", and 25 seconds between 3 and 5.
describe('the time that is left', () => {
  test.each([
    [1_000, 1, 4, '3s'],
    [10_000, 50, 100, '10s'],
    [10_000, 1, 8, '1m10s'],
    [60_000, 1, 61, '60m00s'],
  ])('after %i ms at %i of %i is %s', (elapsed, done, total, left) => {
    expect(timeLeft(elapsed, done, total)).toBe(left);
  });

  test('is nothing at the end, and not known before anything is done', () => {
    expect(timeLeft(1_000, 4, 4)).toBe('0s');
    expect(timeLeft(1_000, 5, 4)).toBe('0s');
    expect(timeLeft(1_000, 0, 4)).toBe('?');
    expect(timeLeft(1_000, 0, 0)).toBe('?');
  });
});

const HIDDEN = '\u001B[?25l';
const SHOWN = '\u001B[?25h';
/** A process whose standard error passes for a terminal, at work until it is killed. */
const AT_WORK = `
  process.stderr.isTTY = true;
  const { progressLine } = await import(process.argv[1]);
  const line = progressLine('working', 'things');
  setInterval(() => line.update(1, 2), 20);
`;

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a process that %s ends in the middle gives the terminal its cursor back',
  async (signal) => {
    const module = new URL('./progress.js', import.meta.url).href;
    const child = spawn(process.execPath, ['--input-type=module', '-e', AT_WORK, module], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (!told.includes(HIDDEN) && text.includes(HIDDEN)) child.kill(signal);
      told += text;
    });
    expect(await once(child, 'close')).toEqual([null, signal]);
    expect(told.lastIndexOf(SHOWN)).toBeGreaterThan(told.lastIndexOf(HIDDEN));
  },
);
