import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DatabaseSync } from 'node:sqlite';
import { randomId, systemClock, type EventId, type JsonValue, type PersonId } from '#kernel';
import type { KeyStore } from './key-store.js';
import { openSqliteKeyStore } from './sqlite-key-store.js';
import { open, SEALED_BLOCK_BYTES, SealBroken, sealerWith, type SealPlace } from './sealing.js';
import { temporaryFolder, type TemporaryFolder } from './testing/temporary-folder.js';

const person = randomId<'person'>();
const place: SealPlace = { person, event: randomId<'event'>(), type: 'PersonRecorded' };
const fields = { name: 'Morag Sinclair', nhsNumber: '9990000018', notes: ['calm', { n: 1 }] };

let folder: TemporaryFolder;
let keys: KeyStore;
beforeEach(async () => {
  folder = temporaryFolder();
  keys = await openSqliteKeyStore({ path: folder.file('keys.db'), clock: systemClock });
});
afterEach(async () => {
  await keys.close();
  folder.remove();
});

/** What somebody with a hand in the key file could do. */
function meddle(sql: string, ...values: string[]): void {
  const db = new DatabaseSync(folder.file('keys.db'));
  db.prepare(sql).run(...values);
  db.close();
}

async function sealName(at: SealPlace = place): Promise<string> {
  const sealed = await sealerWith(keys).seal(at, { name: fields.name });
  return sealed['name'] ?? '';
}

async function expectBroken(at: SealPlace, sealed: Record<string, string>): Promise<void> {
  const [field] = Object.keys(sealed);
  const error = await open(keys, at, sealed).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SealBroken);
  expect(error).toMatchObject({ event: at.event, field });
  expect(String(error)).toContain(at.event);
  expect(String(error)).not.toContain('Morag');
  expect((error as SealBroken).cause).toBeUndefined();
}

describe('sealed fields', () => {
  test('open to what was sealed', async () => {
    const sealed = await sealerWith(keys).seal(place, fields);
    expect(Object.keys(sealed)).toEqual(Object.keys(fields));
    expect(await open(keys, place, sealed)).toEqual(fields);
  });

  test('open to any JSON value under any name', async () => {
    const anyFields = fc.dictionary(
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('__proto__')),
      fc.jsonValue(),
      { noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(anyFields, async (given) => {
        const before = JSON.stringify(given);
        const sealed = await sealerWith(keys).seal(place, given as Record<string, JsonValue>);
        expect(JSON.stringify(await open(keys, place, sealed))).toBe(before);
      }),
    );
  });

  test('never show what they hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 4 }), async (value) => {
        const sealed = Object.values(await sealerWith(keys).seal(place, { value })).join();
        const bytes = Buffer.from(sealed.slice(2), 'base64url');
        for (const text of [value, JSON.stringify(value)]) {
          expect(sealed.includes(text)).toBe(false);
          expect(sealed.includes(Buffer.from(text).toString('base64url'))).toBe(false);
          expect(bytes.includes(text)).toBe(false);
        }
      }),
    );
  });

  test('do not tell a code of a closed list by their length', async () => {
    const sealed = await sealerWith(keys).seal(place, {
      a: 'debt',
      b: 'bereavement',
      c: null,
      d: 7,
    });
    expect(new Set(Object.values(sealed).map((text) => text.length)).size).toBe(1);
    const atEdge = 'x'.repeat(SEALED_BLOCK_BYTES - '""'.length);
    const edges = await sealerWith(keys).seal(place, { a: atEdge, b: `${atEdge}x` });
    expect(edges['a']?.length).toBe(sealed['a']?.length);
    expect(edges['b']?.length).toBeGreaterThan(sealed['a']?.length ?? Infinity);
  });

  test('differ each time, though the value is the same', async () => {
    expect(await sealName()).not.toBe(await sealName());
  });

  test('begin with the version of their form', async () => {
    expect(await sealName()).toMatch(/^1\.[A-Za-z0-9_-]+$/);
  });
});

describe('a sealed field opens only where it was sealed: not', () => {
  test('in another event', async () => {
    await expectBroken({ ...place, event: randomId<'event'>() }, { name: await sealName() });
  });

  test('in an event of another type', async () => {
    await expectBroken({ ...place, type: 'PersonCorrected' }, { name: await sealName() });
  });

  test('under another name', async () => {
    await expectBroken(place, { postcode: await sealName() });
  });

  test('for another person with another key', async () => {
    const other = randomId<'person'>();
    await keys.keyFor(other);
    await expectBroken({ ...place, person: other }, { name: await sealName() });
  });

  test('for another person, even with the same key', async () => {
    const sealed = await sealName();
    const other = randomId<'person'>();
    meddle('INSERT INTO person_keys SELECT ?, key, created_at FROM person_keys', other);
    expect(await keys.find(other)).toEqual(await keys.find(person));
    await expectBroken({ ...place, person: other }, { name: sealed });
  });

  test('where its place is spelt by the same letters, cut elsewhere', async () => {
    const cut = fc.tuple(fc.string({ minLength: 1, maxLength: 12 }), fc.nat(12), fc.nat(12));
    await fc.assert(
      fc.asyncProperty(cut, async ([text, here, there]) => {
        fc.pre(Math.min(here, text.length) !== Math.min(there, text.length));
        const at = (index: number): SealPlace => ({
          person,
          event: text.slice(0, index) as EventId,
          type: text.slice(index),
        });
        const sealed = { name: await sealName(at(here)) };
        expect(await open(keys, at(here), sealed)).toEqual({ name: fields.name });
        await expectBroken(at(there), sealed);
      }),
    );
  });
});

describe('a damaged field is refused', () => {
  test('whichever bit was flipped', async () => {
    const sealed = await sealName();
    const bytes = Buffer.from(sealed.slice(2), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expectBroken(place, { name: `1.${flipped.toString('base64url')}` });
    }
  });

  test('whichever character was changed, even where it would mean the same bytes', async () => {
    const sealed = await sealName();
    for (let at = 0; at < sealed.length; at += 1) {
      for (const other of ['A', 'B', '_', '/', '=', ' ']) {
        if (sealed[at] === other) continue;
        await expectBroken(place, { name: sealed.slice(0, at) + other + sealed.slice(at + 1) });
      }
    }
    for (const text of [`${sealed}=`, `${sealed}A`, ` ${sealed}`]) {
      await expectBroken(place, { name: text });
    }
  });

  test('at whatever length it was cut off', async () => {
    const sealed = await sealName();
    for (let length = 0; length < sealed.length; length += 1) {
      await expectBroken(place, { name: sealed.slice(0, length) });
    }
  });

  test('and one in a later form is named as such', async () => {
    const later = (await sealName()).replace('1.', '2.');
    await expect(open(keys, place, { name: later })).rejects.toThrow(/form that is not known/);
  });
});

describe('a person without a key', () => {
  test('is erased: all their fields, whatever they hold', async () => {
    const sealed = await sealerWith(keys).seal(place, fields);
    expect(await open(keys, place, sealed)).toEqual(fields);
    meddle('DELETE FROM person_keys WHERE person = ?', person);
    expect(await open(keys, place, sealed)).toBe('erased');
    expect(await open(keys, place, { name: 'no ciphertext at all' })).toBe('erased');
  });

  test('is not given one by reading', async () => {
    const nobody: PersonId = randomId<'person'>();
    expect(await open(keys, { ...place, person: nobody }, {})).toBe('erased');
    expect(await keys.find(nobody)).toBeNull();
  });
});
