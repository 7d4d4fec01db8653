import { formatPence, refuse, sum, type Refusal } from '#kernel';
import { componentOf, type Component, type Terms } from '#referral';

const field = 'components';
const ONCE: readonly Component['trigger'][] = [
  'session-attended',
  'session-missed',
  'drop-out-minimum',
];

/** What no agreement may say, signed or changed. */
export function wrongTerms(terms: Terms): Refusal | null {
  const { components } = terms;
  for (const { component, trigger } of components) {
    if (components.filter((other) => other.component === component).length > 1) {
      return refuse('component-twice', `Component ${component} is there twice.`, { field });
    }
    const single = ONCE.includes(trigger);
    if (single && components.filter((other) => other.trigger === trigger).length > 1) {
      return refuse('trigger-twice', `Only one component can be for ${trigger}.`, { field });
    }
  }
  return wrongFee(terms) ?? wrongMinimum(terms);
}

function wrongFee(terms: Terms): Refusal | null {
  const fee = componentOf(terms, 'session-missed');
  const session = componentOf(terms, 'session-attended');
  if (fee !== undefined && session === undefined) {
    return refuse(
      'fee-without-price',
      'The fee for a missed session is paid out of its price: add a session-attended component.',
      { field },
    );
  }
  // What a session of a course costs is known once the sessions are planned.
  if (fee === undefined || session?.per !== 'session' || fee.amount <= session.amount) return null;
  return refuse(
    'fee-above-price',
    `The fee of ${formatPence(fee.amount)} is more than the session's ` +
      `${formatPence(session.amount)}, out of which it is paid.`,
    { field },
  );
}

function wrongMinimum(terms: Terms): Refusal | null {
  const minimum = componentOf(terms, 'drop-out-minimum');
  const whole = wholePrice(terms);
  if (minimum === undefined || whole === null || minimum.amount <= whole) return null;
  return refuse(
    'minimum-above-price',
    `The drop-out minimum of ${formatPence(minimum.amount)} is more than the whole price, ` +
      `${formatPence(whole)}.`,
    { field },
  );
}

/** `null` where it depends on how many sessions are planned. */
function wholePrice({ components }: Terms): bigint | null {
  const paid = components.filter(
    ({ trigger }) => trigger !== 'session-missed' && trigger !== 'drop-out-minimum',
  );
  const bySession = paid.some(
    (each) => each.trigger === 'session-attended' && each.per === 'session',
  );
  return bySession ? null : sum(paid.map(({ amount }) => amount));
}

/** Whether more than amounts, fees and limits differ. */
export function otherComponents(before: Terms, after: Terms): boolean {
  return kindsOf(before) !== kindsOf(after);
}

function kindsOf({ components }: Terms): string {
  const kinds = components.map((component) => {
    const { amount: _amount, ...kind } = component;
    if (kind.trigger !== 'session-missed') return keyOf(kind);
    const { component: name, trigger } = kind;
    return keyOf({ name, trigger });
  });
  return kinds.sort().join();
}

/** The same for the same fields and words, in whatever order they were written. */
function keyOf(kind: object): string {
  return JSON.stringify(kind, (_key, value: unknown) => {
    if (Array.isArray(value)) return value.map(String).sort();
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
