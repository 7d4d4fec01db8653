/**
 * The thread that keeps the read models up to the log, so that reading never blocks writing. It has
 * its own connections to the same stores.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { present } from '#kernel';
import { Wayledger } from '#engine';
import { readConfig } from '../config.js';
import { errorFields } from '../logging.js';
import { Bell, follow } from './following.js';
import type { FromWorker, ToWorker, WorkerGiven } from './messages.js';

const port = present(parentPort, 'the projector runs in a thread of its own');
const { environment } = workerData as WorkerGiven; // What the service gave it.
const say = (message: FromWorker) => {
  port.postMessage(message);
};
const bell = new Bell();
const stopping = new AbortController();
port.on('message', ({ kind }: ToWorker) => {
  if (kind === 'stop') stopping.abort();
  else bell.ring();
});

try {
  const onWaiting = (message: string) => {
    say({ kind: 'waiting', message });
  };
  const wayledger = await Wayledger.open({ ...readConfig(environment).stores, onWaiting });
  try {
    await follow(wayledger, bell, stopping.signal, say);
  } finally {
    await wayledger.close();
  }
} catch (error) {
  say({ kind: 'failed', error: errorFields(error) });
} finally {
  port.close();
}
