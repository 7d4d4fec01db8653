import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Codec } from '#event-log';
import { isRefusal, streamOf } from '#kernel';
import { Json } from '#projection';
import * as deciders from './decide.js';
import { referralEvents, type ReferralEvent, type ReferralFact } from './events.js';
import { withContacts } from './evolve-contacts.js';
import { withPrescriptions } from './evolve-prescriptions.js';
import { evolve } from './evolve.js';
import {
  PRESCRIPTION_STATUSES,
  REFERRAL_STATUSES,
  initialState,
  statusOf,
  type ReferralState,
} from './state.js';
import { PERSON, schemeOf } from './testing/cast.js';
import type { Deciders } from './testing/commands.js';
import { frozen } from './testing/given.js';
import { asCorrected, correctionsThatHold } from './testing/as-corrected.js';
import {
  factsIn,
  play,
  stepsArbitrary,
  unscoredStepsArbitrary,
  type Turn,
} from './testing/histories.js';

type Evolve = typeof evolve;
const RUNS = { numRuns: 100 };
/** Controls are found broken by the same histories each time, and need no smallest example. */
const CONTROL = { seed: 20_260_401, numRuns: 1_000, endOnFailure: true };

const BROKEN = /^Property failed after \d+ tests\n{ seed: 20260401,/;

/** A law of the design, over any history; run with a broken part it must fail. */
function law(
  check: (turns: readonly Turn[]) => void,
  use: Deciders = deciders,
  runs: fc.Parameters<unknown> = RUNS,
): () => void {
  return () => {
    fc.assert(
      fc.property(stepsArbitrary, (steps) => {
        check(play(steps, use));
      }),
      runs,
    );
  };
}

const fold = (facts: readonly ReferralFact[], by: Evolve = evolve): ReferralState =>
  facts.reduce<ReferralState>((state, fact) => frozen(by(state, fact)), initialState);

describe('1. evolve is total', () => {
  test('over whatever the decider produces, in any order, doubled, cut and with unknown facts', () => {
    fc.assert(
      fc.property(stepsArbitrary, fc.infiniteStream(fc.nat()), fc.jsonValue(), (steps, dice, x) => {
        const facts = factsIn(play(steps));
        const metadata = facts[0]?.metadata;
        const unknown = { type: 'NotYetKnown', data: x, sealed: {}, metadata } as never;
        const shuffled = [...facts, ...facts, unknown]
          .map((fact) => ({ fact, at: dice.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ fact }) => fact);
        for (const history of [facts, shuffled, shuffled.slice(3)]) {
          const state = fold(history);
          if (state !== null) expect(REFERRAL_STATUSES).toContain(statusOf(state));
        }
      }),
      RUNS,
    );
  });

  test('an unknown field of a newer version is carried and changes nothing that is known', () => {
    fc.assert(
      fc.property(stepsArbitrary, fc.jsonValue(), (steps, value) => {
        const facts = factsIn(play(steps));
        const newer = facts.map((fact) => withUnknownField(fact, value));
        expect(withoutUnknownFields(fold(newer))).toEqual(fold(facts));
      }),
      RUNS,
    );
  });

  // The log refuses to be given such a field at all.
  const writable = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'));

  test('an unknown field survives the log', async () => {
    await fc.assert(
      fc.asyncProperty(stepsArbitrary, writable, async (steps, value) => {
        const newer = factsIn(play(steps)).map((fact) => withUnknownField(fact, value));
        const [fact] = newer;
        if (fact === undefined) return;
        const data = (await throughTheLog(fact)).data as unknown as Record<string, unknown>;
        expect(JSON.stringify(data['notYetKnown'])).toBe(JSON.stringify(value));
      }),
      { numRuns: 50 },
    );
  });

  const FIELD = 'notYetKnown';

  function withUnknownField(fact: ReferralFact, value: unknown): ReferralFact {
    return { ...fact, data: { ...fact.data, [FIELD]: value } } as ReferralFact;
  }

  function withoutUnknownFields(state: unknown): unknown {
    if (Array.isArray(state)) return state.map(withoutUnknownFields);
    if (typeof state !== 'object' || state === null) return state;
    const known = Object.entries(state).filter(([key]) => key !== FIELD);
    return Object.fromEntries(known.map(([key, part]) => [key, withoutUnknownFields(part)]));
  }
});

const codec = new Codec(referralEvents, {
  seal: async (_place, fields) =>
    Object.fromEntries(Object.keys(fields).map((field) => [field, 'sealed'])),
});

async function throughTheLog(fact: ReferralFact): Promise<ReferralFact> {
  const { id, metadata } = fact;
  const event = { type: fact.type, data: fact.data } as ReferralEvent;
  const texts = await codec.encode({ event, id, metadata, person: PERSON });
  const place = { stream: streamOf('referral', PERSON), version: 0, position: 1n };
  return codec.decode({ ...texts, ...place });
}

describe('2. replaying gives the state that was decided on', () => {
  const replays =
    (by: Evolve, runs: fc.Parameters<unknown> = { numRuns: 60 }): (() => Promise<void>) =>
    () =>
      fc.assert(
        fc.asyncProperty(stepsArbitrary, async (steps) => {
          let replayed: ReferralState = initialState;
          for (const { facts, before } of play(steps)) {
            expect(replayed).toStrictEqual(before);
            for (const fact of facts) replayed = by(replayed, await throughTheLog(fact));
          }
        }),
        runs,
      );

  test('event by event, from the texts of the log', replays(evolve));

  test('(control) a fold that depends on how often it ran breaks it', async () => {
    let calls = 0;
    const impure: Evolve = (state, fact) => {
      calls += 1;
      const next = evolve(state, fact);
      return next && calls % 7 === 0 ? { ...next, minutes: next.minutes + 1 } : next;
    };
    await expect(replays(impure, CONTROL)()).rejects.toThrow(BROKEN);
  });

  test('every decision, its protected part included, can be written', async () => {
    await fc.assert(
      fc.asyncProperty(stepsArbitrary, async (steps) => {
        for (const { decision, facts } of play(steps)) {
          for (const [index, fact] of facts.entries()) {
            if (isRefusal(decision)) continue;
            const event = decision[index]!;
            const { id, metadata } = fact;
            const texts = await codec.encode({ event, id, metadata, person: PERSON });
            expect(texts.type).toBe(event.type);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('3. a fact is added to what is known', () => {
  /** Of the whole history anew, as a correction makes it. */
  const addsUp = (by: Evolve) => (turns: readonly Turn[]) => {
    let state: ReferralState = initialState;
    for (const fact of factsIn(turns)) {
      state = by(state, fact);
      if (state !== null) expect(withPrescriptions(withContacts(state))).toEqual(state);
    }
  };

  test('and comes to the same as all of them gone through', law(addsUp(evolve)));

  test('(control) one that takes a late contact for the last breaks it', () => {
    const newestWins: Evolve = (state, fact) => {
      const next = evolve(state, fact);
      if (next === null || fact.type !== 'ContactMade') return next;
      return { ...next, lastContactOn: fact.metadata.occurredOn };
    };
    expect(law(addsUp(newestWins), deciders, CONTROL)).toThrow(BROKEN);
  });

  test(
    'whether the state stayed in memory or was read back',
    law((turns) => {
      let kept: ReferralState = initialState;
      let readBack: ReferralState = initialState;
      for (const fact of factsIn(turns)) {
        kept = evolve(kept, fact);
        readBack = evolve(Json.ofText(Json.of(readBack).text).value as ReferralState, fact);
        expect(readBack).toEqual(kept);
      }
    }),
  );
});

describe('4. offers and refusals', () => {
  const changeNothingElse = (by: Evolve) => (turns: readonly Turn[]) => {
    for (const { step, before, facts } of turns) {
      if (step.said.verb !== 'offer' && step.said.verb !== 'refuse-offer') continue;
      const after = facts.reduce<ReferralState>(by, before);
      if (before === null || after === null) {
        expect(after).toBe(before);
        continue;
      }
      const { offers, lastFactOn } = before;
      expect({ ...after, offers, lastFactOn }).toEqual(before);
      expect(statusOf(after)).toBe(statusOf(before));
      expect(after.offers.length).toBeGreaterThanOrEqual(before.offers.length);
    }
  };

  test('close nothing and change nothing but themselves', law(changeNothingElse(evolve)));

  test('(control) a fold that closes at the second refusal breaks it', () => {
    const impatient: Evolve = (state, fact) => {
      const next = evolve(state, fact);
      const refusals = next?.offers.filter(({ answer }) => answer === 'refused').length ?? 0;
      return next && refusals > 1 ? { ...next, endedOn: fact.metadata.occurredOn } : next;
    };
    expect(law(changeNothingElse(impatient), deciders, CONTROL)).toThrow(BROKEN);
  });
});

describe('5. with no assessment at all', () => {
  // A fixed seed: what can be reached does not depend on the day's luck.
  const turns = fc
    .sample(unscoredStepsArbitrary, { seed: CONTROL.seed, numRuns: 1_500 })
    .flatMap((steps) => play(steps));
  const OF_SCORES = ['AssessmentRecorded', 'OutcomeDetermined'];

  test('every fact but a score and what is measured by two is decided somewhere', () => {
    const types = new Set(factsIn(turns).map(({ type }) => type));
    const all = Object.keys(referralEvents);
    expect([...types].sort()).toEqual(all.filter((type) => !OF_SCORES.includes(type)).sort());
  });

  test('and with scores those too', () => {
    const scored = fc.sample(stepsArbitrary, { seed: CONTROL.seed, numRuns: 1_500 });
    const types = new Set(scored.flatMap((steps) => factsIn(play(steps))).map(({ type }) => type));
    expect([...types]).toEqual(expect.arrayContaining(OF_SCORES));
  });

  test('every status of a referral is reached, and both ends from each of them', () => {
    const reached = new Set(turns.flatMap(({ after }) => (after === null ? [] : statusOf(after))));
    expect([...reached].sort()).toEqual([...REFERRAL_STATUSES].sort());
    const endings = turns
      .filter(({ before, after }) => after?.endedOn !== undefined && before?.endedOn === undefined)
      .map(({ before, after }) => `${before && statusOf(before)} → ${after && statusOf(after)}`);
    expect([...new Set(endings)].sort()).toEqual([
      'accepted → closed',
      'accepted → declined',
      'in-contact → closed',
      'in-contact → declined',
      'received → closed',
      'received → declined',
    ]);
  });

  test('every status of a prescription is reached, also by one that pays', () => {
    for (const pays of [false, true]) {
      const statuses = turns
        .flatMap(({ after }) => after?.prescriptions ?? [])
        .filter(({ priced }) => (priced !== undefined) === pays)
        .map(({ status }) => status);
      expect([...new Set(statuses)].sort()).toEqual([...PRESCRIPTION_STATUSES].sort());
    }
  });
});

describe('6. a stream tells one story', () => {
  const typesOf = (turns: readonly Turn[]) => factsIn(turns).map(({ type }) => type);
  const count = (turns: readonly Turn[], type: string) =>
    typesOf(turns).filter((other) => other === type).length;

  test(
    'it begins with Referred, which is there once',
    law((turns) => {
      const types = typesOf(turns);
      expect(types.slice(0, 1)).toEqual(types.length === 0 ? [] : ['Referred']);
      expect(count(turns, 'Referred')).toBe(types.length === 0 ? 0 : 1);
    }),
  );

  const oneFirstContact = (turns: readonly Turn[]) => {
    for (const facts of histories(turns)) {
      const firsts = asCorrected(facts).filter(({ type }) => type === 'FirstContactMade');
      expect(firsts.length).toBeLessThanOrEqual(1);
    }
    const contacts = typesOf(turns).filter((type) => type.endsWith('ContactMade'));
    expect(contacts.slice(0, 1)).toEqual(contacts.length === 0 ? [] : ['FirstContactMade']);
  };

  test(
    'of its first contacts one stands at most, and one is before any other',
    law(oneFirstContact),
  );

  test('(control) a decider that says every contact is the first breaks it', () => {
    const forgetful: Deciders = {
      ...deciders,
      recordContact(state, data, hidden, _schemeOf, moment) {
        const decision = deciders.recordContact(state, data, hidden, schemeOf, moment);
        if (isRefusal(decision)) return decision;
        return decision.map((event) =>
          event.type === 'ContactMade' ? { ...event, type: 'FirstContactMade' } : event,
        );
      },
    };
    expect(law(oneFirstContact, forgetful, CONTROL)).toThrow(BROKEN);
  });

  const sessionsAreInOrder = (turns: readonly Turn[]) => {
    for (const facts of histories(turns)) inOrder(asCorrected(facts));
  };

  function inOrder(facts: readonly ReferralFact[]): void {
    const prescribed = new Map<string, ReferralFact>();
    const sessions = new Set<string>();
    const numbers = new Set<string>();
    for (const fact of facts) {
      if (fact.type === 'Prescribed') {
        expect(prescribed.has(fact.data.prescription)).toBe(false);
        prescribed.set(fact.data.prescription, fact);
      }
      if (fact.type !== 'Attended' && fact.type !== 'Missed') continue;
      const { prescription, session, number } = fact.data;
      const before = prescribed.get(prescription);
      expect(before).toBeDefined();
      expect(fact.metadata.occurredOn >= before!.metadata.occurredOn).toBe(true);
      expect(sessions.has(`${prescription} ${session}`)).toBe(false);
      sessions.add(`${prescription} ${session}`);
      if (fact.type === 'Missed' && fact.data.class === 'provider-logistics') continue;
      expect(numbers.has(`${prescription} ${number}`)).toBe(false);
      numbers.add(`${prescription} ${number}`);
    }
  }

  test('its sessions follow their prescription, each once, numbers too', law(sessionsAreInOrder));

  test('(control) a decider that counts from one each time breaks it', () => {
    const counting: Deciders = {
      ...deciders,
      attend: (state, wanted, rest, moment) => {
        const decision = deciders.attend(state, wanted, rest, moment);
        if (isRefusal(decision)) return decision;
        return decision.map((event) => ({ ...event, data: { ...event.data, number: 1 } }) as never);
      },
    };
    expect(law(sessionsAreInOrder, counting, CONTROL)).toThrow(BROKEN);
  });
});

/** The history as it was after every turn that added to it. */
function histories(turns: readonly Turn[]): readonly (readonly ReferralFact[])[] {
  let facts: readonly ReferralFact[] = [];
  return turns
    .filter((turn) => turn.facts.length > 0)
    .map((turn) => (facts = [...facts, ...turn.facts]));
}

describe('6. an entry is corrected', () => {
  const once = (turns: readonly Turn[]) => {
    for (const facts of histories(turns)) {
      for (const [, held] of correctionsThatHold(facts)) expect(held).toBe(1);
    }
  };

  test('once, unless that correction was itself corrected', law(once));

  test('(control) a decider that does not see earlier corrections breaks it', () => {
    const blind: Deciders = {
      ...deciders,
      correctEntry: (state, ...rest) =>
        deciders.correctEntry(state && { ...state, corrections: [] }, ...rest),
    };
    expect(law(once, blind, CONTROL)).toThrow(BROKEN);
  });

  test('again and again: there are histories three deep', () => {
    const deep = fc
      .sample(stepsArbitrary, { seed: CONTROL.seed, numRuns: 300 })
      .flatMap((steps) => factsIn(play(steps)))
      .filter((fact) => fact.type === 'EntryCorrected');
    const corrections = new Map(deep.map(({ id, data }) => [id, data.corrects]));
    const depth = (id: string | undefined): number =>
      id === undefined ? 0 : 1 + depth(corrections.get(id as never));
    expect(Math.max(...deep.map(({ data }) => depth(data.corrects)))).toBeGreaterThanOrEqual(3);
  });
});

describe('a corrected history', () => {
  /** What of a state follows from what happened, and not from how it came to be known. */
  function told(state: ReferralState) {
    if (state === null) return null;
    const { prescriptions, ...rest } = state;
    const { contactEntries: _c, assessmentEntries: _a, declinedEntries: _d, ...known } = rest;
    const { ends: _e, corrections: _k, lastFactOn: _l, planned: _p, ...whole } = known;
    return {
      ...whole,
      status: statusOf(state),
      prescriptions: prescriptions.map(({ recorded: _r, determined: _o, ...one }) => one),
    };
  }

  const asIfSo = (by: Evolve) => (turns: readonly Turn[]) => {
    for (const facts of histories(turns)) {
      expect(told(fold(facts, by))).toEqual(told(fold(asCorrected(facts), by)));
    }
  };

  test('folds as the history that is written right in the first place', law(asIfSo(evolve)));

  test('(control) a fold for which a voided correction still holds breaks it', () => {
    const stubborn: Evolve = (state, fact) => {
      if (fact.type !== 'EntryCorrected' || state === null) return evolve(state, fact);
      const ofCorrection = state.corrections.some(({ event }) => event === fact.data.corrects);
      return ofCorrection ? state : evolve(state, fact);
    };
    expect(law(asIfSo(stubborn), deciders, CONTROL)).toThrow(BROKEN);
  });

  test('(control) a fold that amends everything but the day breaks it', () => {
    const dayless: Evolve = (state, fact) => {
      if (fact.type !== 'EntryCorrected') return evolve(state, fact);
      const { on: _on, ...amended } = fact.data.amended ?? {};
      return evolve(state, { ...fact, data: { ...fact.data, amended } });
    };
    expect(law(asIfSo(dayless), deciders, CONTROL)).toThrow(BROKEN);
  });
});

describe('every decision', () => {
  test(
    'keeps to days between the referral and today',
    law((turns) => {
      for (const { facts, after } of turns) {
        for (const { metadata, type } of facts) {
          // Not what happened to the person: money comes back whenever it can, and new terms may
          // be of a day still to come.
          if (type === 'PrescriptionAbandoned' || type === 'PrescriptionRepriced') continue;
          expect(metadata.recordedAt.slice(0, 10) >= metadata.occurredOn).toBe(true);
          expect(metadata.occurredOn >= after!.receivedOn).toBe(true);
        }
      }
    }),
  );

  /** What only an open referral can have. */
  const OPEN_ONLY: readonly string[] = [
    ...['Referred', 'ReferralDeclined', 'ReferralClosed', 'ReferralReopened'],
    ...['LinkWorkerAssigned', 'ContactPlanned', 'Prescribed'],
    ...['PlaceWaitlisted', 'PlaceOffered', 'PlaceLapsed'],
  ];

  test(
    'after the end only adds what happened before it, or a follow-up, until it is reopened',
    law((turns) => {
      for (const { step, before, after, facts } of turns) {
        if (before?.endedOn === undefined || step.said.verb === 'reopen') continue;
        expect(after?.endedOn).toBe(before.endedOn);
        for (const { type } of facts) expect(OPEN_ONLY).not.toContain(type);
      }
    }),
  );

  test(
    'ends with prescriptions whose last session is not after their end',
    law((turns) => {
      const last = turns.at(-1)?.after;
      for (const { prescribedOn, endedOn, sessions } of last?.prescriptions ?? []) {
        for (const { on } of sessions) {
          expect(on >= prescribedOn).toBe(true);
          expect(endedOn === undefined || on <= endedOn).toBe(true);
        }
      }
    }),
  );
});
