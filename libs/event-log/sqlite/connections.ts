import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { LOCK_WAIT_MAX_MS, retryDelayMs } from '#event-log';
import { prepareFile } from './schema.js';
import { asLogError, isBusy } from './sqlite-errors.js';

/** Readers meet a lock only for moments, while a crashed writer's work is being recovered. */
const READER_TIMEOUT_MS = 5_000;

export interface Connections {
  /** Never waits inside SQLite, which would stop the whole process: who is refused tries again. */
  readonly writer: DatabaseSync;
  readonly reader: DatabaseSync;
}

/** @throws LogUnavailable, LogDamaged */
export async function openConnections(given: string): Promise<Connections> {
  const path = resolve(given);
  const opened: DatabaseSync[] = [];
  const connect = (timeout: number): DatabaseSync => {
    const db = new DatabaseSync(path, { timeout, readBigInts: true, defensive: true });
    opened.push(db);
    return db;
  };
  try {
    createFile(path);
    const writer = connect(0);
    await onceUnlocked(() => {
      prepareFile(writer, path);
    });
    const reader = connect(READER_TIMEOUT_MS);
    await onceUnlocked(() => {
      reader.exec('PRAGMA query_only = ON');
    });
    return { writer, reader };
  } catch (error) {
    for (const db of opened) db.close();
    throw asLogError(error, `The event log ${path} could not be opened`);
  }
}

async function onceUnlocked(step: () => void): Promise<void> {
  const deadline = performance.now() + LOCK_WAIT_MAX_MS;
  for (;;) {
    try {
      step();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    await pause(retryDelayMs());
  }
}

/** For its owner alone; SQLite gives the files it puts beside it the same mode. */
function createFile(path: string): void {
  makeFolder(dirname(path));
  try {
    // Exclusively: closing a second descriptor of an open database would drop SQLite's locks.
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** For its owner alone. A new one survives a power cut once the one above it is on disk. */
export function makeFolder(given: string): void {
  const folder = resolve(given);
  const topmost = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (topmost === undefined || process.platform === 'win32') return;
  // What comes into the last one, its own store syncs.
  for (let made = folder; made.length >= topmost.length; made = dirname(made)) {
    const above = openSync(dirname(made), 'r');
    try {
      fsyncSync(above);
    } finally {
      closeSync(above);
    }
  }
}
