import { createInterface } from 'node:readline';
import { randomId, streamOf } from '#kernel';
import { LOG_START, type EventToStore } from '#event-log';
import { openEventStoreDbEventLog, parseConnectionString } from '#event-log/eventstoredb';
// Appends and follows while its parent does what it likes with the server; then ends by itself, if
// nothing holds it.
const STREAMS = 4;
const APPENDS_EACH = 10;

const url = process.argv[2] ?? '';
const log = await openEventStoreDbEventLog({
  settings: parseConnectionString(url),
  timings: { appendDeadlineMs: 300, silenceMs: 300, patienceMs: 20_000, headCheckMs: 100 },
});
const { signal } = new AbortController();
const following = (async () => {
  let heard = 0;
  for await (const message of log.subscribe({ after: LOG_START, signal })) {
    if (message.kind === 'page') heard += message.events.length;
    if (heard === STREAMS * APPENDS_EACH) return;
  }
})();

function anEvent(): EventToStore {
  const texts = { data: '{}', protected: '{}', metadata: '{}' };
  return { id: randomId(), type: 'SomethingHappened', schemaVersion: 1, ...texts };
}

/** Half of them before the parent has done it, so that it comes in the middle. */
const goOn = new Promise<void>((resolve) => {
  createInterface({ input: process.stdin }).on('line', () => {
    resolve();
  });
});
const writing = Array.from({ length: STREAMS }, async (_, index) => {
  const stream = streamOf('probe', randomId());
  for (let version = 0; version < APPENDS_EACH; version += 1) {
    if (version === APPENDS_EACH / 2 && index % 2 === 0) await goOn;
    await log.append(stream, version === 0 ? 'none' : version - 1, [anEvent()]);
    console.log('APPENDED');
  }
});
await Promise.all(writing);
await following;
await log.close();
process.stdin.destroy();
console.log('CLOSED');
