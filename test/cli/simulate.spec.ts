import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { json, wayledger } from './testing/command-line.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wayledger-simulate-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const simulate = (...args: string[]) => wayledger('simulate', '--areas', '1', ...args);

describe('wayledger simulate', () => {
  test('writes the same to a file as to standard output, and says what to do with it', () => {
    const out = join(folder, 'year.ndjson');
    const { status, stdout } = simulate('--out', out);
    expect(status).toBe(0);
    expect(stdout).toContain('from 2025-04-01 to 2026-03-31');
    expect(stdout).toContain(`npx wayledger import ${out} --as-recorded`);
    const printed = simulate().stdout;
    expect(readFileSync(out, 'utf8')).toBe(printed);
    expect(json(printed).length).toBeGreaterThan(2_000);
    expect(stdout).toContain(`${json(printed).length} lines`);
  });

  test('does not write over a file, and leaves nothing where it cannot write', () => {
    const out = join(folder, 'kept.ndjson');
    expect(simulate('--out', out, '--seed', '2').status).toBe(0);
    const before = readFileSync(out, 'utf8');
    const again = simulate('--out', out, '--seed', '3');
    expect(again.status).toBe(3);
    expect(again.stderr).toContain('already: name another, or remove it first.');
    expect(readFileSync(out, 'utf8')).toBe(before);
    const nowhere = simulate('--out', join(folder, 'nowhere', 'year.ndjson'));
    expect(nowhere.status).toBe(3);
    expect(nowhere.stderr).toContain('make it first.');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test.each([
    [['--areas', '101'], 'A whole number from 1 to 100.'],
    [['--areas', '-1'], 'A whole number from 1 to 100.'],
    [['--years', '0'], 'A whole number from 1 to 10.'],
    [['--seed', '1.5'], 'A whole number from 0 to 2147483647.'],
    [['--scenario', 'leeds'], 'Allowed choices are spring, highland.'],
  ])('%j is refused with what may be given', (args, message) => {
    const { status, stderr } = simulate(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test('says in its help that all of it is invented', () => {
    expect(simulate('--help').stdout).toContain('Everything in it is invented');
  });
});
