/**
 * One of several processes that open the same file at the same moment and append to it: in turn to
 * a stream all share and to one of its own. Says what it was answered.
 */
import { once } from 'node:events';
import { randomId, streamOf, type StreamName } from '#kernel';
import { VersionConflict, type EventLog } from '#event-log';
import { openSqliteEventLog } from '../index.js';

const [path = '', shared = '', turns = '0'] = process.argv.slice(2);

console.log('READY');
await once(process.stdin, 'data');
process.stdin.destroy();

const log = await openSqliteEventLog({ path });
const own = streamOf('own', randomId());
const follower = new AbortController();
const following = (async () => {
  let heard = 0;
  for await (const message of log.subscribe({ after: 0n, signal: follower.signal })) {
    heard += message.kind === 'page' ? message.events.length : 0;
  }
  return heard;
})();
for (let turn = 0; turn < Number(turns); turn += 1) {
  await appendInTurn(log, shared as StreamName);
  await appendInTurn(log, own);
}
follower.abort();
await following;
await log.close();
// No process.exit: a timer left behind would keep this process, and its test, from ending.

async function appendInTurn(to: EventLog, stream: StreamName): Promise<void> {
  const id = randomId<'event'>();
  const event = { id, type: 'Appended', schemaVersion: 1, data: '{}', protected: '{}' };
  for (;;) {
    let expected: number | 'none' = 'none';
    for await (const last of to.readStream(stream, { backwards: true, max: 1 })) {
      expected = last.version;
    }
    try {
      const told = await to.append(stream, expected, [{ ...event, metadata: '{}' }]);
      console.log(JSON.stringify({ id, ...told, position: Number(told.position) }));
      return;
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
    }
  }
}
