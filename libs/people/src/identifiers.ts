import { isCivilDate } from '#kernel';

/**
 * An identifier as people type or paste it, without its spaces, dashes and invisible characters:
 * `943 476-5919` is `9434765919`. Always text: a CHI number may begin with zero.
 */
export function normaliseIdentifier(text: string): string {
  // Dashes (Pd), the minus sign, and what word processors and phones slip in (Cf: soft hyphens,
  // zero-width spaces, marks of direction).
  return text.replace(/[\s\p{Pd}\u2212\p{Cf}]/gu, '');
}

/**
 * Ten digits whose last is the modulus 11 check digit of the others (NHS Data Dictionary, NHS
 * NUMBER). Expects normalised text. Whether the number was issued cannot be told from it: 999…
 * never is (synthetic people carry it), and ten equal digits always pass. A valid CHI number or
 * Northern Irish H&C number passes too: they share the check digit.
 */
export function isNhsNumber(text: string): boolean {
  return hasCheckDigit(text);
}

/**
 * A CHI number (Scotland): ten digits, the first six a date of birth DDMMYY in the last or this
 * century, the last the same check digit as in an NHS number (Public Health Scotland, phsmethods
 * `chi_check`). Expects normalised text. The ninth digit follows sex at registration: nothing
 * here reads or keeps that.
 */
export function isChiNumber(text: string): boolean {
  if (!hasCheckDigit(text)) return false;
  const [day, month, year] = [text.slice(0, 2), text.slice(2, 4), text.slice(4, 6)];
  // Every day of 19YY is also one of 20YY: 1900 alone had no 29 February where 2000 has one.
  return isCivilDate(`20${year}-${month}-${day}`);
}

const TEN_DIGITS = /^[0-9]{10}$/;

/** Weights 10 to 2 over the first nine; a number that would need the check digit 10 is not used. */
function hasCheckDigit(text: string): boolean {
  if (!TEN_DIGITS.test(text)) return false;
  const digits = Array.from(text, Number);
  const check = digits.pop();
  const sum = digits.reduce((total, digit, index) => total + digit * (10 - index), 0);
  return (11 - (sum % 11)) % 11 === check;
}
