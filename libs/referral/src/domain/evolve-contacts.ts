import { addDays, daysBetween, withOne, type CivilDate } from '#kernel';
import { effective, standing, type Amended } from './entries.js';
import type { ReferralFactOf } from './events.js';
import type { Contact, FromContacts, Referral } from './state.js';

type ContactFact = ReferralFactOf<
  'ContactAttempted' | 'FirstContactMade' | 'ContactMade' | 'FollowedUp'
>;

/** Its fields in order, as of all that is kept by the thousand: so they are written fastest. */
function contactOf({ id: event, type, data, metadata }: ContactFact): Contact {
  const { mode, minutes } = data;
  const on = metadata.occurredOn;
  if (type === 'ContactAttempted') {
    return { event, kind: 'attempt', minutes, mode, on, reached: false };
  }
  if (type === 'ContactMade') return { event, kind: 'contact', minutes, mode, on, reached: true };
  const { followUpDueOn } = data;
  if (type === 'FirstContactMade') {
    const kind = 'contact';
    return { event, first: true, followUpDueOn, kind, minutes, mode, on, reached: true };
  }
  const { reached } = data;
  return { event, followUpDueOn, kind: 'follow-up', minutes, mode, on, reached };
}

/** The referral with one more contact, attempt or follow-up. */
export function withContact(state: Referral, fact: ContactFact): Referral {
  const contact = contactOf(fact);
  const contactEntries = withOne(state.contactEntries, contact);
  if (!standsByItself(state, contact)) return withContacts({ ...state, contactEntries });
  const { on, kind, reached, minutes } = contact;
  const { plannedContact, firstContactOn, lastContactOn } = state;
  return {
    ...state,
    contactEntries,
    plannedContact:
      reached && plannedContact && on >= plannedContact.on ? undefined : plannedContact,
    firstContactOn: firstContactOn ?? (kind === 'contact' ? on : undefined),
    lastContactOn: reached ? later(lastContactOn, on) : lastContactOn,
    followUpDueOn: setsClock(contact) ? dueAfter(contactEntries) : state.followUpDueOn,
    contacts: state.contacts + (reached ? 1 : 0),
    minutes: state.minutes + minutes,
  };
}

/** Whether no correction has a say in what one more contact changes. */
function standsByItself({ corrections, firstContactOn }: Referral, contact: Contact): boolean {
  if (corrections.length === 0) return true;
  // The clock of a first contact that was voided may be another's.
  if (setsClock(contact) || firstContactOn === undefined) return false;
  return standing(corrections, contact.event) === undefined;
}

/** As all contacts together make it, whatever was corrected or planned in between. */
export function withContacts(state: Referral): Referral {
  return { ...state, ...fromContacts(state) };
}

/** Contacts, attempts and follow-ups as they are now taken to have been. */
export function standingContacts({ contactEntries, corrections }: Referral): readonly Contact[] {
  return effective(contactEntries, corrections, amendContact);
}

/** All that contacts say of a referral, whatever was corrected in between. */
function fromContacts(state: Referral): FromContacts {
  const { contactEntries, corrections, planned } = state;
  const entries = standingContacts(state);
  const reached = entries.filter((entry) => entry.reached);
  const first = entries.find(({ kind }) => kind === 'contact')?.on;
  const last = latest(reached.map(({ on }) => on));
  const due = dueAfter(withClockOfVoided(contactEntries, entries));
  const later = effective(contactEntries.slice(planned?.after), corrections, amendContact);
  const met = later.some(
    (entry) => entry.reached && planned !== undefined && entry.on >= planned.on,
  );
  // All of them, so that what no longer holds gives way.
  return {
    plannedContact: planned && !met ? { on: planned.on, mode: planned.mode } : undefined,
    firstContactOn: first,
    lastContactOn: last,
    followUpDueOn: due,
    contacts: reached.length,
    minutes: entries.reduce((total, { minutes }) => total + minutes, 0),
  };
}

function setsClock({ kind, followUpDueOn }: Contact): boolean {
  return kind === 'follow-up' || followUpDueOn !== undefined;
}

/** As its newest day set or stopped the clock: a late fact of an earlier day sets nothing back. */
function dueAfter(entries: readonly Contact[]): CivilDate | undefined {
  const clock = entries.filter(setsClock);
  const newest = latest(clock.map(({ on }) => on));
  return clock.findLast((one) => one.on === newest)?.followUpDueOn;
}

/** Whoever was not first after all leaves the clock to the conversation that now is. */
function withClockOfVoided(
  recorded: readonly Contact[],
  standing: readonly Contact[],
): readonly Contact[] {
  const now = standing.find(({ kind }) => kind === 'contact');
  if (now === undefined || now.first === true) return standing;
  const stands = new Set(standing.map(({ event }) => event));
  const voided = recorded.findLast(({ first, event }) => first === true && !stands.has(event));
  if (voided === undefined) return standing;
  const clock = onAnotherDay(voided, now.on).followUpDueOn;
  return standing.map((one) => (one === now && clock ? { ...now, followUpDueOn: clock } : one));
}

/** The clock of a first contact runs from its day; that of a follow-up may run from the first's. */
function onAnotherDay(contact: Contact, on: CivilDate): Contact {
  const { first, followUpDueOn: due } = contact;
  if (first !== true || due === undefined) return { ...contact, on };
  return { ...contact, on, followUpDueOn: addDays(due, daysBetween(contact.on, on)) };
}

function amendContact(contact: Contact, { on, mode, minutes, reached }: Amended): Contact {
  return {
    ...(on ? onAnotherDay(contact, on) : contact),
    ...(mode && mode !== 'in-person' && { mode }),
    ...(minutes !== undefined && { minutes }),
    ...(reached !== undefined && { reached }),
  };
}

function latest(days: readonly CivilDate[]): CivilDate | undefined {
  return days.reduce<CivilDate | undefined>(later, undefined);
}

function later(last: CivilDate | undefined, day: CivilDate): CivilDate {
  return last === undefined || day > last ? day : last;
}
