import { expect } from '@jest/globals';
import { VersionConflict, type EventLog, type ExpectedVersion } from '#event-log';
import type { Law } from './fixture.js';
import {
  anEvent,
  aStream,
  idsOf,
  settle,
  someEvents,
  streamOfLog,
  upTo,
  wrongVersions,
} from './support.js';

export function versionLaws(law: Law): void {
  law('versions of a stream count from 0 without a gap', async (log) => {
    const stream = aStream();
    expect(await log.append(stream, 'none', someEvents(3))).toMatchObject({ stream, version: 2 });
    expect(await log.append(stream, 2, someEvents(1))).toMatchObject({ stream, version: 3 });
    expect(await log.append(stream, 3, someEvents(2))).toMatchObject({ stream, version: 5 });
    const stored = await streamOfLog(log, stream);
    expect(stored.map((event) => event.version)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  law('a stream that exists cannot be begun again', async (log) => {
    const stream = aStream();
    await log.append(stream, 'none', someEvents(2));
    await expect(log.append(stream, 'none', [anEvent()])).rejects.toEqual(
      new VersionConflict(stream, 'none', 1),
    );
  });

  law('a stream that does not exist has no version to expect', async (log) => {
    const stream = aStream();
    for (const expected of [0, 1, 7]) {
      const error = await conflictOf(log.append(stream, expected, [anEvent()]));
      expect(error).toMatchObject({ stream, expected, actual: 'none' });
    }
    expect(await streamOfLog(log, stream)).toEqual([]);
  });

  law('a wrong version is a conflict that names the actual one and writes nothing', async (log) => {
    const stream = aStream();
    await log.append(stream, 'none', someEvents(4));
    const head = await log.head();
    for (const expected of wrongVersions(3)) {
      const error = await conflictOf(log.append(stream, expected, someEvents(2)));
      expect(error).toMatchObject({ stream, expected, actual: 3 });
    }
    expect(await log.head()).toBe(head);
    expect(await streamOfLog(log, stream)).toHaveLength(4);
  });

  law('a conflict on one stream leaves the appends beside it untouched', async (log) => {
    const taken = aStream();
    await log.append(taken, 'none', [anEvent()]);
    const streams = upTo(10).map(aStream);
    const answers = await Promise.all(
      streams.flatMap((stream) => [
        settle(log.append(taken, 'none', [anEvent()])),
        settle(log.append(stream, 'none', [anEvent()])),
      ]),
    );
    expect(answers.filter((answer) => 'error' in answer)).toHaveLength(10);
    for (const stream of streams) expect(await streamOfLog(log, stream)).toHaveLength(1);
    expect(await streamOfLog(log, taken)).toHaveLength(1);
  });
}

const RACERS = 20;

export function racingLaws(law: Law): void {
  law('of twenty writers on one handle exactly one begins a stream', async (log) => {
    await race([log], 'none');
  });
  law('of twenty writers on one handle exactly one continues a stream', async (log) => {
    await race([log], 2);
  });
  law('of twenty writers on several handles exactly one begins a stream', async (log, store) => {
    await race([log, await store.open(), await store.open(), await store.open()], 'none');
  });
  law('of twenty writers on several handles exactly one continues a stream', async (log, store) => {
    await race([log, await store.open(), await store.open(), await store.open()], 2);
  });

  law(
    'a handle that wrote a stream meets what another has written there since',
    async (log, store) => {
      const other = await store.open();
      const [stream, fresh] = [aStream(), aStream()];
      await log.append(stream, 'none', someEvents(2));
      expect(await log.append(stream, 1, [anEvent()])).toMatchObject({ version: 2 });
      await other.append(stream, 2, [anEvent()]);
      await other.append(fresh, 'none', [anEvent()]);
      expect(await conflictOf(log.append(stream, 2, [anEvent()]))).toMatchObject({ actual: 3 });
      expect(await conflictOf(log.append(fresh, 'none', [anEvent()]))).toMatchObject({ actual: 0 });
      expect(await log.append(fresh, 0, [anEvent()])).toMatchObject({ version: 1 });
      expect(await log.append(stream, 3, [anEvent()])).toMatchObject({ version: 4 });
      expect(await streamOfLog(log, stream)).toHaveLength(5);
      expect(await streamOfLog(log, fresh)).toHaveLength(2);
    },
  );

  law('a handle meets streams that were there before it was opened', async (log, store) => {
    const [old, stream] = [aStream(), aStream()];
    const first = anEvent();
    const written = await log.append(old, 'none', [first]);
    const later = await store.open();
    await later.append(stream, 'none', [anEvent()]);
    // Side by side with one that it knows.
    const [known, repeated, begun] = await Promise.all([
      later.append(stream, 0, [anEvent()]),
      later.append(old, 'none', [first]),
      conflictOf(later.append(old, 'none', [anEvent()])),
    ]);
    expect([known.version, repeated]).toEqual([1, written]);
    expect(begun).toMatchObject({ actual: 0 });
    expect(await later.append(old, 0, [anEvent()])).toMatchObject({ version: 1 });
  });

  law('writers that reload and try again all get their turn', async (log, store) => {
    const handles = [log, await store.open(), await store.open()];
    const stream = aStream();
    await log.append(stream, 'none', [anEvent()]);
    await Promise.all(
      upTo(6).map(async (writer) => {
        const handle = handles[writer % handles.length] ?? log;
        for (const turn of upTo(8)) await appendInTurn(handle, stream, `${writer}/${turn}`);
      }),
    );
    const stored = await streamOfLog(log, stream);
    expect(stored.map((event) => event.version)).toEqual(upTo(1 + 6 * 8));
    expect(new Set(stored.map((event) => event.data)).size).toBe(1 + 6 * 8);
  });
}

async function race(
  handles: readonly [EventLog, ...EventLog[]],
  expected: ExpectedVersion,
): Promise<void> {
  const [log] = handles;
  const stream = aStream();
  const before = expected === 'none' ? [] : someEvents(expected + 1);
  if (before.length > 0) await log.append(stream, 'none', before);
  const racers = upTo(RACERS).map(() => someEvents(2));
  const answers = await Promise.all(
    racers.map((events, index) =>
      settle((handles[index % handles.length] ?? log).append(stream, expected, events)),
    ),
  );
  const winner = answers.findIndex((answer) => 'value' in answer);
  const version = before.length + 1;
  for (const [index, answer] of answers.entries()) {
    if (index === winner) expect(answer).toMatchObject({ value: { stream, version } });
    else expect(answer).toEqual({ error: new VersionConflict(stream, expected, version) });
    if ('error' in answer)
      expect(answer.error).toMatchObject({ stream, expected, actual: version });
  }
  const stored = await streamOfLog(log, stream);
  expect(idsOf(stored)).toEqual(idsOf([...before, ...(racers[winner] ?? [])]));
}

async function appendInTurn(
  log: EventLog,
  stream: ReturnType<typeof aStream>,
  data: string,
): Promise<void> {
  const event = anEvent({ data: JSON.stringify({ data }) });
  for (;;) {
    const [last] = await streamOfLog(log, stream, { backwards: true, max: 1 });
    const answer = await settle(log.append(stream, last?.version ?? 'none', [event]));
    if ('value' in answer) return;
    expect(answer.error).toBeInstanceOf(VersionConflict);
  }
}

async function conflictOf(append: Promise<unknown>): Promise<unknown> {
  const answer = await settle(append);
  const error = 'error' in answer ? answer.error : undefined;
  expect(error).toBeInstanceOf(VersionConflict);
  return error;
}
