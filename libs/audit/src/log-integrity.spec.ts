import { expect, test } from '@jest/globals';
import { deriveId, eventIdOf, streamOf, type EventId, type Metadata } from '#kernel';
import { LogIntegrity } from './log-integrity.js';

type Heard = Parameters<LogIntegrity['hear']>[0];
const stream = (name: string) => streamOf('referral', deriveId(name));

/** One event of a log: of which command in which stream, and the how manieth of it. */
function event(at: number, of: string, version: number, command: string, index: number): Heard {
  const commandId = deriveId<'command'>(command);
  const id: EventId = eventIdOf(commandId, stream(of), index);
  // Of its metadata, no more than is looked at.
  const metadata = { commandId, causationId: commandId } as unknown as Metadata;
  const place = { stream: stream(of), version, position: BigInt(at) };
  return { id, type: 'Referred', data: {}, sealed: {}, metadata, ...place };
}

const WHOLE = [
  event(1, 'ada', 0, 'refer', 0),
  event(2, 'bea', 0, 'refer both', 0),
  event(3, 'ada', 1, 'two facts', 0),
  event(5, 'bea', 1, 'refer both', 1),
  event(6, 'ada', 2, 'two facts', 1),
  event(7, 'ada', 3, 'accept', 0),
];

function findingsOf(log: readonly Heard[]): readonly string[] {
  const integrity = new LogIntegrity();
  for (const each of log) integrity.hear(each);
  return integrity.findings;
}

test('a whole log has nothing to find, wherever streams and commands interleave', () => {
  expect(findingsOf(WHOLE)).toEqual([]);
});

test.each<[string, Heard, string]>([
  ['an event there twice', event(8, 'ada', 4, 'refer', 0), 'has an id that an earlier event has'],
  ['an index left out', event(8, 'ada', 4, 'close', 1), 'does not have the id that its command'],
  ['a command that goes on later', event(8, 'ada', 4, 'two facts', 2), 'does not have the id that'],
  ['a gap in a stream', event(8, 'ada', 5, 'close', 0), 'is version 5'],
  ['a place that does not rise', event(7, 'ada', 4, 'close', 0), 'does not rise'],
])('%s is found', (_, added, finding) => {
  expect(findingsOf([...WHOLE, added])).toEqual([expect.stringContaining(finding)]);
});
