import type { AllStreamResolvedEvent } from '@eventstore/db-client';
import { LOG_START, type Position } from '#event-log';
import type { Connection } from './connection.js';
import { positionOf, type Naming } from './frame.js';
import { gather, type Gathering, type Source } from './gather.js';
import type { GuardedClient } from './guarded-client.js';
import type { Reading } from './reading.js';

/** Records of others, newer than ours, that are stepped over backwards. */
const STEP_OVER_MAX = 1_000;

interface Known {
  /** Of the newest event of ours. */
  readonly head: Position;
  /** Of the newest record of all when that was found: up to here nothing newer is ours. */
  readonly end: Position;
}

/**
 * Finds the newest event of ours. The server tells only the newest of all; what else it holds
 * (other namespaces, its own records) is stepped over backwards. Where that is too much, our events
 * are gone through forwards, from the last that is known, as the server can filter only that way.
 */
export class HeadFinder {
  private known: Known = { head: LOG_START, end: LOG_START };

  constructor(
    private readonly connection: Connection,
    private readonly naming: Naming,
    private readonly reading: Reading,
  ) {}

  /** As it was found last: of an event that is there. */
  get last(): Position {
    return this.known.head;
  }

  find(signal?: AbortSignal): Promise<Position> {
    return this.connection.call(
      async (client) => {
        let found = await this.backwards(client, 1, signal);
        if (found.head === null) found = await this.backwards(client, STEP_OVER_MAX, signal);
        const { end } = found;
        const head = found.head ?? (await this.forwards(client, signal));
        if (end > this.known.end) this.known = { head, end };
        return head;
      },
      { signal },
    );
  }

  private async backwards(
    client: GuardedClient,
    max: number,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly head: Position | null; readonly end: Position }> {
    const { known } = this;
    const found: { head: Position | null; end: Position | null } = { head: null, end: null };
    let seen = 0;
    const open = (): Source<AllStreamResolvedEvent> =>
      client.readAll({
        direction: 'backwards',
        fromPosition: 'end',
        maxCount: max,
        ...this.connection.asked(),
      });
    await gather(
      open,
      ({ event }: AllStreamResolvedEvent, { done }) => {
        if (event === undefined) return;
        seen += 1;
        found.end ??= event.position.commit;
        if (event.streamId.startsWith(this.naming.prefix)) found.head = positionOf(event);
        else if (event.position.commit <= known.end) found.head = known.head;
        // Of one record alone the end comes by itself.
        if (found.head !== null && max > 1) done();
      },
      { silenceMs: this.connection.timings.silenceMs, signal },
    );
    // Shorter than what would be stepped over: that was all there is.
    if (seen < max) found.head ??= LOG_START;
    return { head: found.head, end: found.end ?? LOG_START };
  }

  /** Up to where the server says that there is no more: beyond the end that was found before. */
  private async forwards(
    client: GuardedClient,
    signal: AbortSignal | undefined,
  ): Promise<Position> {
    let { head } = this.known;
    let isLevel = false;
    let source: Source<AllStreamResolvedEvent> | undefined;
    const doneWhenLevel = ({ done }: Gathering): void => {
      // What was delivered before may still wait to be taken.
      if (isLevel && source?.readableLength === 0) done();
    };
    await gather(
      (gathering) => {
        source = this.reading.subscription(client, head, gathering);
        return source.on('caughtUp', () => {
          isLevel = true;
          doneWhenLevel(gathering);
        });
      },
      ({ event }: AllStreamResolvedEvent, gathering) => {
        if (event !== undefined) head = positionOf(event);
        doneWhenLevel(gathering);
      },
      { silenceMs: this.connection.timings.silenceMs, signal, endless: true },
    );
    return head;
  }
}
