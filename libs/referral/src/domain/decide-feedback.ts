import {
  isRefusal,
  refuse,
  type CommandId,
  type EventId,
  type Moment,
  type Refusal,
  type Slug,
} from '#kernel';
import type { ReferralFact } from './events.js';
import { known, ownAnchor, anyTime, type Decided } from './rules.js';
import type { ReferralState } from './state.js';

/**
 * Never told: that a person refused must not count against them with a service that
 * treats them, and safeguarding has ways of its own.
 */
const NOT_TOLD: readonly ReferralFact['type'][] = [
  'OfferRefused',
  'PrescriptionDeclined',
  'AssessmentDeclined',
  'ConcernRaised',
  'PrescriptionAbandoned',
  'FeedbackSent',
  'FeedbackAcknowledged',
];

/** The facts of a referral that no feedback has covered yet. */
export function untold(facts: readonly ReferralFact[]): readonly EventId[] {
  const told = new Set(
    facts.flatMap((fact) => (fact.type === 'FeedbackSent' ? fact.data.covers : [])),
  );
  return facts
    .filter(({ id, type }) => !told.has(id) && !NOT_TOLD.includes(type))
    .map(({ id }) => id);
}

/** Those that are named, by event or by command, whether they were told before or not. */
export function toldByName(
  facts: readonly ReferralFact[],
  names: readonly (EventId | CommandId)[],
): readonly EventId[] | Refusal {
  const covers = new Set<EventId>();
  for (const name of names) {
    const named = facts.filter(({ id, metadata }) => id === name || metadata.commandId === name);
    const [one] = named;
    if (one === undefined) {
      return refuse(
        'no-such-entry',
        'This referral has no such fact: there is no event of that id in it, and none that a ' +
          'command of that id recorded.',
        { field: 'covers' },
      );
    }
    const tellable = named.filter(({ type }) => !NOT_TOLD.includes(type));
    if (tellable.length === 0) {
      return refuse(
        'not-told',
        `${one.type} is never part of feedback: name what else the feedback told of.`,
        { field: 'covers' },
      );
    }
    for (const { id } of tellable) covers.add(id);
  }
  return [...covers];
}

export interface FeedbackWanted {
  readonly to?: Slug | undefined;
  /** Or why what was named cannot be told, which strangers are not. */
  readonly covers: readonly EventId[] | Refusal;
}

/** After the end too: that it ended is what a referrer wants to hear most. */
export function sendFeedback(
  state: ReferralState,
  { to, covers }: FeedbackWanted,
  moment: Moment,
): Decided {
  const referral = anyTime(state, moment);
  if (isRefusal(referral)) return referral;
  if (isRefusal(covers)) return covers;
  const receiver = to ?? referral.referrer;
  if (receiver === undefined) {
    return refuse(
      'no-referrer',
      'No organisation made this referral: say to whom the feedback goes.',
      { field: 'to' },
    );
  }
  if (covers.length === 0) {
    return refuse('nothing-to-tell', 'Nothing happened since the last feedback.');
  }
  return [{ type: 'FeedbackSent', data: { to: receiver, covers: [...covers] } }];
}

/** By whom it went to, or by the anchor that heard it from them; left out: the newest. */
export function acknowledgeFeedback(
  state: ReferralState,
  named: EventId | CommandId | undefined,
  moment: Moment,
): Decided {
  const referral = known(state, moment);
  if (isRefusal(referral)) return referral;
  const { organisation } = moment.actor;
  const theirs = referral.feedback.filter(({ to }) => to === organisation);
  if (theirs.length === 0) {
    const stranger = ownAnchor(referral, moment.actor);
    if (stranger !== null) return stranger;
  }
  const mine = theirs.length === 0 ? referral.feedback : theirs;
  const newest = mine.findLast(({ acknowledged }) => !acknowledged) ?? mine.at(-1);
  const sent = named === undefined ? newest : mine.find(({ event }) => event === named);
  if (sent === undefined) {
    return refuse('no-feedback', 'No such feedback was sent: there is nothing to acknowledge.', {
      field: 'feedback',
    });
  }
  if (sent.acknowledged) return [];
  return [{ type: 'FeedbackAcknowledged', data: { feedback: sent.event, by: sent.to } }];
}
