import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { startChild } from '../conformance/child.js';
import { judge, STRACE, type Verdict } from './testing/disk-trace.js';

const [strace = '', ...STRACE_ARGS] = STRACE;
const canTrace = spawnSync(strace, ['-f', '-e', 'trace=none', process.execPath, '-v']).status === 0;
const required = (process.env['WAYLEDGER_TEST_REQUIRE'] ?? '').split(',').includes('strace');

const APPENDS = 120;

/** A killed process alone could not show a missing sync: the kernel still writes for the dead. */
describe('an append is on disk before it is answered', () => {
  if (!canTrace && !required) {
    test.skip('(skipped: strace is missing, or may not trace processes here)', () => undefined);
    return;
  }

  test('strace can be used here', () => {
    expect(canTrace).toBe(true);
  });

  test('for appends one by one', async () => {
    const { acks, syncs, tooEarly } = await traced({ callers: 1 });
    expect({ acks, tooEarly }).toEqual({ acks: APPENDS, tooEarly: [] });
    expect(syncs).toBeGreaterThanOrEqual(APPENDS);
  });

  test('for appends that are committed together', async () => {
    const { acks, syncs, tooEarly } = await traced({ callers: 20 });
    expect({ acks, tooEarly }).toEqual({ acks: APPENDS, tooEarly: [] });
    // Otherwise this would only be the case above once more.
    expect(syncs).toBeLessThan(APPENDS / 2);
  });

  test.each([1, 20])('and the same eyes see it when it is not (%i at once)', async (callers) => {
    const { acks, tooEarly } = await traced({ callers, sync: 'never' });
    expect(acks).toBe(APPENDS);
    expect(tooEarly.length).toBeGreaterThanOrEqual(APPENDS);
  });
});

async function traced({ callers = 1, sync = 'as-it-is' }): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'wayledger-disk-'));
  try {
    const [path, trace] = [join(folder, 'log.db'), join(folder, 'trace')];
    const args = [path, String(APPENDS), String(callers), sync];
    const script = new URL('./testing/durability-child.js', import.meta.url);
    const child = startChild(script, args, [strace, ...STRACE_ARGS, trace]);
    expect(await child.ended).toBe(0);
    return judge(readFileSync(trace, 'latin1'), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
