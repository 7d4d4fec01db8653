import { expect } from '@jest/globals';
import {
  deriveId,
  isCivilDate,
  assert,
  type Actor,
  type CivilDate,
  type Decision,
  type Metadata,
  type Moment,
} from '#kernel';
import type { ReferralEvent, ReferralFact, ReferralFactOf } from '../events.js';
import { evolve } from '../evolve.js';
import { initialState, type ReferralState } from '../state.js';
import { LINK_WORKER, NORTH, noonOf } from './cast.js';

/** A command as the field gives it: what the real decider answers to it. */
export type Decide = (state: ReferralState, moment: Moment) => Decision<ReferralEvent>;

export function date(text: string): CivilDate {
  assert(isCivilDate(text), `${text} is a day`);
  return text;
}

/** The day something happened, told on that very day by the link worker unless said otherwise. */
export function day(on: string, { told = on, by = LINK_WORKER }: Telling = {}): Moment {
  return { on: date(on), today: date(told), actor: by };
}
interface Telling {
  readonly told?: string;
  readonly by?: Actor;
}

/** Facts of one day. */
export function on(happened: string, ...events: readonly ReferralEvent[]): readonly ReferralFact[] {
  return factsOf(events, day(happened));
}

export function factsOf(
  events: readonly ReferralEvent[],
  { on, today, actor }: Moment,
  command = 'story',
): readonly ReferralFact[] {
  const commandId = deriveId<'command'>('command', command);
  const metadata: Metadata = {
    commandId,
    commandHash: '',
    correlationId: deriveId<'correlation'>('correlation', command),
    causationId: commandId,
    actor,
    anchor: NORTH,
    occurredOn: on,
    recordedAt: noonOf(today),
  };
  return events.map((event, index) => {
    const id = deriveId<'event'>('event', command, on, event.type, String(index));
    // A fact carries what the log gives back: ciphertexts, never the protected values.
    return frozen({ id, type: event.type, data: event.data, sealed: {}, metadata } as ReferralFact);
  });
}

export function fold(facts: readonly ReferralFact[]): ReferralState {
  return facts.reduce<ReferralState>((state, fact) => frozen(evolve(state, fact)), initialState);
}

/** The last fact of a type in a history. */
export function lastOf<T extends ReferralFact['type']>(
  facts: readonly ReferralFact[],
  type: T,
): ReferralFactOf<T> {
  const found = facts.filter((fact): fact is ReferralFactOf<T> => fact.type === type).at(-1);
  assert(found !== undefined, `the history has ${type}`);
  return found;
}

/** Deep: a fold or a decision that writes into what it was given throws. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
  return value;
}

export interface Story {
  readonly state: ReferralState;
  readonly facts: readonly ReferralFact[];
  when(decide: Decide, moment: Moment): Outcome;
}
interface Outcome {
  /** These facts and no others; the story goes on with them. */
  then(...events: readonly ReferralEvent[]): Story;
  /** There is nothing to do. */
  thenNothing(): Story;
  thenRefused(code: string, field?: string): Story;
}

/** Given this history, when this happens, then these facts, or this refusal. */
export function given(...history: readonly (readonly ReferralFact[])[]): Story {
  return story(history.flat());
}

function story(facts: readonly ReferralFact[]): Story {
  const state = fold(facts);
  return {
    state,
    facts,
    when(decide, moment) {
      const decision = decide(state, moment);
      return {
        then(...events) {
          expect(decision).toEqual(events);
          return story([...facts, ...factsOf(events, moment, String(facts.length))]);
        },
        thenNothing() {
          expect(decision).toEqual([]);
          return story(facts);
        },
        thenRefused(code, field) {
          expect(decision).toMatchObject({ refused: true, code, ...(field && { field }) });
          expect(decision).toHaveProperty('message', expect.stringMatching(/^[^ ].*\.$/));
          return story(facts);
        },
      };
    },
  };
}
