import { present, systemClock, type PersonId } from '#kernel';
import { isPostgresAddress, parsePostgresAddress } from '#postgres';
import type { KeyStore } from '../key-store.js';
import { openPostgresKeyStore } from '../postgres-key-store.js';
import { openSqliteKeyStore } from '../sqlite-key-store.js';

/** Asks a child process to open the same key store several times and use all handles at once. */
export interface HolderTask {
  /** The file, or `postgres://…`. */
  readonly at: string;
  readonly handles: number;
  readonly ask: 'keyFor' | 'find';
  readonly persons: readonly PersonId[];
}
/** For each handle the keys in hexadecimal, in the order of `persons`. */
export type HolderAnswer = readonly (readonly (string | null)[])[];

/**
 * A process of its own for the specs. It says `ready`, takes one task, answers, and stays, its
 * handles open, until it is killed or its parent goes.
 */
async function carryOut(task: HolderTask): Promise<HolderAnswer> {
  const opened = Array.from({ length: task.handles }, () => openAt(task.at));
  const stores = await Promise.all(opened);
  return Promise.all(
    stores.map((store) =>
      Promise.all(
        task.persons.map(
          async (person) => (await store[task.ask](person))?.toString('hex') ?? null,
        ),
      ),
    ),
  );
}

function openAt(at: string): Promise<KeyStore> {
  return isPostgresAddress(at)
    ? openPostgresKeyStore({ address: parsePostgresAddress(at), clock: systemClock })
    : openSqliteKeyStore({ path: at, clock: systemClock });
}

const send = present(process.send, 'a key holder is forked').bind(process);
process.once('message', (task: HolderTask) => {
  void carryOut(task).then(send);
});
process.once('disconnect', () => process.exit());
send('ready');
