import { isRefusal, refuse, type Moment, type Refusal } from '#kernel';
import { happened, type Data, type Decided } from './rules.js';
import type { EligibilityRule, Scheme, SchemeOf } from './scheme.js';
import type { Referral, ReferralState } from './state.js';

/** What is known of the person; what is not given here is not known. */
export interface KnownOfPerson {
  readonly conditions?: readonly string[];
  /** At the referral. */
  readonly age?: number;
}

/** Each rule of the scheme with its result; asked again, another decision follows. */
export function decideEligibility(
  state: ReferralState,
  { conditions, age }: KnownOfPerson,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  const { name, version, eligibility = [] } = schemeOf(referral.scheme);
  if (eligibility.length === 0) {
    return refuse(
      'no-eligibility-rules',
      `Scheme ${name} takes everybody who is referred: there is nothing to decide.`,
    );
  }
  const known = { conditions, age: age ?? referral.ageAtReferral };
  const rules = eligibility.map((rule) => ({ rule: rule.rule, result: resultOf(rule, known) }));
  return [
    {
      type: 'EligibilityDecided',
      data: {
        policy: { name, version },
        eligible: rules.every(({ result }) => result === 'met'),
        rules,
      },
      protectedData: {
        ...(conditions && { conditions: [...conditions] }),
        ...(age !== undefined && { age }),
      },
    },
  ];
}

type Result = Data<'EligibilityDecided'>['rules'][number]['result'];

function resultOf(
  { age, anyOf }: EligibilityRule,
  known: { readonly [K in keyof KnownOfPerson]: KnownOfPerson[K] | undefined },
): Result {
  if (age !== undefined) {
    if (known.age === undefined) return 'not-known';
    const { from = -Infinity, to = Infinity } = age;
    return from <= known.age && known.age <= to ? 'met' : 'not-met';
  }
  if (known.conditions === undefined) return 'not-known';
  return known.conditions.some((one) => anyOf?.some((other) => other === one)) ? 'met' : 'not-met';
}

/** Why the referral may not go on under a scheme that has rules of eligibility; `null`: it may. */
export function notEligible(
  { eligible, eligibility = [] }: Referral,
  { name, eligibility: rules = [] }: Scheme,
): Refusal | null {
  if (rules.length === 0 || eligible === true) return null;
  if (eligible === undefined) {
    return refuse(
      'eligibility-undecided',
      `Scheme ${name} decides first who is eligible (${rules.map(({ rule }) => rule).join(', ')}): ` +
        'give DecideEligibility.',
    );
  }
  const failed = eligibility.filter(({ result }) => result !== 'met');
  return refuse(
    'not-eligible',
    `Scheme ${name} is not for this person: ` +
      `${failed.map(({ rule, result }) => `${rule} is ${result.replace('-', ' ')}`).join(', ')}. ` +
      'Where something was not known or wrong, decide again; else decline the referral.',
  );
}
