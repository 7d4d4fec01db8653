import { PRESCRIBED_AT, type Contacts, type Parameters } from './parameters.js';
import type { Draws } from './random.js';

/** What one person will have had: contacts, and what is prescribed at which of them. */
export interface Support {
  readonly contacts: number;
  /** By the number of the contact, how many prescriptions are made in it. */
  readonly prescriptions: ReadonlyMap<number, number>;
}

export function supportOf(parameters: Parameters, draws: Draws): Support {
  const { prescriptionsPerEngaged, underWay } = parameters;
  const count = draws.geometric(prescriptionsPerEngaged * underWay.prescriptions);
  const contacts = contactsOf(parameters, count, draws);
  const prescriptions = new Map<number, number>();
  const { first, every } = PRESCRIBED_AT;
  for (let each = 0; each < count; each += 1) {
    const at = Math.min(first + each * every, contacts);
    prescriptions.set(at, (prescriptions.get(at) ?? 0) + 1);
  }
  return { contacts, prescriptions };
}

function contactsOf({ contacts, underWay }: Parameters, count: number, draws: Draws): number {
  if (contacts.by === 'person') return contactsOfPerson(contacts, underWay.contacts, draws);
  let total = 0;
  for (let each = 0; each < count; each += 1) {
    total += draws.count(contacts.mean * underWay.contacts, contacts.spread);
  }
  return total;
}

/** One, or three and more. */
function contactsOfPerson(
  { fewShare, manyMean }: Extract<Contacts, { readonly by: 'person' }>,
  underWay: number,
  draws: Draws,
): number {
  if (draws.chance(fewShare)) return 1;
  return 2 + draws.geometric(manyMean * underWay - 2);
}
