import { isRefusal, refuse, type ActorRole, type Moment, type Refusal, type Slug } from '#kernel';
import { standingContacts } from './evolve-contacts.js';
import type { Cap, Scheme, SchemeOf, Tier } from './scheme.js';
import type { Referral } from './state.js';
import type { ContactMode, WorkerKind } from './words.js';

/** A conversation as its command tells it, as far as tiers have a say in it. */
export interface ContactWanted {
  readonly mode: ContactMode;
  readonly workerKind: WorkerKind;
  readonly minutes?: number;
  readonly override?: { readonly reason: string };
}

export interface ContactAllowed {
  readonly minutes: number;
  /** Whose word went past the cap; only where there was one to go past. */
  readonly override?: { readonly by: Slug };
}

/** The scheme whose tiers hold on a day: that of the referral, or that of the day. */
export function capsScheme({ scheme }: Referral, schemeOf: SchemeOf, { on }: Moment): Scheme {
  const pinned = schemeOf(scheme);
  return pinned.capsFollow === 'day' ? schemeOf(scheme, on) : pinned;
}

/** Without a tier, or with one that the scheme no longer has, nothing is capped. */
export function tierOf({ tier }: Referral, { tiers = [] }: Scheme): Tier | undefined {
  return tiers.find((one) => one.tier === tier);
}

/** Conversations that count towards a cap: of the whole referral, whatever tier it was in. */
export function contactsCounted(referral: Referral, { modes }: Cap): number {
  return standingContacts(referral).filter(
    ({ kind, mode }) => kind === 'contact' && counts(mode, modes),
  ).length;
}

function counts(mode: string, modes: Cap['modes']): boolean {
  return modes === undefined || modes.some((one) => one === mode);
}

export interface Prompt {
  readonly contacts: number;
  /** Where the cap is; a soft one may have none. */
  readonly cap?: number;
}

/** Whether it is time to look for another way to support the person; it blocks nothing. */
export function promptOf(referral: Referral, scheme: Scheme): Prompt | null {
  const cap = tierOf(referral, scheme)?.cap;
  const from = cap?.promptAt ?? cap?.contacts;
  if (cap === undefined || from === undefined) return null;
  const contacts = contactsCounted(referral, cap);
  if (contacts < from) return null;
  return { contacts, ...(cap.contacts !== undefined && { cap: cap.contacts }) };
}

/** How a conversation is recorded under the referral's tier, or why it is not. */
export function allowContact(
  referral: Referral,
  wanted: ContactWanted,
  scheme: Scheme,
  { actor }: Moment,
): ContactAllowed | Refusal {
  const tier = tierOf(referral, scheme);
  const minutes = minutesOf(referral, wanted, tier);
  if (isRefusal(minutes) || tier === undefined) return isRefusal(minutes) ? minutes : { minutes };
  if (tier.barredWorkers?.some((kind) => kind === wanted.workerKind) === true) {
    return refuse(
      'worker-barred',
      `Tier ${tier.tier} of scheme ${scheme.name} is not for a ${wanted.workerKind}: ` +
        'another kind of worker must take the contact, or change the tier.',
      { field: 'workerKind' },
    );
  }
  const override = overrideOf(referral, wanted, tier, actor.role);
  if (isRefusal(override)) return override;
  return { minutes, ...(override && { override }) };
}

function minutesOf(
  { firstContactOn }: Referral,
  { minutes }: ContactWanted,
  tier: Tier | undefined,
): number | Refusal {
  if (minutes !== undefined) return minutes;
  const planned = firstContactOn === undefined ? tier?.firstVisitMinutes : undefined;
  if (planned !== undefined) return planned;
  return refuse('minutes-needed', 'How many minutes the contact took is missing: give minutes.', {
    field: 'minutes',
  });
}

function overrideOf(
  referral: Referral,
  { mode, override }: ContactWanted,
  { tier, cap, overrideBy = [] }: Tier,
  role: ActorRole,
): { by: Slug } | Refusal | undefined {
  if (cap.kind !== 'hard' || cap.contacts === undefined || !counts(mode, cap.modes)) {
    return undefined;
  }
  const contacts = contactsCounted(referral, cap);
  if (contacts < cap.contacts) return undefined;
  const may = overrideBy.some((one) => one === role);
  // A role is one lower-case word, and so a slug.
  if (override !== undefined && may) return { by: role as string as Slug };
  const reached =
    `Tier ${tier} ends after ${cap.contacts} contacts, and there are ${contacts}. ` +
    (overrideBy.length === 0
      ? 'Nobody may go past it: change the tier, or find another way to support the person.'
      : `Going past it needs an override with a reason by: ${overrideBy.join(', ')}.`);
  const data = { cap: cap.contacts, contacts };
  return override === undefined
    ? refuse('cap-reached', reached, { field: 'override', data })
    : refuse('may-not-override', `A ${role} may not override. ${reached}`, {
        field: 'actor.role',
        data,
      });
}
