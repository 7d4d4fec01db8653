import { SingleBar } from 'cli-progress';

/** Work shorter than this needs no bar. */
const SHOW_AFTER_MS = 500;

export interface ProgressLine {
  update(done: number, total: number): void;
  end(): void;
}

/** A bar with rate and time left on standard error, where that is a terminal; nothing elsewhere. */
export function progressLine(label: string, unit: string): ProgressLine {
  const started = performance.now();
  const bar = new SingleBar({
    format: `${label} {bar} {percentage}% | {value}/{total} ${unit} | {rate}/s | {eta_formatted} left`,
    stream: process.stderr,
    noTTYOutput: false,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 24,
  });
  let shown = false;
  return {
    update(done, total) {
      const elapsed = performance.now() - started;
      if (!process.stderr.isTTY || elapsed < SHOW_AFTER_MS) return;
      const rate = Math.round((done * 1000) / elapsed);
      if (!shown) bar.start(total, done, { rate });
      shown = true;
      bar.setTotal(total);
      bar.update(done, { rate });
    },
    end() {
      if (shown) bar.stop();
    },
  };
}
