import { SingleBar } from 'cli-progress';
import type { Progress } from '#projection';

/** Work shorter than this needs no bar. */
const SHOW_AFTER_MS = 500;

export interface ProgressLine {
  /** The bar shows `done` of `total`; text and rate show `count`, where those are no units. */
  update(done: number, total: number, count?: number): void;
  /** On its way through the log: the bar by place, events by number. */
  readonly follow: (progress: Progress) => void;
  readonly end: () => void;
}

/** What ends a process at a terminal, if nobody hears it. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * How long the rest takes at the rate of all that is done. The bar's own estimate looks at the last
 * few updates only: it jumps, and where nothing moved between two of them it is no number.
 */
export function timeLeft(elapsedMs: number, done: number, total: number): string {
  if (done <= 0) return '?';
  const seconds = Math.ceil((elapsedMs * Math.max(0, total - done)) / done / 1_000);
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return minutes === 0 ? `${rest}s` : `${minutes}m${String(rest).padStart(2, '0')}s`;
}

/** A bar with rate and time left on standard error, where that is a terminal; nothing elsewhere. */
export function progressLine(label: string, unit: string): ProgressLine {
  const started = performance.now();
  const bar = new SingleBar({
    format: `${label} {bar} {percentage}% | {count} ${unit} | {rate}/s | {left} left`,
    stream: process.stderr,
    noTTYOutput: false,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
  });
  let shown = false;
  // It hides the cursor: who presses Ctrl-C gets it back, then the process ends as it would have.
  const cutOff = (signal: NodeJS.Signals): void => {
    end();
    process.kill(process.pid, signal);
  };
  const begin = (total: number, done: number, told: object): void => {
    for (const signal of SIGNALS) process.once(signal, cutOff);
    bar.start(total, done, told);
    shown = true;
  };
  const end = (): void => {
    if (shown) bar.stop();
    shown = false;
    for (const signal of SIGNALS) process.off(signal, cutOff);
  };
  const update = (done: number, total: number, count = done): void => {
    const elapsed = performance.now() - started;
    if (!process.stderr.isTTY || elapsed < SHOW_AFTER_MS) return;
    const rate = Math.round((count * 1000) / elapsed);
    const told = { count, rate, left: timeLeft(elapsed, done, total) };
    if (!shown) begin(total, done, told);
    bar.setTotal(total);
    bar.update(done, told);
  };
  return {
    update,
    follow: ({ done, total, events }) => {
      update(Number(done), Number(total), events);
    },
    end,
  };
}
