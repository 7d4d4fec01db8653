import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { CivilDate, Sealed, Slug } from '#kernel';
import { CaseloadQuery, referralEvents } from '#referral';
import { importFile, type LineResult } from '../../apps/cli/src/importer.js';
import { Wayledger } from '#engine';
import { SETUP, type Line } from '../crash/testing/commands.js';
import { wayledgerJson } from '../crash/testing/imports.js';
import { inFolder } from '../support/imported.js';
import { PLANTED, brokenLines, needles, plantedLines, refusedLines } from './testing/planted.js';
import { importUnsealed } from './testing/plain-import.js';
import { encodingsOf, searchBytes, searchFolder } from './testing/search.js';

const BIN = fileURLToPath(new URL('../../../bin/wayledger.js', import.meta.url));

interface Folder {
  readonly data: string;
  file(lines: readonly (Line | string)[]): string;
}

function inDataFolder(work: (folder: Folder) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    const data = join(folder, 'data');
    mkdirSync(data);
    await work({
      data,
      file(lines) {
        const path = join(folder, 'commands.ndjson');
        const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
        writeFileSync(path, `${text.join('\n')}\n`);
        return path;
      },
    });
  });
}

async function imported(wayledger: Wayledger, file: string): Promise<LineResult[]> {
  const results: LineResult[] = [];
  await importFile(wayledger, { file }, (result) => {
    results.push(result);
  });
  await wayledger.settle();
  return results;
}

const accepted = (lines: readonly unknown[]) => lines.map(() => ({ status: 'accepted' }));

describe('what is said of a person', () => {
  const lines = [...SETUP, ...plantedLines()];

  test('lies nowhere in the data folder, in no spelling', async () => {
    await inDataFolder(async ({ data, file }) => {
      const wayledger = await Wayledger.open({ data });
      try {
        expect(await imported(wayledger, file(lines))).toMatchObject(accepted(lines));
        // While it is open, what was written lies in the write-ahead logs.
        expect(readdirSync(data).sort()).toEqual(
          ['keys', 'log', 'views'].flatMap((name) => [
            `${name}.db`,
            `${name}.db-shm`,
            `${name}.db-wal`,
          ]),
        );
        expect(searchFolder(data, needles())).toEqual([]);
        expect(await sealedIn(wayledger)).toEqual(protectedFields());
        await wayledger.runner.rebuild();
      } finally {
        await wayledger.close();
      }
      expect(searchFolder(data, needles())).toEqual([]);
    });
  });

  test('would be found if it were not sealed', async () => {
    await inDataFolder(async ({ data, file }) => {
      expect(await importUnsealed(file(lines), data)).toMatchObject(accepted(lines));
      const hits = searchFolder(data, Object.values(PLANTED));
      for (const text of Object.values(PLANTED)) {
        const places = hits.filter(({ needle }) => needle === text).map(({ place }) => place);
        expect(places).toEqual(expect.arrayContaining(['log.db', 'log.db events']));
      }
      const inViews = hits.filter(({ place }) => place.startsWith('views.db'));
      expect(inViews.map(({ needle }) => needle)).toContain(PLANTED.openName);
    });
  });

  test('would be found in every spelling that is searched for', () => {
    for (const text of Object.values(PLANTED)) {
      for (const [encoding, bytes] of encodingsOf(text)) {
        const hidden = Buffer.concat([Buffer.from('xyz'), bytes, Buffer.from('xyz')]);
        const found = searchBytes('here', hidden, [text]).map((hit) => hit.encoding);
        expect(found).toContain(encoding);
      }
      for (const before of ['', 'a', 'ab', 'abc']) {
        const base64 = Buffer.from(`${before}${text} and more`).toString('base64');
        expect(searchBytes('here', Buffer.from(base64), [text])).not.toEqual([]);
      }
    }
  });
});

/** Every protected field that the catalogue knows, as `Type.field`. */
function protectedFields(): Set<string> {
  const fields = Object.entries(referralEvents).flatMap(([type, definition]) =>
    'protectedData' in definition
      ? Object.keys(definition.protectedData.properties).map((field) => `${type}.${field}`)
      : [],
  );
  expect(fields.length).toBeGreaterThan(10);
  return new Set(fields);
}

/** Those that the log holds sealed. */
async function sealedIn({ log }: Wayledger): Promise<Set<string>> {
  const fields = new Set<string>();
  for await (const page of log.readLog({ after: 0n, max: 1_000 })) {
    for (const { type, protected: text } of page) {
      for (const sealed of Object.values(JSON.parse(text) as Sealed)) {
        for (const field of Object.keys(sealed)) fields.add(`${type}.${field}`);
      }
    }
  }
  return fields;
}

describe('a line that is refused', () => {
  function printed(data: string, file: string, ...flags: readonly string[]): [string, string] {
    const args = [BIN, 'import', file, '--data', data, '--namespace', 'planted', ...flags];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(1);
    return [stdout, stderr];
  }

  async function expectSilence(lines: readonly (Line | string)[]): Promise<void> {
    await inDataFolder(async ({ data, file }) => {
      const known = [...SETUP, ...plantedLines()];
      const path = file([...known, ...lines]);
      const json = printed(data, path, '--json');
      expect(json[0]).toContain(
        `"lines":${known.length + lines.length},"accepted":${known.length},"unchanged":0,` +
          `"refused":${lines.length}`,
      );
      const text = printed(data, path);
      for (const output of [...json, ...text]) {
        expect(searchBytes('output', Buffer.from(output), needles())).toEqual([]);
      }
      expect(searchFolder(data, needles())).toEqual([]);
    });
  }

  test('is told why without its values', async () => {
    await expectSilence(refusedLines());
  });

  test('is told why without its values where it is not even JSON', async () => {
    await expectSilence(brokenLines());
  });
});

describe('a person whose key is gone', () => {
  const today = '2024-06-01' as CivilDate;
  const namesIn = async (wayledger: Wayledger) => {
    const { items } = await wayledger.query(new CaseloadQuery('lw-a' as Slug, today));
    return items.map(({ name }) => name);
  };

  test('is "erased" on the caseload, and the books stand', async () => {
    await inDataFolder(async ({ data, file }) => {
      const before = await Wayledger.open({ data });
      let person: string;
      try {
        await imported(before, file([...SETUP, ...plantedLines()]));
        expect(await namesIn(before)).toEqual([PLANTED.openName]);
        person = await lastPerson(before);
        // Another connection deletes it: what is in memory must not bring it back.
        deleteKey(data, person);
        expect(await namesIn(before)).toEqual(['erased']);
      } finally {
        await before.close();
      }
      const after = await Wayledger.open({ data });
      try {
        expect(await namesIn(after)).toEqual(['erased']);
      } finally {
        await after.close();
      }
      expect(wayledgerJson('verify', '--data', data)).toMatchObject({ ok: true });
      const caseload = wayledgerJson('caseload', '--link-worker', 'lw-a', '--data', data);
      expect(caseload).toMatchObject({ items: [{ name: 'erased' }] });
    });
  });
});

/** Who was referred last: theirs is the one referral that is still open. */
async function lastPerson({ log }: Wayledger): Promise<string> {
  let last = '';
  for await (const page of log.readLog({ after: 0n, max: 1_000 })) {
    for (const { type, data } of page) {
      if (type === 'Referred') last = (JSON.parse(data) as { person: string }).person;
    }
  }
  return last;
}

function deleteKey(data: string, person: string): void {
  const db = new DatabaseSync(join(data, 'keys.db'));
  try {
    expect(db.prepare('DELETE FROM person_keys WHERE person = ?').run(person).changes).toBe(1);
  } finally {
    db.close();
  }
}
