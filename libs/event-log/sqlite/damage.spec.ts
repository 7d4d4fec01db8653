import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { LogDamaged } from '#event-log';
import {
  anEvent,
  aStream,
  follow,
  readAll,
  settle,
  someEvents,
  streamOfLog,
} from '../conformance/support.js';
import { onStore, type SqliteFixture } from './testing/sqlite-fixture.js';

/** As somebody with the file and a SQLite shell, who knows about the triggers. */
function tamper(store: SqliteFixture, sql: string): void {
  const db = new DatabaseSync(store.path);
  const triggers = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${String(name)}`);
  db.exec(`PRAGMA foreign_keys = OFF; ${sql}`);
  db.close();
}

const CHANGES = [
  `data = '{"what":"Something"}'`,
  `protected = '{ }'`,
  `metadata = '{}'`,
  `type = 'SomethingElse'`,
  `schema_version = 2`,
  `id = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'`,
  `crc = crc + 1`,
  `data = CAST(x'ff' AS TEXT)`,
  `version = 7`,
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
        tamper(store, `UPDATE events SET ${change} WHERE position = 4`);
        await expect(streamOfLog(log, stream)).rejects.toBeInstanceOf(LogDamaged);
        await expect(readAll(log)).rejects.toThrow(/position \d \(probe-.*, version \d\)/);
        await expect(follow(log).ended).rejects.toBeInstanceOf(LogDamaged);
        expect(await streamOfLog(log, sound)).toHaveLength(1);
      }),
    );
  }

  test(
    'after a stream was given another name',
    onStore(async (store) => {
      const log = await store.open();
      await log.append(aStream(), 'none', [anEvent()]);
      await log.append(aStream(), 'none', [anEvent()]);
      tamper(store, `UPDATE streams SET name = 'probe-x' WHERE no = 1`);
      await expect(readAll(log)).rejects.toBeInstanceOf(LogDamaged);
      await expect(readAll(log, 1n)).resolves.toHaveLength(1);
    }),
  );

  test(
    'when a repeated append is compared with it, and no other append suffers',
    onStore(async (store) => {
      const log = await store.open();
      const [stream, events] = [aStream(), someEvents(1)];
      await log.append(stream, 'none', events);
      tamper(store, `UPDATE events SET data = '{}'`);
      const [again, other] = await Promise.all([
        settle(log.append(stream, 'none', events)),
        settle(log.append(aStream(), 'none', [anEvent()])),
      ]);
      expect(again).toMatchObject({ error: expect.any(LogDamaged) });
      expect(other).toMatchObject({ value: { position: 2n } });
    }),
  );
});
