/** Another process that holds the write lock of the file until it is told to let go. */
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';

const db = new DatabaseSync(process.argv[2] ?? '');
db.exec('BEGIN IMMEDIATE');
console.log('LOCKED');
await once(process.stdin, 'data');
process.stdin.destroy();
db.exec('ROLLBACK');
db.close();
