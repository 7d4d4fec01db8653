import { SingleBar } from 'cli-progress';
import type { Progress } from '#projection';

/** Work shorter than this needs no bar. */
const SHOW_AFTER_MS = 500;

export interface ProgressLine {
  /** The bar shows `done` of `total`; text and rate show `count`, where those are no units. */
  update(done: number, total: number, count?: number): void;
  /** On its way through the log: the bar by place, events by number. */
  readonly follow: (progress: Progress) => void;
  end(): void;
}

/** A bar with rate and time left on standard error, where that is a terminal; nothing elsewhere. */
export function progressLine(label: string, unit: string): ProgressLine {
  const started = performance.now();
  const bar = new SingleBar({
    format: `${label} {bar} {percentage}% | {count} ${unit} | {rate}/s | {eta_formatted} left`,
    stream: process.stderr,
    noTTYOutput: false,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
  });
  let shown = false;
  const update = (done: number, total: number, count = done): void => {
    const elapsed = performance.now() - started;
    if (!process.stderr.isTTY || elapsed < SHOW_AFTER_MS) return;
    const told = { count, rate: Math.round((count * 1000) / elapsed) };
    if (!shown) bar.start(total, done, told);
    shown = true;
    bar.setTotal(total);
    bar.update(done, told);
  };
  return {
    update,
    follow: ({ done, total, events }) => {
      update(Number(done), Number(total), events);
    },
    end() {
      if (shown) bar.stop();
    },
  };
}
