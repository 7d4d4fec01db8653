/**
 * One of several processes that build the same read models: says READY, waits for a line, opens log
 * and read models, does what it was started for, says DONE. `hang` begins a rebuild and never ends
 * it.
 */
import { once } from 'node:events';
import { openSqliteEventLog } from '#event-log/sqlite';
import { Runner } from '../index.js';
import { codec, openViews } from './store.js';
import { tally } from './tally.js';

const [folder = '', address = '', task = ''] = process.argv.slice(2);

console.log('READY');
await once(process.stdin, 'data');
process.stdin.destroy();

const log = await openSqliteEventLog({ path: `${folder}/log.db` });
const views = await openViews(address);
const runner = new Runner({ log, codec, views, projections: [tally()], pageEvents: 3 });
if (task === 'catch-up') await runner.catchUp();
if (task === 'rebuild') await runner.rebuild();
if (task === 'compare') console.log(JSON.stringify(await runner.compareRebuilt()));
if (task === 'hang') {
  await runner.rebuild(undefined, () => {
    console.log('HANGS');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
}
console.log('DONE');
await views.close();
await log.close();
