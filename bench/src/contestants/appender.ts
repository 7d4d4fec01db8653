import { byCallers, type Paced } from '../measure.ts';
import { referralsOf, type Next, type Sample } from '../inputs/samples.ts';

/** A store that answers when an event is on disk. */
export interface Appender {
  append(next: Next): Promise<void>;
  close(): Promise<void>;
}

/** One-event appends by so many callers, each on referrals of its own. */
export async function appendsBy(
  callers: number,
  seconds: { readonly warmUp: number; readonly measured: number },
  samples: readonly Sample[],
  appender: Appender,
): Promise<Paced> {
  const referrals = Array.from({ length: callers }, () => referralsOf(samples));
  const act = async (caller: number): Promise<void> => {
    const next = referrals[caller]?.next();
    if (next !== undefined) await appender.append(next.value);
  };
  await byCallers(callers, seconds.warmUp, act);
  return byCallers(callers, seconds.measured, act);
}
