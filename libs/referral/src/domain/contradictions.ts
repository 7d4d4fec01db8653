import { addDays, refuse, type Refusal } from '#kernel';
import { effective, standing } from './entries.js';
import { standingEnds } from './evolve-prescriptions.js';
import { takesNumber, type Prescription, type Referral } from './state.js';
import { outcomeComponent, survives } from './terms.js';

/**
 * Why a referral cannot be as `after` has it: two things in it cannot both be so. New facts are
 * held against what was recorded before them; a correction may bring an old one back, or move it.
 */
export function contradiction(before: Referral, after: Referral): Refusal | null {
  return (
    twiceCorrected(after) ??
    twoFirstContacts(after) ??
    offerAnsweredSince(after) ??
    endedOtherwise(before, after) ??
    firstOf(after.prescriptions, (one) => withinItself(one) ?? outcomesOf(after, one))
  );
}

function firstOf<T>(all: readonly T[], check: (one: T) => Refusal | null): Refusal | null {
  for (const one of all) {
    const refusal = check(one);
    if (refusal !== null) return refusal;
  }
  return null;
}

function twiceCorrected({ corrections }: Referral): Refusal | null {
  const hold = corrections.filter(({ event }) => standing(corrections, event) === undefined);
  const twice = hold.find((one) =>
    hold.some((other) => other !== one && other.corrects === one.corrects),
  );
  if (twice === undefined) return null;
  return refuse(
    'corrected-since',
    'What this brings back was corrected anew in the meantime, and a fact has one correction: ' +
      'void the newer one first.',
    { field: 'corrects', data: { corrects: twice.corrects } },
  );
}

function twoFirstContacts({ contactEntries, corrections }: Referral): Refusal | null {
  const firsts = effective(contactEntries, corrections, (entry) => entry).filter((e) => e.first);
  if (firsts.length < 2) return null;
  return refuse(
    'first-contact-recorded',
    'Another first contact was recorded in the meantime, and there is one: void that one first.',
    { field: 'corrects' },
  );
}

function offerAnsweredSince({ offers, prescriptions }: Referral): Refusal | null {
  return firstOf(offers, ({ offer, refused }) => {
    const taken = prescriptions.filter((p) => p.offer === offer && p.status !== 'cancelled');
    if (taken.length === 0 || (taken.length === 1 && !refused)) return null;
    return refuse(
      'offer-answered',
      'The offer of this prescription was answered again in the meantime ' +
        `(${refused ? 'refused' : 'taken up'}): it cannot stand beside that.`,
      { field: 'corrects' },
    );
  });
}

/** An end that comes back, of a prescription that went on and ended in another way since. */
function endedOtherwise(before: Referral, after: Referral): Refusal | null {
  return firstOf(after.prescriptions, ({ prescription }) => {
    const endIn = (referral: Referral) =>
      standingEnds(referral).find((end) => end.prescriptions.includes(prescription));
    const [was, is] = [endIn(before), endIn(after)];
    if (was === undefined || is === undefined || was.event === is.event) return null;
    // A drop-out from everything ends what still goes on: it stands beside any other end.
    if (was.whole) return null;
    const recorded = after.ends.map(({ event }) => event);
    // The one recorded later takes over where the earlier one goes; the other way round is a clash.
    if (recorded.indexOf(is.event) > recorded.indexOf(was.event)) return null;
    return refuse(
      'ended-since',
      `The prescription ended otherwise in the meantime: ${was.status} on ${was.on}.`,
      { field: 'corrects', data: { endedOn: was.on } },
    );
  });
}

/** Sessions and days of one prescription. */
function withinItself(one: Prescription): Refusal | null {
  const { sessions, prescribedOn, endedOn, status } = one;
  if (endedOn !== undefined && endedOn < prescribedOn) {
    return refuse(
      'before-the-prescription',
      `It would have ended on ${endedOn} (${status}), before it was prescribed, ${prescribedOn}.`,
      { field: 'corrects' },
    );
  }
  return (
    firstOf(sessions, (session) => dayOfSession(one, session)) ??
    firstOf(sessions, (session) => placeOfSession(one, session))
  );
}

type Session = Prescription['sessions'][number];

function dayOfSession(one: Prescription, { number, on }: Session): Refusal | null {
  const { prescribedOn, endedOn, status } = one;
  if (on < prescribedOn) {
    return refuse(
      'before-the-prescription',
      `Session number ${number}, on ${on}, would be before the prescription, ${prescribedOn}.`,
      { field: 'on', data: { on, prescribedOn } },
    );
  }
  if (endedOn === undefined || on <= endedOn) return null;
  return refuse(
    'after-the-end',
    `Session number ${number}, on ${on}, would be after the prescription ended, ` +
      `${endedOn} (${status}).`,
    { field: 'on', data: { on, endedOn } },
  );
}

function placeOfSession({ sessions }: Prescription, session: Session): Refusal | null {
  const others = sessions.filter((other) => other !== session);
  const { number, insteadOf } = session;
  if (others.some((other) => other.session === session.session)) {
    return refuse(
      'session-recorded',
      'This session was recorded again in the meantime: void that record first.',
      { field: 'corrects' },
    );
  }
  const alsoTakes = (other: Session) => takesNumber(other) && other.number === number;
  if (takesNumber(session) && others.some(alsoTakes)) {
    return refuse(
      'number-taken',
      `Session number ${number} of this prescription is another one: correct that one first.`,
      { field: 'number', data: { number } },
    );
  }
  if (insteadOf === undefined) return null;
  const replaced = others.find((other) => other.session === insteadOf);
  if (replaced === undefined || takesNumber(replaced)) {
    return refuse(
      'held-instead',
      `Session number ${number} was recorded in place of one that was called off, and that one ` +
        'must stay so as long as the other stands: void the one in its place first.',
      { field: 'corrects' },
    );
  }
  if (!takesNumber(session)) return null;
  const alsoReplaces = (other: Session) => takesNumber(other) && other.insteadOf === insteadOf;
  if (!others.some(alsoReplaces)) return null;
  return refuse(
    'replaced-already',
    'Another session was held in the place of the same one in the meantime.',
    { field: 'corrects' },
  );
}

/** Outcomes rest on two assessments, are met once, and hold only while they may be earned. */
function outcomesOf({ assessments }: Referral, one: Prescription): Refusal | null {
  const met = one.outcomes.filter((outcome) => outcome.met);
  return firstOf(one.outcomes, (outcome) => {
    const { component, baseline, followUp, on } = outcome;
    const recorded = (event: string) => assessments.some((given) => given.event === event);
    if (!recorded(baseline) || !recorded(followUp)) {
      return refuse(
        'outcome-rests-on-it',
        `The outcome ${component}, determined on ${on}, rests on that assessment: ` +
          'void the outcome first.',
        { field: 'corrects' },
      );
    }
    if (met.filter((other) => other.component === component).length > 1) return metTwice(component);
    if (!outcome.met || mayEarn(one, component, on)) return null;
    return refuse(
      'outcome-determined-since',
      `The outcome ${component} was met on ${on}, after that end (${one.endedOn}), ` +
        'which it does not survive: void the outcome first.',
      { field: 'corrects' },
    );
  });
}

function metTwice(component: string): Refusal {
  return refuse('met-already', `The outcome ${component} is met already, and is met once.`, {
    field: 'corrects',
  });
}

/** Up to its end, after completion, and after the ends that its component survives. */
export function mayEarn(one: Prescription, name: string, on: string): boolean {
  const { status, endedOn, priced } = one;
  if (endedOn === undefined || on <= endedOn || status === 'completed') return true;
  const component = priced && outcomeComponent(priced.terms, name);
  return component !== undefined && survives(component, status);
}

/** The days on which the later of the two scores counts, both included. */
export function windowOf({ prescribedOn }: Prescription, windowDays: number) {
  return { from: prescribedOn, to: addDays(prescribedOn, windowDays) };
}
