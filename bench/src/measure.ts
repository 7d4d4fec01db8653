/** The middle one; of an even number the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error('A median needs a sample');
  return (low + high) / 2;
}

/** The smallest sample that so many of all are at or below: `0.99` for p99. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (found === undefined) throw new Error('A percentile needs a sample');
  return found;
}

/** What work took, in seconds. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}

/** A rate of what is done one after the other by each of several callers, until time is up. */
export interface Paced {
  readonly perSecond: number;
  /** Of each, in milliseconds. */
  readonly latencies: readonly number[];
}

/**
 * Each caller does one thing after another until the time is up, and ends what it began.
 * `act` is told who calls, and how many that one has done.
 */
export async function byCallers(
  callers: number,
  seconds: number,
  act: (caller: number, done: number) => Promise<void>,
): Promise<Paced> {
  const latencies: number[] = [];
  const started = performance.now();
  const until = started + seconds * 1_000;
  const caller = async (number: number): Promise<void> => {
    for (let done = 0; performance.now() < until; done += 1) {
      const began = performance.now();
      await act(number, done);
      latencies.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
  const took = (performance.now() - started) / 1_000;
  return { perSecond: latencies.length / took, latencies };
}

/** A contestant's one round: it sets itself up, and answers with its figure. */
export interface Contestant {
  readonly id: string;
  readonly what: string;
  round(): Promise<number>;
}

/**
 * Every contestant once, then every one again: what drifts on the machine drifts under all of them.
 * Every second time the other way round, so that nobody always comes after the same neighbour.
 */
export async function inRounds(
  contestants: readonly Contestant[],
  rounds: number,
  say: (text: string) => void,
): Promise<ReadonlyMap<Contestant, readonly number[]>> {
  const samples = new Map(contestants.map((each) => [each, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const each of round % 2 === 0 ? contestants : [...contestants].reverse()) {
      say(`round ${round + 1} of ${rounds}: ${each.what}`);
      samples.get(each)?.push(await each.round());
    }
  }
  return samples;
}
