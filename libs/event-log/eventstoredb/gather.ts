import { EventEmitter } from 'node:events';
import { ReaderGone, Silence } from './failures.js';

/** A read or a subscription of the client: it has begun by the time one holds it. */
export interface Source<E> extends EventEmitter {
  readonly readableLength: number;
  on(event: 'data', listener: (resolved: E) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'end' | 'confirmation' | 'caughtUp', listener: () => void): this;
  cancel?(): Promise<void>;
  unsubscribe?(): Promise<void>;
}

export interface GatherOptions {
  /** Nothing for so long is a failure; the client's own reads would wait for ever. */
  readonly silenceMs: number;
  readonly signal?: AbortSignal | undefined;
  /** A subscription has no end: when it comes to one, it was dropped. */
  readonly endless?: boolean;
}

export interface Gathering {
  /** Something was heard, even if it was no event. */
  readonly alive: () => void;
  /** What was to be had is there. */
  readonly done: () => void;
}

/**
 * Takes what a read or subscription delivers until one has enough, it ends, fails, or falls silent;
 * then sees to it that the server stops too. The client's own iterator would leave the call open.
 * `onEvent` is synchronous and small: that is all the back-pressure there is.
 */
export function gather<E>(
  open: (gathering: Gathering) => Source<E>,
  onEvent: (resolved: E, gathering: Gathering) => void,
  { silenceMs, signal, endless = false }: GatherOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let over = false;
    const end = (settle: () => void): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      stop(source);
      settle();
    };
    const onAbort = (): void => {
      end(() => {
        reject(new ReaderGone());
      });
    };
    const fail = (error: Error): void => {
      end(() => {
        reject(error);
      });
    };
    const timer = setTimeout(() => {
      fail(new Silence(silenceMs));
    }, silenceMs);
    const gathering: Gathering = {
      alive: () => timer.refresh(),
      done: () => {
        end(resolve);
      },
    };
    const source = open(gathering);
    // Stays: what fails after we have left would otherwise end the process.
    source.on('error', fail);
    source.on('end', () => {
      if (endless) fail(new Error('the subscription was dropped'));
      else gathering.done();
    });
    source.on('confirmation', gathering.alive);
    source.on('data', (resolved) => {
      if (over) return;
      gathering.alive();
      try {
        onEvent(resolved, gathering);
      } catch (error) {
        fail(error as Error);
      }
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
  });
}

function stop(source: Pick<Source<unknown>, 'cancel' | 'unsubscribe'>): void {
  // Rejects when the call never came to be: then there is nothing to stop.
  const stopped = source.unsubscribe?.() ?? source.cancel?.();
  stopped?.catch(() => undefined);
}
