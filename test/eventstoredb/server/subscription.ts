import type { ReadCall } from './read-place.js';
import type { Breakable } from './faults.js';
import { TOMBSTONE_TYPE, type LogPosition, type LogRecord } from './log-record.js';
import { caughtUp, checkpoint, eventAnswer } from './read-answers.js';
import { streamDeleted, type Refusal } from './refusal.js';
import type { ServerStore } from './server-store.js';

/** A reader further behind than this is not live any more. */
const LIVE_BUFFER_EVENTS = 32;

export interface Subscribing {
  /** Not for `$all`; the subscription ends when the stream is deleted for good. */
  readonly stream?: string;
  /** Of the first record to consider. */
  readonly index: number;
  /** Where the reader stands before that, if it said so. */
  readonly after: LogPosition | undefined;
  readonly structuredIds: boolean;
  /** Events considered between two checkpoints; without a filter there are none. */
  readonly checkpointEvery: number | undefined;
  matches(record: LogRecord): boolean;
}

/** Buffers nothing: what is to be sent next is in the store, and waits there for a slow reader. */
export class Subscription implements Breakable {
  readonly #call: ReadCall;
  readonly #store: ServerStore;
  readonly #how: Subscribing;
  #index: number;
  #reached: LogPosition | undefined;
  #considered = 0;
  #live = false;
  #ended = false;
  readonly #stopListening: () => void;

  constructor(call: ReadCall, store: ServerStore, how: Subscribing) {
    this.#call = call;
    this.#store = store;
    this.#how = how;
    this.#index = how.index;
    this.#reached = how.after;
    const send = () => {
      this.#send();
    };
    call.on('drain', send);
    this.#stopListening = store.onWritten(send);
    for (const end of ['cancelled', 'finish']) {
      call.once(end, () => {
        this.wedge();
      });
    }
    send();
  }

  wedge(): void {
    this.#ended = true;
    this.#stopListening();
  }

  drop(refusal: Refusal): void {
    this.wedge();
    this.#call.emit('error', refusal);
  }

  #send(): void {
    const behind = this.#store.records.length - this.#index;
    if (behind > LIVE_BUFFER_EVENTS) this.#live = false;
    while (!this.#ended && !this.#call.writableNeedDrain) {
      const record = this.#store.records[this.#index];
      if (record === undefined) {
        this.#reachEnd();
        return;
      }
      this.#index += 1;
      this.#reached = record.position;
      this.#consider(record);
    }
  }

  #consider(record: LogRecord): void {
    const { matches, structuredIds, checkpointEvery } = this.#how;
    if (record.type === TOMBSTONE_TYPE && record.stream === this.#how.stream) {
      this.drop(streamDeleted(record.stream));
      return;
    }
    if (matches(record)) this.#call.write(eventAnswer(record, structuredIds));
    if (checkpointEvery === undefined) return;
    this.#considered += 1;
    if (this.#considered % checkpointEvery === 0) this.#call.write(checkpoint(record.position));
  }

  #reachEnd(): void {
    if (this.#live) return;
    this.#live = true;
    const { checkpointEvery } = this.#how;
    if (checkpointEvery !== undefined && this.#reached !== undefined) {
      this.#call.write(checkpoint(this.#reached));
    }
    this.#call.write(caughtUp());
  }
}
