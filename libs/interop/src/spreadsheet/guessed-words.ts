import { REFERRAL_KINDS, type CONTACT_MODES, type MissedClass, type ROUTES } from '#referral';
import { fold } from './cells.js';

/** A word of the field that a word of a spreadsheet seems to mean. */
export interface GuessedWord {
  readonly word: string;
  /** Why somebody should check it. */
  readonly unsure?: string;
}

type Guesses<T extends string> = readonly (readonly [T, readonly string[]])[];

export const ROUTE_GUESSES: Guesses<(typeof ROUTES)[number]> = [
  ['self', ['self', 'self referral', 'self referred', 'themselves', 'own referral']],
  [
    'practice-staff',
    ['practice nurse', 'practice staff', 'nurse', 'receptionist', 'reception', 'practice manager'],
  ],
  ['gp', ['gp', 'doctor', 'general practitioner', 'dr', 'gp practice']],
  ['hospital', ['hospital', 'ward', 'consultant', 'secondary care', 'outpatients']],
  ['pharmacist', ['pharmacist', 'pharmacy', 'chemist', 'community pharmacist']],
  [
    'social-care',
    ['social work', 'social worker', 'social services', 'social care', 'adult services', 'council'],
  ],
  [
    'voluntary-sector',
    ['voluntary group', 'voluntary sector', 'voluntary', 'charity', 'third sector', 'vcse'],
  ],
  [
    'family-or-friend',
    ['family', 'friend', 'family member', 'relative', 'daughter', 'son', 'carer', 'neighbour'],
  ],
  ['other', ['other']],
];

export const KIND_GUESSES: Guesses<(typeof REFERRAL_KINDS)[number]> = REFERRAL_KINDS.map(
  (kind) => [kind, []] as const,
);

export const MODE_GUESSES: Guesses<(typeof CONTACT_MODES)[number]> = [
  ['visit', ['home visit', 'visit', 'home', 'at home', 'hv']],
  ['surgery', ['surgery', 'gp surgery', 'practice', 'health centre', 'clinic']],
  ['phone', ['phone', 'telephone', 'phone call', 'call', 'tel']],
  ['video', ['video', 'zoom', 'teams', 'video call', 'online']],
  ['text', ['text', 'sms', 'whatsapp', 'text message']],
  ['community', ['café', 'cafe', 'community', 'community centre', 'library', 'park', 'walk']],
];

export const MISSED_GUESSES: Guesses<MissedClass> = [
  [
    'provider-logistics',
    ['venue closed', 'closed', 'cancelled by provider', 'provider cancelled', 'tutor ill'],
  ],
  ['acceptable', ['ill', 'sick', 'unwell', 'illness', 'hospital appointment', 'appointment']],
  ['not-acceptable', ['forgot', 'did not want to', 'refused']],
];

/** What such a word means depends on the provider: it is never sure. */
const DEPENDS: ReadonlyMap<string, string> = new Map([
  ['dna', 'not-acceptable'],
  ['no show', 'not-acceptable'],
  ['did not attend', 'not-acceptable'],
  ['cancelled', 'acceptable'],
  ['a l', 'acceptable'],
  ['al', 'acceptable'],
  ['annual leave', 'acceptable'],
]);

export function guessWord<T extends string>(
  written: string,
  guesses: Guesses<T>,
): GuessedWord | null {
  const folded = fold(written);
  for (const [word, known] of guesses) {
    if (folded === fold(word) || known.some((one) => fold(one) === folded)) {
      return { word };
    }
  }
  const depends = guesses === MISSED_GUESSES ? DEPENDS.get(folded) : undefined;
  if (depends !== undefined)
    return { word: depends, unsure: 'providers mean different things by it' };
  for (const [word, known] of guesses) {
    if (known.some((one) => ` ${folded} `.includes(` ${fold(one)} `))) {
      return { word, unsure: 'part of it says so' };
    }
  }
  return null;
}
