import { once } from 'node:events';
import { randomId, streamOf, type StreamName } from '#kernel';
import { VersionConflict, type EventLog } from '#event-log';
import { follow } from './support.js';

/** Of each worker: a turn is an append to the stream that all share and one to its own. */
export const TURNS = 40;

/**
 * One of several processes that open the same store at the same moment and append to it: in turn to
 * a stream all share and to one of its own. Says what it was answered.
 */
export async function appendAsChild(open: (place: string) => Promise<EventLog>): Promise<void> {
  const [place = '', shared = ''] = process.argv.slice(2);
  console.log('READY');
  await once(process.stdin, 'data');
  process.stdin.destroy();

  const log = await open(place);
  const own = streamOf('own', randomId());
  const follower = follow(log);
  for (let turn = 0; turn < TURNS; turn += 1) {
    await appendInTurn(log, shared as StreamName);
    await appendInTurn(log, own);
  }
  await follower.stop();
  await log.close();
  // No process.exit: a timer left behind would keep this process, and its test, from ending.
}

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
