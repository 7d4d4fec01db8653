import { describe, test } from '@jest/globals';
import { closingLaws } from './closing.js';
import { atomicityLaws, contentLaws, immutabilityLaws, limitLaws } from './contents.js';
import type { EventLogFixture, Law, OverwriteAttempt } from './fixture.js';
import { idempotencyLaws, repetitionLimitLaws } from './idempotency.js';
import { namespaceLaws } from './namespaces.js';
import { orderLaws } from './order.js';
import { logReadingLaws, streamReadingLaws } from './reading.js';
import { followingLaws, pullingLaws, resumingLaws } from './subscribing.js';
import { racingLaws, versionLaws } from './versions.js';

export { describeGoldenFiles } from './golden.js';
export * from './support.js';
export type { EventLogFixture, Law, OverwriteAttempt };

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
