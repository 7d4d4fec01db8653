import {
  eventIdOf,
  isRefusal,
  refuse,
  type CommandMeta,
  type Decision,
  type EventId,
  type Refusal,
  type Slug,
  type StreamName,
} from '#kernel';
import type { ReferralEvent, ReferralFact } from '../domain/events.js';
import type { ReferralState } from '../domain/state.js';
import type { Reserved } from './reservations.js';

/** The facts that a decision would write, as the log would give them back. */
export function factsToBe(
  meta: CommandMeta,
  stream: StreamName,
  anchor: Slug,
  decision: readonly ReferralEvent[],
): readonly ReferralFact[] {
  const { commandId, correlationId, actor, occurredOn, recordedAt } = meta;
  const metadata = { commandId, commandHash: '', correlationId, causationId: commandId, actor };
  return decision.map(({ type, data }, index) => {
    const id = eventIdOf(commandId, stream, index);
    const fact = { id, type, data, sealed: {} };
    // The pair of type and data comes from one event of the catalogue.
    return { ...fact, metadata: { ...metadata, anchor, occurredOn, recordedAt } } as ReferralFact;
  });
}

/** What it draws is not its own price alone. */
export function dependsOnHistory({ type, data }: ReferralEvent): boolean {
  return type === 'EntryCorrected' || (type === 'Prescribed' && data.continues !== undefined);
}

/** The correction that reservations are for; none where they are for a prescription's own. */
export function correctionAmong(facts: readonly ReferralFact[]): EventId | undefined {
  return facts.find(({ type }) => type === 'EntryCorrected')?.id;
}

/** What was given back is not there any more, whatever would be decided. */
export function unlessGivenUp(
  decision: Decision<ReferralEvent>,
  state: ReferralState,
  reserved: readonly Reserved[],
): Decision<ReferralEvent> {
  if (isRefusal(decision)) return decision;
  const gone = reserved.some(({ because }) =>
    state?.abandoned.some((given) => given.because === because),
  );
  return gone ? changedMeanwhile() : decision;
}

export function changedMeanwhile(): Refusal {
  return refuse(
    'changed-meanwhile',
    'What this needs was reserved, something else came in between, and the money was given back. ' +
      'Give the command again under a new id.',
    { field: 'id' },
  );
}
