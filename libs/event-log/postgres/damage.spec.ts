import { describe, expect, test } from '@jest/globals';
import { LogDamaged } from '#event-log';
import {
  anEvent,
  aStream,
  collect,
  follow,
  readAll,
  settle,
  someEvents,
  streamOfLog,
} from '../conformance/support.js';
import { onStore, type PostgresFixture } from './testing/postgres-fixture.js';

const EVENTS = 'wayledger_log.events';

/** As somebody who owns the tables, and knows about the triggers. */
async function tamper(store: PostgresFixture, sql: string): Promise<void> {
  await store.query(`ALTER TABLE ${EVENTS} DISABLE TRIGGER USER;
    ALTER TABLE wayledger_log.streams DISABLE TRIGGER USER; ${sql}`);
}

const CHANGES = [
  `data = '{"what":"Something"}'`,
  `protected = '{ }'`,
  `metadata = '{}'`,
  `type = 'SomethingElse'`,
  `schema_version = 2`,
  `id = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'`,
  `crc = crc + 1`,
  `version = 7`,
  `stream = 7`,
  `position = 9`,
];

describe('damage is noticed by whoever reads it', () => {
  for (const change of CHANGES) {
    test(
      `after UPDATE events SET ${change}`,
      onStore(async (store) => {
        const log = await store.open();
        const [stream, sound] = [aStream(), aStream()];
        await log.append(sound, 'none', [anEvent()]);
        await log.append(stream, 'none', someEvents(3));
        await tamper(store, `UPDATE ${EVENTS} SET ${change} WHERE position = 3`);
        await expect(readAll(log)).rejects.toBeInstanceOf(LogDamaged);
        await expect(follow(log).ended).rejects.toBeInstanceOf(LogDamaged);
        if (!change.startsWith('position')) {
          await expect(streamOfLog(log, stream)).rejects.toBeInstanceOf(LogDamaged);
        }
        expect(await streamOfLog(log, sound)).toHaveLength(1);
      }),
    );
  }

  test(
    'after an event was taken out',
    onStore(async (store) => {
      const log = await store.open();
      const [stream, sound] = [aStream(), aStream()];
      await log.append(stream, 'none', someEvents(3));
      await log.append(sound, 'none', [anEvent()]);
      await tamper(store, `DELETE FROM ${EVENTS} WHERE position = 2`);
      await expect(readAll(log)).rejects.toThrow('The event at position 2 is missing');
      for (const options of [{}, { from: 1 }, { backwards: true }]) {
        const reading = streamOfLog(log, stream, options);
        await expect(reading).rejects.toThrow(`Version 1 of ${stream} is missing`);
      }
      const among = collect(log.readStreams([sound, stream]));
      await expect(among).rejects.toThrow(`Version 1 of ${stream} is missing`);
      await tamper(store, `DELETE FROM ${EVENTS} WHERE position = 1`);
      await expect(readAll(log)).rejects.toThrow('The event at position 1 is missing');
      const backwards = streamOfLog(log, stream, { backwards: true });
      await expect(backwards).rejects.toThrow(`Version 1 of ${stream} is missing`);
      expect(await streamOfLog(log, stream, { from: 2 })).toHaveLength(1);
      expect(await readAll(log, 2n)).toHaveLength(2);
    }),
  );

  test(
    'after a stream was given another name, or none',
    onStore(async (store) => {
      const log = await store.open();
      await log.append(aStream(), 'none', [anEvent()]);
      await log.append(aStream(), 'none', [anEvent()]);
      await tamper(store, `UPDATE wayledger_log.streams SET name = 'probe-x' WHERE no = 1`);
      await expect(readAll(log)).rejects.toThrow(LogDamaged);
      await expect(readAll(log, 1n)).resolves.toHaveLength(1);
      await tamper(store, `DELETE FROM wayledger_log.streams WHERE no = 1`);
      await expect(readAll(log)).rejects.toThrow(LogDamaged);
    }),
  );

  test(
    'when a repeated append is compared with it, and no other append suffers',
    onStore(async (store) => {
      const log = await store.open();
      const [stream, events] = [aStream(), someEvents(1)];
      await log.append(stream, 'none', events);
      await tamper(store, `UPDATE ${EVENTS} SET data = '{}'`);
      const [again, other] = await Promise.all([
        settle(log.append(stream, 'none', events)),
        settle(log.append(aStream(), 'none', [anEvent()])),
      ]);
      expect(again).toMatchObject({ error: expect.any(LogDamaged) });
      expect(other).toMatchObject({ value: { position: 2n } });
    }),
  );

  test(
    'when a table is gone',
    onStore(async (store) => {
      const log = await store.open();
      await store.query(`DROP TABLE ${EVENTS}`);
      await expect(log.head()).rejects.toThrow(LogDamaged);
      await expect(log.append(aStream(), 'none', [anEvent()])).rejects.toThrow(LogDamaged);
    }),
  );
});
