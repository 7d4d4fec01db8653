/**
 * Appends, one at a time or many at once, and says "ACK n" in a system call of its own the moment
 * an append is answered. Run under strace, which sees what happened on the disk before that.
 */
import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { randomId, streamOf } from '#kernel';
import { openSqliteEventLog } from '../index.js';
import { markerOf } from './disk-trace.js';

const [path = '', count = '0', callers = '1', sync = 'as-it-is'] = process.argv.slice(2);
if (sync === 'never') neverSync();

const log = await openSqliteEventLog({ path });
let next = 0;
await Promise.all(Array.from({ length: Number(callers) }, appendInTurn));
await log.close();

async function appendInTurn(): Promise<void> {
  while (next < Number(count)) {
    const n = next++;
    await log.append(streamOf('probe', randomId()), 'none', [
      {
        id: randomId(),
        type: 'Appended',
        schemaVersion: 1,
        data: JSON.stringify({ marker: markerOf(n) }),
        protected: '{}',
        metadata: '{}',
      },
    ]);
    writeSync(1, `ACK ${n}\n`);
  }
}

/** What the test must catch. Done from outside: the product has no such switch. */
function neverSync(): void {
  const unsafe = (sql: string): string => sql.replace(/synchronous\s*=\s*\w+/gi, 'synchronous=OFF');
  // Called with the right `this` below.

  const { exec, prepare } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (sql) {
    exec.call(this, unsafe(sql));
  };
  DatabaseSync.prototype.prepare = function (sql, options) {
    return prepare.call(this, unsafe(sql), options);
  };
}
