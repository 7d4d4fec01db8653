import {
  refuse,
  type CommandId,
  type EventId,
  type PrescriptionId,
  type Refusal,
  type SessionId,
} from '#kernel';
import { isVoidable } from '../domain/decide.js';
import { standing } from '../domain/entries.js';
import type { ReferralFact } from '../domain/events.js';
import type { ReferralState } from '../domain/state.js';

/** Names one fact of a referral. */
export interface EntryWanted {
  /** The fact itself, or the command that recorded it. */
  readonly corrects?: EventId | CommandId;
  /** Or what it recorded of which session. */
  readonly prescription?: PrescriptionId;
  readonly session?: SessionId;
}

export function entryWanted(
  facts: readonly ReferralFact[],
  state: ReferralState,
  wanted: EntryWanted,
): ReferralFact | Refusal {
  const { corrects, prescription, session } = wanted;
  const bySession = prescription !== undefined && session !== undefined;
  const half = (prescription === undefined) !== (session === undefined);
  if (half || bySession === (corrects !== undefined)) {
    return refuse(
      'entry-needed',
      'Name the fact by corrects (the id of its event, or of the command that recorded it), or ' +
        'name a session by prescription and session: one of the two ways, not both.',
      { field: 'corrects' },
    );
  }
  return corrects === undefined
    ? ofSession(facts, state, prescription, session)
    : byId(facts, corrects);
}

function byId(facts: readonly ReferralFact[], id: EventId | CommandId): ReferralFact | Refusal {
  const named = facts.find((fact) => fact.id === id);
  if (named !== undefined) return named;
  const said = facts.filter(({ metadata }) => metadata.commandId === id);
  const correctable = said.filter(({ type }) => isVoidable(type));
  const [only, ...more] = correctable.length === 0 ? said : correctable;
  if (only === undefined) {
    return refuse(
      'no-such-entry',
      'This referral has no such fact: there is no event of that id in it, and none that a ' +
        'command of that id recorded.',
      { field: 'corrects' },
    );
  }
  if (more.length === 0) return only;
  const all = [only, ...more].map(({ type, id: event }) => `${type} ${event}`).join(', ');
  return refuse(
    'several-entries',
    `That command recorded several facts; name the one to be corrected: ${all}.`,
    { field: 'corrects' },
  );
}

/** The record that stands; where none does, the last one, so that the same again is the same. */
function ofSession(
  facts: readonly ReferralFact[],
  state: ReferralState,
  prescription: PrescriptionId | undefined,
  session: SessionId | undefined,
): ReferralFact | Refusal {
  const recorded = facts.filter(
    (fact) =>
      (fact.type === 'Attended' || fact.type === 'Missed') &&
      fact.data.prescription === prescription &&
      fact.data.session === session,
  );
  const corrections = state?.corrections ?? [];
  const stands = recorded.find(({ id }) => standing(corrections, id)?.kind !== 'void');
  return (
    stands ??
    recorded.at(-1) ??
    refuse('no-such-session', 'This prescription has no such session recorded.', {
      field: 'session',
    })
  );
}
