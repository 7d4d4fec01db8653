import { isNhsNumber } from '#people';
import { dateOf } from './days.js';
import { MEN, SURNAMES, WOMEN } from './names.js';
import { AGE, FEMALE, NEEDS } from './parameters.js';
import { clipped, type Draws } from './random.js';

/** What a referral says of a person: invented from beginning to end. */
export interface SyntheticPerson {
  readonly name: string;
  readonly contact: string;
  readonly dateOfBirth: string;
  readonly ageAtReferral: number;
  readonly needs: readonly string[];
  readonly nhsNumber?: string;
}

/** Of people in one area; the numbers of 100 areas fill the range. */
export const PEOPLE_PER_AREA_MAX = 10_000;
const NUMBERS = 1_000_000;
/** Without a common factor with the range, so that no number comes twice. */
const STRIDE = 387_641;

export function personOf(index: number, referredOn: number, draws: Draws): SyntheticPerson {
  const first = draws.pick(draws.chance(FEMALE) ? WOMEN : MEN);
  const age = Math.round(clipped(draws.normal(AGE.mean, AGE.sd), AGE));
  const nhsNumber = syntheticNhsNumber(index);
  const needs = new Set([draws.weighted(NEEDS), draws.weighted(NEEDS)]);
  const [year, monthAndDay] = birth(age, referredOn, draws);
  return {
    name: `${first} ${draws.pick(SURNAMES)}`,
    // Numbers that no telephone has: Ofcom keeps 07700 900000 to 900999 for drama.
    contact: `07700 900${String(draws.whole(0, 999)).padStart(3, '0')}`,
    dateOfBirth: `${year}-${monthAndDay}`,
    ageAtReferral: age,
    needs: [...needs],
    ...(nhsNumber !== null && { nhsNumber }),
  };
}

/** Whose birthday is still to come this year was born a year earlier. */
function birth(age: number, referredOn: number, draws: Draws): readonly [number, string] {
  const today = dateOf(referredOn);
  const two = (part: number) => String(part).padStart(2, '0');
  const monthAndDay = `${two(draws.whole(1, 12))}-${two(draws.whole(1, 28))}`;
  const had = monthAndDay <= today.slice(5);
  return [Number(today.slice(0, 4)) - age - (had ? 0 : 1), monthAndDay];
}

/**
 * 999 000 0000 to 999 999 9999 are valid and never issued (GIG-Cymru nhs-number). One body in
 * eleven has no check digit: that person is referred without a number.
 */
export function syntheticNhsNumber(index: number): string | null {
  const body = `999${String((index * STRIDE) % NUMBERS).padStart(6, '0')}`;
  const sum = Array.from(body, Number).reduce((all, digit, at) => all + digit * (10 - at), 0);
  const number = `${body}${(11 - (sum % 11)) % 11}`;
  return isNhsNumber(number) ? number : null;
}
