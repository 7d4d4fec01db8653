import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomId, streamOf } from '#kernel';
import { checkAppend, LogDamaged, type EventToStore } from '#event-log';
import { anEvent } from '#event-log/conformance';
import { fromServer, Naming, toServer, type Recorded } from './frame.js';

const NAMING = new Naming('probe');
const STREAM = streamOf('probe', randomId());

/** As the server would give it back. */
function recorded(event: EventToStore, version = 0, stream = STREAM): Recorded {
  const { id, type, data } = toServer(NAMING, stream, version, event);
  return {
    streamId: NAMING.onServer(stream),
    id,
    type,
    data: new Uint8Array(data),
    revision: BigInt(version),
    isJson: false,
    metadata: new Uint8Array(),
    created: new Date(0),
    position: { commit: 7n, prepare: 7n },
  };
}

const wellFormed = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed());
const json = fc
  .tuple(fc.jsonValue(), wellFormed, fc.constantFrom(0, 1, 2))
  .map(([value, name, indent]) => JSON.stringify({ [name]: value }, null, indent))
  .filter((text) => text.isWellFormed());

describe('an event in a binary body', () => {
  test('comes back to the byte, whatever its texts', () => {
    fc.assert(
      fc.property(json, json, json, fc.nat(1_000_000), fc.nat(9), (data, sealed, meta, at, n) => {
        const event = anEvent({ data, protected: sealed, metadata: meta, schemaVersion: n + 1 });
        checkAppend(STREAM, 'none', [event]);
        const back = fromServer(NAMING, recorded(event, at));
        expect(back).toEqual({ ...event, stream: STREAM, version: at, position: 7n });
      }),
    );
  });

  test('has a header of the form that is kept for good', () => {
    const event = anEvent({ data: '{"é":1}', protected: '{}', metadata: '{"by":"x"}' });
    const { data, id, type } = toServer(NAMING, STREAM, 3, event);
    const [line, rest] = Buffer.from(data).toString().split('\n');
    expect(line).toMatch(/^\{"format":1,"schemaVersion":1,"bytes":\[8,2,10\],"crc":\d+\}$/u);
    expect(rest).toBe('{"é":1}{}{"by":"x"}');
    expect({ id, type }).toEqual({ id: event.id, type: event.type });
  });

  test('of which any one byte was changed is damage', () => {
    const whole = recorded(anEvent());
    const bytes = Buffer.from(whole.data as Uint8Array);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= change;
        expect(() => fromServer(NAMING, { ...whole, data: changed })).toThrow(LogDamaged);
      }),
      { numRuns: 1_000 },
    );
  });

  test('cut off anywhere is damage', () => {
    const whole = recorded(anEvent());
    const bytes = whole.data as Uint8Array;
    for (let end = 0; end < bytes.length; end += 1) {
      const cut = { ...whole, data: bytes.subarray(0, end) };
      expect(() => fromServer(NAMING, cut)).toThrow(LogDamaged);
    }
  });

  test('without a position, or with two, is damage', () => {
    const { position: _, ...without } = recorded(anEvent());
    expect(() => fromServer(NAMING, without)).toThrow(/no single position/u);
    const apart = { ...without, position: { commit: 8n, prepare: 7n } };
    expect(() => fromServer(NAMING, apart)).toThrow(/commit 8, prepare 7/u);
  });

  test('that lies in a stream of another namespace is damage', () => {
    const event = recorded(anEvent());
    expect(() => fromServer(new Naming('probes'), event)).toThrow(LogDamaged);
  });
});
