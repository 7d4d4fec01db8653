import { randomUUID } from 'node:crypto';
import { EncodedEvent, type StoredEvent } from '#event-log';
import { streamOf, type JsonObject, type StreamName } from '#kernel';

/** Parts of a real event, each as its store takes them: a peer takes objects, our log texts. */
export interface Sample {
  readonly type: string;
  readonly data: JsonObject;
  readonly protected: JsonObject;
  readonly metadata: JsonObject;
  /** As the handlers' codec makes it. Its id comes again in other streams: nobody looks there. */
  readonly event: EncodedEvent;
}

const SAMPLES = 2_000;
/** About what a referral of SPRING has. */
const EVENTS_PER_STREAM = 25;

/** Referrals' events from the middle of a log: what is appended most, as large as it is. */
export function samplesOf(events: readonly StoredEvent[]): readonly Sample[] {
  const ofReferrals = events.filter(({ stream }) => stream.startsWith('referral-'));
  const from = Math.max(0, Math.floor((ofReferrals.length - SAMPLES) / 2));
  return ofReferrals.slice(from, from + SAMPLES).map((stored) => {
    const parts = {
      data: JSON.parse(stored.data) as JsonObject,
      protected: JSON.parse(stored.protected) as JsonObject,
      metadata: JSON.parse(stored.metadata) as JsonObject,
    };
    const { id, type, schemaVersion } = stored;
    return { type, ...parts, event: new EncodedEvent(id, type, schemaVersion, parts) };
  });
}

/** Bytes of all texts of an event, on average. */
export function bytesOf(samples: readonly Sample[]): number {
  const sizes = samples.map(({ event }) =>
    [event.data, event.protected, event.metadata].reduce(
      (sum, text) => sum + Buffer.byteLength(text),
      0,
    ),
  );
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length);
}

/** Where a caller's next event goes: a new referral begins when one has had its events. */
export interface Next {
  readonly stream: StreamName;
  readonly version: number;
  readonly sample: Sample;
}

/** One caller's referrals, event by event, for as long as it is asked. */
export function* referralsOf(samples: readonly Sample[]): Generator<Next, never, undefined> {
  // Each begins elsewhere, so that they do not all write the same type at the same time.
  let at = Math.floor(Math.random() * samples.length);
  for (;;) {
    const stream = streamOf('referral', randomUUID());
    for (let version = 0; version < EVENTS_PER_STREAM; version += 1) {
      const sample = samples[at % samples.length];
      if (sample === undefined) throw new Error('There is no event to write');
      yield { stream, version, sample };
      at += 1;
    }
  }
}
