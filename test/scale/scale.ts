/**
 * Fifteen areas and three years of SPRING, invented: loaded, settled, verified and exported in one
 * go, in one process. Not part of the tests, as it takes many minutes:
 *
 *     npm run build && npm run scale
 *     npm run scale -- 3 1        three areas and one year
 *
 * Prints its figures. Fails (exit code 1) where the process took more than `MEMORY_MB_MAX`, where a
 * check does not hold, or where hledger, if it is installed, refuses a journal or gives another
 * balance.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instantOfEpochMs, dayOf } from '#kernel';
import type { LoadProgress } from '../../apps/cli/src/loader.js';
import { wholeRun } from './testing/whole-run.js';

/** Of the whole process, in millions of bytes at the most. */
const MEMORY_MB_MAX = 400;
const SAY_EVERY_LINES = 20_000;

const [areas = 15, years = 3] = process.argv.slice(2).map(Number);
const say = (text: string) => process.stdout.write(`${text}\n`);
/** The kernel counts kibibytes. */
const peakMb = () => Math.ceil((process.resourceUsage().maxRSS * 1_024) / 1e6);

function follow({ lines, reachedMs }: LoadProgress): void {
  if (lines % SAY_EVERY_LINES !== 0) return;
  say(`  ${lines} lines, up to ${dayOf(instantOfEpochMs(reachedMs))}, ${peakMb()} MB at the most`);
}

const folder = mkdtempSync(join(tmpdir(), 'wayledger-scale-'));
const problems: string[] = [];
try {
  const took = new Map<string, number>();
  const options = { scenario: 'spring', areas, years, seed: 1 } as const;
  const onStep = (step: string, seconds: number): void => {
    took.set(step, seconds);
    say(`${step}: ${seconds.toFixed(1)} s, ${peakMb()} MB at the most`);
  };
  const { loaded, events, checks, journalFindings } = await wholeRun(
    ...([folder, options, onStep, follow] as const),
  );
  const rate = Math.round(loaded.lines / (took.get('load') ?? 1));
  say(`${loaded.lines} commands (${rate} a second), ${loaded.refused} refused, ${events} events`);
  say(`${checks.filter(({ ok }) => ok).length} of ${checks.length} checks hold`);
  for (const { name, ok, details } of checks) {
    if (!ok) problems.push(`${name}: ${details.join('; ')}`);
  }
  problems.push(...journalFindings);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (peakMb() > MEMORY_MB_MAX) problems.push(`${peakMb()} MB are more than ${MEMORY_MB_MAX}`);
for (const problem of problems) say(`PROBLEM: ${problem}`);
if (problems.length > 0) process.exitCode = 1;
