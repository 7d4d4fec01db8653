import type { CommandId, EventId } from '#kernel';
import type { ReferralFact } from './events.js';

type Types = readonly ReferralFact['type'][];
export const FEEDBACK: Types = ['FeedbackSent'];
export const CONVERSATIONS: Types = ['FirstContactMade', 'ContactMade', 'FollowedUp'];

/** The fact of these types that an event or command id means; an id of nothing means none. */
export function namedAmong(
  facts: readonly ReferralFact[],
  types: Types,
  id: EventId | CommandId,
): EventId | CommandId {
  const found = facts.filter(({ type }) => types.includes(type));
  return found.find(({ metadata }) => metadata.commandId === id)?.id ?? id;
}
