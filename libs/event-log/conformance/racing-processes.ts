import { expect } from '@jest/globals';
import type { EventLog, StoredEvent } from '#event-log';
import { TURNS } from './append-worker.js';
import { startChild, type Child } from './child.js';
import { aStream, follow, readAll, streamOfLog, until, upTo } from './support.js';

const PROCESSES = 4;
const APPENDS = PROCESSES * TURNS * 2;

/**
 * Several processes make the store at the same moment and append at once. `worker` is a script that
 * runs `appendAsChild` on the place it is given.
 */
export async function raceProcesses(
  worker: URL,
  place: string,
  open: () => Promise<EventLog>,
): Promise<void> {
  const shared = aStream();
  const children = upTo(PROCESSES).map(() => startChild(worker, [place, shared]));
  await until('all are ready', () => children.every((child) => child.said('READY')));
  for (const child of children) child.tell('GO');
  const log = await open();
  const follower = follow(log);
  for (const child of children) expect(await child.ended).toBe(0);

  await until('the follower has heard of all', () => follower.events.length >= APPENDS);
  await follower.stop();
  const all = await readAll(log);
  expect(follower.events).toEqual(all);
  expect(acknowledged(children)).toEqual(all.map(acknowledgement));
  expect(all.map((event) => Number(event.position))).toEqual(upTo(APPENDS).map((n) => n + 1));
  const versions = (await streamOfLog(log, shared)).map((event) => event.version);
  expect(versions).toEqual(upTo(PROCESSES * TURNS));
}

/** What the workers say they were answered. */
function acknowledged(children: readonly Child[]): object[] {
  return children
    .flatMap((child) => child.lines.filter((line) => line !== 'READY'))
    .map((line) => JSON.parse(line) as { position: number })
    .sort((a, b) => a.position - b.position);
}

function acknowledgement({ id, stream, version, position }: StoredEvent): object {
  return { id, stream, version, position: Number(position) };
}
