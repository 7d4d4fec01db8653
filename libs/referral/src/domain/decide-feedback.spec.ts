import { describe, expect, test } from '@jest/globals';
import { deriveId, isRefusal, type Actor, type CommandId, type EventId, type Slug } from '#kernel';
import { acknowledgeFeedback, sendFeedback, toldByName, untold } from './decide.js';
import type { ReferralEvent, ReferralFact } from './events.js';
import { FEEDBACK, namedAmong } from './named.js';
import { CLOSED } from './testing/beginnings.js';
import {
  NORTH,
  STRANGER,
  accepted,
  contact,
  firstContact,
  offerRefused,
  offered,
  received,
} from './testing/cast.js';
import { day, factsOf, fold, given, on, type Decide } from './testing/given.js';

const SURGERY = 'seacliff-surgery' as Slug;
const CLINIC = 'clinic' as Slug;
const GP: Actor = { id: 'dr-1', role: 'referrer', organisation: SURGERY };
const REFERRED = on('2026-04-01', received({ referrer: SURGERY }), accepted());
const IN_CONTACT = [...REFERRED, ...on('2026-04-08', firstContact())];

const send =
  (facts: readonly ReferralFact[], to?: Slug): Decide =>
  (state, moment) =>
    sendFeedback(state, { to, covers: untold(facts) }, moment);
const acknowledge: Decide = (state, moment) => acknowledgeFeedback(state, undefined, moment);
const sent = (covers: readonly EventId[], to = SURGERY): ReferralEvent => ({
  type: 'FeedbackSent',
  data: { to, covers: [...covers] },
});
const idsOf = (facts: readonly ReferralFact[]) => facts.map(({ id }) => id);

describe('feedback', () => {
  test('goes to the referrer and covers all that happened', () => {
    given(IN_CONTACT)
      .when(send(IN_CONTACT), day('2026-05-01'))
      .then(sent(idsOf(IN_CONTACT)));
  });

  test('covers the next time what came since, told late or not', () => {
    const facts = [...IN_CONTACT, ...on('2026-05-01', sent(idsOf(IN_CONTACT)))];
    const news = on('2026-04-20', contact());
    given(facts, news)
      .when(send([...facts, ...news]), day('2026-06-01'))
      .then(sent(idsOf(news)));
    given(facts).when(send(facts), day('2026-06-01')).thenRefused('nothing-to-tell');
  });

  test('never tells by itself that the person refused, nor of a concern', () => {
    const concern: ReferralEvent = {
      type: 'ConcernRaised',
      data: { source: 'person' },
      protectedData: {},
    };
    const facts = [...IN_CONTACT, ...on('2026-04-09', offered(), offerRefused(), concern)];
    const types = facts.filter(({ id }) => untold(facts).includes(id)).map(({ type }) => type);
    expect(types).toEqual(['Referred', 'ReferralAccepted', 'FirstContactMade', 'Offered']);
  });

  test('covers what is named, by event or by command, once, though it was told before', () => {
    const [told] = factsOf([contact()], day('2026-04-20'), 'call');
    const facts = [...IN_CONTACT, told!, ...on('2026-05-01', sent([told!.id]))];
    const both = [told!.id, told!.metadata.commandId, IN_CONTACT[0]!.id];
    expect(toldByName(facts, both)).toEqual([told!.id, IN_CONTACT[0]!.id]);
    expect(toldByName(facts, [told!.id, deriveId<'event'>('unheard of')])).toMatchObject({
      ...{ code: 'no-such-entry', field: 'covers' },
    });
  });

  test('never covers that the person refused, whoever names it', () => {
    const [put, no] = on('2026-04-09', offered(), offerRefused());
    const facts = [...IN_CONTACT, put!, no!];
    expect(toldByName(facts, [put!.id, no!.id])).toMatchObject({
      ...{ code: 'not-told', field: 'covers' },
    });
    const refusal = toldByName(facts, [no!.id]);
    const send: Decide = (state, moment) => sendFeedback(state, { covers: refusal }, moment);
    given(facts).when(send, day('2026-05-01')).thenRefused('not-told', 'covers');
    given(facts)
      .when(send, day('2026-05-01', { by: GP }))
      .thenRefused('not-your-referral');
    // Of what one command recorded the rest is told.
    expect(toldByName([put!, no!], [no!.metadata.commandId])).toEqual([put!.id]);
  });

  test('goes to whom one says, and to nobody where nobody referred', () => {
    given(IN_CONTACT)
      .when(send(IN_CONTACT, CLINIC), day('2026-05-01'))
      .then(sent(idsOf(IN_CONTACT), CLINIC));
    given(CLOSED).when(send(CLOSED), day('2026-06-01')).thenRefused('no-referrer', 'to');
  });

  test('goes after the end too, and only from the anchor', () => {
    given(CLOSED)
      .when(send(CLOSED, CLINIC), day('2026-06-01'))
      .then(sent(untold(CLOSED), CLINIC));
    given(IN_CONTACT)
      .when(send(IN_CONTACT), day('2026-05-01', { by: GP }))
      .thenRefused('not-your-referral');
  });
});

describe('that it was heard', () => {
  const [first] = factsOf([sent(idsOf(REFERRED))], day('2026-04-05'), 'first');
  const [second] = factsOf([sent(idsOf(IN_CONTACT))], day('2026-05-05'), 'second');
  const [other] = factsOf([sent(idsOf(IN_CONTACT), CLINIC)], day('2026-05-06'), 'other');
  const SENT = [...IN_CONTACT, first!, second!, other!];
  const heard = (fact: ReferralFact, by = SURGERY): ReferralEvent => ({
    type: 'FeedbackAcknowledged',
    data: { feedback: fact.id, by },
  });

  test('is of the newest that went to them and was not acknowledged', () => {
    const by = day('2026-05-10', { by: GP });
    given(SENT)
      .when(acknowledge, by)
      .then(heard(second!))
      .when(acknowledge, by)
      .then(heard(first!))
      .when(acknowledge, by)
      .thenNothing();
  });

  test('is of the one that is named, by its event or its command', () => {
    const named =
      (id: EventId | CommandId): Decide =>
      (state, moment) =>
        acknowledgeFeedback(state, namedAmong(SENT, FEEDBACK, id), moment);
    const by = day('2026-05-10', { by: GP });
    given(SENT).when(named(first!.id), by).then(heard(first!));
    given(SENT).when(named(first!.metadata.commandId), by).then(heard(first!));
    given(SENT).when(named(other!.id), by).thenRefused('no-feedback', 'feedback');
    given(SENT).when(named(SENT[0]!.id), by).thenRefused('no-feedback', 'feedback');
  });

  test('may be told by the anchor for them', () => {
    given(SENT).when(acknowledge, day('2026-05-10')).then(heard(other!, CLINIC));
    expect(STRANGER.organisation).not.toBe(NORTH);
    given(SENT)
      .when(acknowledge, day('2026-05-10', { by: STRANGER }))
      .thenRefused('not-your-referral');
  });

  test('needs feedback', () => {
    given(IN_CONTACT).when(acknowledge, day('2026-05-10')).thenRefused('no-feedback');
  });

  test('is known of each', () => {
    const state = fold([...SENT, ...factsOf([heard(second!)], day('2026-05-10'), 'heard')]);
    expect(state?.feedback.map(({ acknowledged }) => acknowledged)).toEqual([false, true, false]);
    expect(isRefusal(state)).toBe(false);
  });
});
