import { describe, expect, test } from '@jest/globals';
import {
  EventOrCommandId,
  EventOrCommandIds,
  GivenCommand,
  IdOf,
  Optional,
  deriveId,
  parseInstant,
  present,
  type CommandId,
  type EventId,
  type ReferralId,
} from '#kernel';
import { FileNames, readCommand, readLine, type GivenName } from './command-file.js';

class Undo extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @EventOrCommandId() @Optional() corrects?: EventId | CommandId;
  @EventOrCommandIds('several') @Optional() covers?: (EventId | CommandId)[];
}

function read(names: FileNames, id: string, data: object) {
  const actor = { id: 'worker-7', role: 'link-worker', organisation: 'north' };
  const line = readLine(JSON.stringify({ id, command: 'Undo', at: '2026-06-01', actor, data }));
  if ('length' in line) throw new Error(line.map(({ message }) => message).join(' '));
  const recordedAt = present(parseInstant('2026-06-01T12:00:00Z'), 'it is an instant');
  return readCommand(line, { Undo }, names, recordedAt) as Undo;
}

describe('a recorded fact in a command file', () => {
  const names = new FileNames('north');

  test('is named by the id of the line that recorded it', () => {
    const first = read(names, 'line 1', { referral: 'ada' });
    const second = read(names, 'line 2', { referral: 'ada', corrects: 'line 1' });
    expect(second.corrects).toBe(first.meta.commandId);
    expect(second.referral).toBe(first.referral);
    expect(
      read(new FileNames('south'), 'line 2', { referral: 'ada', corrects: 'line 1' }),
    ).not.toMatchObject({ corrects: first.meta.commandId });
  });

  test('or by the id of its event, in either case of letters', () => {
    const event = deriveId<'event'>('one');
    for (const corrects of [event, event.toUpperCase()]) {
      expect(read(names, 'line 3', { referral: 'ada', corrects }).corrects).toBe(event);
    }
  });

  test('is one of several that are named each in its own way', () => {
    const first = read(names, 'line 1', { referral: 'ada' });
    const event = deriveId<'event'>('one');
    const covers = ['line 1', event];
    const second = read(names, 'line 2', { referral: 'ada', covers });
    expect(second.covers).toEqual([first.meta.commandId, event]);
    for (const wrong of [[], ['line 1', 7], 'line 1', [['line 1']]]) {
      expect(read(names, 'line 2', { referral: 'ada', covers: wrong })).toMatchObject([
        { code: 'wrong-field', field: 'covers' },
      ]);
    }
  });

  test('is none of the things that the file has names for', () => {
    const given = new Map<string, GivenName>();
    read(new FileNames('north', given), 'line 2', { referral: 'ada', corrects: 'line 1' });
    expect([...given.values()].map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'referral ada',
    ]);
  });
});
