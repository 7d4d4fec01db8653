import { describe, test } from '@jest/globals';
import type { EventLog, StoredEvent } from '#event-log';
import { closingLaws } from './closing.js';
import { atomicityLaws, contentLaws, immutabilityLaws, limitLaws } from './contents.js';
import { idempotencyLaws, repetitionLimitLaws } from './idempotency.js';
import { namespaceLaws } from './namespaces.js';
import { orderLaws } from './order.js';
import { logReadingLaws, streamReadingLaws } from './reading.js';
import { followingLaws, pullingLaws, resumingLaws } from './subscribing.js';
import { racingLaws, versionLaws } from './versions.js';

/** One store of its own for one case; all its handles see the same log. */
export interface EventLogFixture {
  /** Another handle on the store, as another process would have one. */
  open(namespace?: string): Promise<EventLog>;
  /** The store goes away and comes back. Handles from before may be closed by it, or reconnect. */
  restart(): Promise<void>;
  /** Every way past the port, in the store's own language, to change or delete what is written. */
  overwriteAttempts(written: StoredEvent): readonly OverwriteAttempt[];
  /** Closes every handle and removes the store. */
  dispose(): Promise<void>;
}

export interface OverwriteAttempt {
  readonly what: string;
  /** Throws, or rejects, when the store refuses. */
  run(): unknown;
}

/** One law of the log; every case has its own store and a first handle on it. */
export type Law = (
  claim: string,
  scenario: (log: EventLog, fixture: EventLogFixture) => Promise<void>,
) => void;

/** The laws of the log (`port.ts`), the same for every store: an adapter adds one line. */
export function describeEventLog(name: string, makeFixture: () => Promise<EventLogFixture>): void {
  const law: Law = (claim, scenario) => {
    test(claim, async () => {
      const fixture = await makeFixture();
      try {
        await scenario(await fixture.open(), fixture);
      } finally {
        await fixture.dispose();
      }
    });
  };
  const laws: readonly (readonly [string, (law: Law) => void])[] = [
    ['total order', orderLaws],
    ['expected version', versionLaws],
    ['racing writers', racingLaws],
    ['idempotent appends', idempotencyLaws],
    ['what is no repetition', repetitionLimitLaws],
    ['what is written', contentLaws],
    ['all or nothing', atomicityLaws],
    ['what is refused', limitLaws],
    ['immutability', immutabilityLaws],
    ['reading a stream', streamReadingLaws],
    ['reading the log', logReadingLaws],
    ['namespaces', namespaceLaws],
    ['following the log', followingLaws],
    ['pulling at the reader’s own pace', pullingLaws],
    ['resuming', resumingLaws],
    ['closing', closingLaws],
  ];
  describe(`the ${name} event log keeps the laws of the log:`, () => {
    for (const [group, cases] of laws) {
      describe(group, () => {
        cases(law);
      });
    }
  });
}
