import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deriveId, type EventId, type Instant, type Metadata, type ReferralId } from '#kernel';
import { tellStory, type StoryTold } from '#audit';
import { EntriesQuery } from '#funding';
import { referralStream } from '#referral';
import { names } from '../reservations/testing/engine.js';
import {
  NORTH,
  attend,
  dropOut,
  makeWorld,
  person,
  type World,
} from '../reservations/testing/world.js';

const REFERRAL = names().idOf('referral', person(0)) as ReferralId;
const STREAM = referralStream(REFERRAL);

let world: World;
beforeEach(async () => {
  world = await makeWorld({ people: 1, pot: 10_000n, prescribed: true });
  await world.give(attend(person(0)));
  await world.wayledger.catchUp();
});
afterEach(() => world.remove());

function story(
  more: Partial<Parameters<typeof tellStory>[0]> = {},
  knownBy?: bigint,
): Promise<StoryTold> {
  const { log, codec, keys } = world.wayledger;
  const entries = (events: readonly EventId[]) =>
    world.wayledger.query(new EntriesQuery(NORTH, { events }));
  return tellStory(
    { log, codec, keys, entries, ...more },
    { referral: REFERRAL, anchor: NORTH },
    knownBy,
  );
}

async function lastOf(type: string) {
  let found;
  for await (const stored of world.wayledger.log.readStream(STREAM)) {
    if (stored.type === type) found = stored;
  }
  if (found === undefined) throw new Error(`there is no ${type}`);
  return found;
}

const metadata: Metadata = {
  ...{ commandId: deriveId('command', 'x'), commandHash: 'ab'.repeat(32) },
  ...{ correlationId: deriveId('correlation', 'x'), causationId: deriveId('command', 'x') },
  actor: { id: 'nora', role: 'anchor', organisation: NORTH },
  anchor: NORTH,
  occurredOn: '2026-06-09' as Metadata['occurredOn'],
  recordedAt: '2026-06-09T10:00:00.000Z' as Instant,
};

/** The version of the stream's last event. */
async function version(): Promise<number> {
  let last = -1;
  for await (const stored of world.wayledger.log.readStream(STREAM)) last = stored.version;
  return last;
}

async function corrects(corrected: EventId, name: string): Promise<EventId> {
  const { codec, log } = world.wayledger;
  const id = deriveId<'event'>('correction', name);
  const data = {
    ...{ corrects: corrected, kind: 'void' as const },
    ...{ reasonCode: 'wrong-person' as const, requestedBy: NORTH },
  };
  const event = await codec.encode({ event: { type: 'EntryCorrected', data }, id, metadata });
  await log.append(STREAM, await version(), [event]);
  return id;
}

const step = ({ steps }: StoryTold, type: string) => steps.find((each) => each.type === type);

describe('the story of a referral', () => {
  test('tells each fact with what it made of the referral and the money it moved', async () => {
    const told = await story();
    expect(told.steps.map(({ type, before, after }) => [type, before, after])).toEqual([
      ['Referred', null, 'received'],
      ['ReferralAccepted', 'received', 'accepted'],
      ['LinkWorkerAssigned', 'accepted', 'accepted'],
      ['ConsentRecorded', 'accepted', 'accepted'],
      ['Prescribed', 'accepted', 'supported'],
      ['Attended', 'supported', 'supported'],
    ]);
    expect(step(told, 'Prescribed')?.money).toMatchObject([
      {
        rule: 'prescribed',
        moved: [
          '50.00 out of pot prescribing (lottery 2026)',
          '50.00 committed for allot (sessions)',
        ],
      },
    ]);
    expect(step(told, 'Attended')).toMatchObject({
      ...{ occurred: '2026-05-11', recordedAt: '2026-06-01T12:00:00.000Z' },
      by: { role: 'link-worker', organisation: 'north' },
      money: [
        {
          moved: [
            '12.50 out of the commitment for allot (sessions)',
            '12.50 spent on delivery',
            '12.50 earned by allot',
          ],
        },
      ],
    });
  });

  test('tells what goes back to the pot', async () => {
    await world.give(dropOut(person(0)));
    await world.wayledger.catchUp();
    expect(step(await story(), 'DroppedOut')?.money).toMatchObject([
      {
        moved: [
          '37.50 out of the commitment for allot (sessions)',
          '37.50 released to pot prescribing (lottery 2026)',
        ],
      },
    ]);
  });

  test('shows protected values as long as there is a key', async () => {
    expect(step(await story(), 'Referred')?.protected).toMatchObject({ name: 'person-0' });
    const keys = { ...world.wayledger.keys, find: () => Promise.resolve(null) };
    expect(step(await story({ keys }), 'Referred')?.protected).toBe('erased');
    const others = { ...keys, find: () => Promise.resolve(Buffer.alloc(32)) };
    expect(step(await story({ keys: others }), 'Referred')?.protected).toBe('unreadable');
    expect(step(await story(), 'ReferralAccepted')).not.toHaveProperty('protected');
  });

  test('shows what was corrected, and that a correction was itself voided', async () => {
    const { id } = await lastOf('Attended');
    const first = await corrects(id, 'first');
    expect(step(await story(), 'Attended')?.corrected).toEqual({
      ...{ kind: 'void', event: first, on: '2026-06-09' },
      by: { role: 'anchor', organisation: 'north' },
    });
    const { position } = await lastOf('Attended');
    expect(step(await story({}, position), 'Attended')).not.toHaveProperty('corrected');
    const second = await corrects(first, 'second');
    const told = await story();
    expect(step(told, 'Attended')).not.toHaveProperty('corrected');
    expect(step(told, 'EntryCorrected')?.corrected).toMatchObject({ event: second });
  });

  test('ends where it was known, and names what it does not know', async () => {
    const { position } = await lastOf('ReferralAccepted');
    const told = await story({}, position);
    expect(told.steps.map(({ type }) => type)).toEqual(['Referred', 'ReferralAccepted']);
    expect(told.status).toBe('accepted');
    const stranger = {
      ...{ id: deriveId<'event'>('stranger'), type: 'FromTheFuture', schemaVersion: 1 },
      ...{ data: '{}', protected: '{}', metadata: JSON.stringify(metadata) },
    };
    await world.wayledger.log.append(STREAM, await version(), [stranger]);
    expect(step(await story(), 'FromTheFuture')?.sentence).toBe(
      'A fact of a type that this version does not know: FromTheFuture.',
    );
  });
});
