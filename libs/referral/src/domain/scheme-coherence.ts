import {
  kindsOf,
  type EligibilityRule,
  type FollowUpWindow,
  type Scheme,
  type Tier,
} from './scheme.js';

/** What is wrong with a scheme, and where: keys and places in lists. */
export interface Mistake {
  readonly path: readonly string[];
  readonly reason: string;
}

const mistake = (reason: string, ...path: (string | number)[]): Mistake => ({
  path: path.map(String),
  reason,
});

/** The first thing that each key allows and all together do not mean anything by. */
export function incoherence(scheme: Scheme): Mistake | null {
  return (
    needsMistake(scheme) ??
    eligibilityMistake(scheme.eligibility ?? []) ??
    tiersMistake(scheme.tiers ?? []) ??
    clocksMistake(scheme) ??
    instrumentsMistake(scheme)
  );
}

function needsMistake(scheme: Scheme): Mistake | null {
  const keys = ['identity', 'consent', 'linkWorker', 'plan'] as const;
  if (scheme.kinds === undefined) {
    const missing = keys.find((key) => key !== 'plan' && scheme[key] === undefined);
    return missing === undefined ? null : mistake('is missing', missing);
  }
  if (kindsOf(scheme).length === 0) return mistake('must name a kind of referral', 'kinds');
  const twice = keys.find((key) => scheme[key] !== undefined);
  return twice === undefined ? null : mistake('is said by each of the kinds already', twice);
}

function eligibilityMistake(rules: readonly EligibilityRule[]): Mistake | null {
  const twice = repeated(rules.map(({ rule }) => rule));
  if (twice !== null) return mistake('is the name of two rules', 'eligibility', twice, 'rule');
  return first(rules, ({ age, anyOf }, index) => {
    if ((age === undefined) === (anyOf === undefined)) {
      return mistake('must have either age or anyOf', 'eligibility', index);
    }
    if (age === undefined) return null;
    const { from, to } = age;
    if (from === undefined && to === undefined) {
      return mistake('must have from, to or both', 'eligibility', index, 'age');
    }
    if (from === undefined || to === undefined || from <= to) return null;
    return mistake('must not be below from', 'eligibility', index, 'age', 'to');
  });
}

function tiersMistake(tiers: readonly Tier[]): Mistake | null {
  const twice = repeated(tiers.map(({ tier }) => tier));
  if (twice !== null) return mistake('is the name of two tiers', 'tiers', twice, 'tier');
  return first(tiers, ({ cap, overrideBy }, index) => {
    const at = (reason: string, ...path: string[]) => mistake(reason, 'tiers', index, ...path);
    const { kind, contacts, promptAt, modes } = cap;
    if (kind === 'none' && (contacts ?? promptAt ?? modes) !== undefined) {
      return at('a cap of kind none says nothing else', 'cap');
    }
    if (kind === 'soft' && contacts === undefined && promptAt === undefined) {
      return at('a soft cap needs contacts or promptAt', 'cap');
    }
    if (kind === 'hard' && contacts === undefined) {
      return at('a hard cap needs contacts', 'cap');
    }
    if (promptAt !== undefined && contacts !== undefined && promptAt >= contacts) {
      return at('must be below contacts', 'cap', 'promptAt');
    }
    if (overrideBy !== undefined && kind !== 'hard') {
      return at('only a hard cap is overridden', 'overrideBy');
    }
    return null;
  });
}

function clocksMistake({ clocks }: Scheme): Mistake | null {
  const { followUpMonths, followUps } = clocks;
  if (followUps === undefined) return null;
  if (followUpMonths !== undefined) {
    return mistake('cannot stand beside followUpMonths', 'clocks', 'followUps');
  }
  const twice = repeated(followUps.map(({ window }) => window));
  if (twice !== null) {
    return mistake('is the name of two windows', 'clocks', 'followUps', twice, 'window');
  }
  return first(followUps, ({ fromDays, toDays }, index, before?: FollowUpWindow) => {
    if (fromDays >= toDays) {
      return mistake('must be above fromDays', 'clocks', 'followUps', index, 'toDays');
    }
    if (before === undefined || before.fromDays < fromDays) return null;
    return mistake(
      'must be above that of the one before',
      'clocks',
      'followUps',
      index,
      'fromDays',
    );
  });
}

function instrumentsMistake({ assessments, instruments }: Scheme): Mistake | null {
  if (instruments === undefined) return null;
  if (assessments !== 'not-used') return null;
  return mistake('assessments are not used: nothing can be asked for', 'instruments');
}

function first<T>(
  all: readonly T[],
  check: (one: T, index: number, before?: T) => Mistake | null,
): Mistake | null {
  for (const [index, one] of all.entries()) {
    const found = check(one, index, all[index - 1]);
    if (found !== null) return found;
  }
  return null;
}

/** The place of the first that was there before. */
function repeated(names: readonly string[]): number | null {
  const place = names.findIndex((name, index) => names.indexOf(name) < index);
  return place === -1 ? null : place;
}
