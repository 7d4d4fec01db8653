import { INTEGER_MAX, refuse, type Refusal } from '#kernel';
import { isChiNumber, isNhsNumber, normaliseIdentifier } from '#people';

/** Words as they are compared: without case, accents of typing, punctuation and doubled spaces. */
export function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[’'`.]/gu, '')
    .replace(/[^\p{L}\p{N}✓✔✗✘]+/gu, ' ')
    .trim();
}

const YES = ['y', 'yes', 'true', 't', '1', 'x', '✓', '✔', 'ok', 'given'];
const NO = ['n', 'no', 'false', 'f', '0', '✗', '✘', 'none', 'refused', 'declined'];

export function yesOrNo(cell: string): boolean | null {
  const word = fold(cell);
  if (YES.includes(word)) return true;
  return NO.includes(word) ? false : null;
}

/** What people type so that a cell is not empty: it says no more than an empty one. */
const BLANK_MARK = /^(?:[-–—?.]+|n\/a|n\.a\.?|tb[acd]|(?:un|not )known|not (?:recorded|given))$/iu;

/** `field`: there are people called Na. */
export function isBlankMark(cell: string, field: string): boolean {
  return BLANK_MARK.test(cell) || (/^na$/iu.test(cell) && !/name$/iu.test(field));
}

/** What a spreadsheet program puts where it could not reckon. */
const FORMULA_ERROR = /^#(?:N\/A|REF!?|VALUE!?|NAME\??|DIV\/0!?|NUM!?|NULL!?|SPILL!?|CALC!?|#+)/iu;
const SCIENTIFIC = /^\d(?:[.,]\d+)?E\+?\d+$/iu;

/** What no cell may hold, whatever its column. */
export function spoiled(cell: string): Refusal | null {
  if (FORMULA_ERROR.test(cell)) {
    return refuse(
      'formula-error',
      'The spreadsheet program put an error here instead of a value: repair the formula, or type ' +
        'the value.',
    );
  }
  if (!SCIENTIFIC.test(cell)) return null;
  return refuse(
    'digits-lost',
    'The spreadsheet program shortened a long number and its digits are lost: make the column ' +
      'text, and type the number again from its source.',
  );
}

const HOURS_MINUTES = /^(\d{1,2}):([0-5]\d)(?::[0-5]\d)?$/u;
const HOUR_WORD = 'h(?:ou)?rs?|h';
const MINUTE_WORD = "m|min|mins|minute|minutes|'";
const WITH_HOURS = new RegExp(
  `^(\\d{1,2}(?:[.,]\\d{1,2})?)\\s*(?:${HOUR_WORD})\\.?\\s*(?:(?:and\\s+)?([0-5]?\\d)\\s*(?:${MINUTE_WORD})?\\.?)?$`,
  'u',
);
const WITH_MINUTES = new RegExp(`^(\\d{1,6})(?:[.,]0+)?\\s*(?:${MINUTE_WORD})?\\.?$`, 'u');
const MINUTES_IN_HOUR = 60;

/** `90`, `2h`, `1:30`, `1h30`, `45 mins`, `1.5 h`, as whole minutes. */
export function readMinutes(cell: string): number | Refusal {
  const text = cell.toLowerCase();
  const [, hours, minutes] = HOURS_MINUTES.exec(text) ?? [];
  if (hours !== undefined) return Number(hours) * MINUTES_IN_HOUR + Number(minutes);
  const [, plain] = WITH_MINUTES.exec(text) ?? [];
  if (plain !== undefined) return Number(plain);
  const [, whole, more = '0'] = WITH_HOURS.exec(text) ?? [];
  const total = whole && Number(whole.replace(',', '.')) * MINUTES_IN_HOUR + Number(more);
  if (typeof total === 'number' && Number.isInteger(total)) return total;
  if (/^\d+[.,]\d+$/u.test(text)) {
    return refuse('not-minutes', 'Hours or minutes? Write minutes as 90, hours as 1:30 or 1.5 h.');
  }
  return refuse('not-minutes', 'This is no length of time: write it as 90, 1:30 or 1.5 h.');
}

/** A whole number, also as a spreadsheet writes it (`8.0`). */
export function readWhole(cell: string): number | Refusal {
  const [, digits] = /^(?:no\.?\s*|#)?(\d{1,7})(?:[.,]0+)?$/iu.exec(cell) ?? [];
  const whole = Number(digits);
  if (digits !== undefined && whole <= INTEGER_MAX) return whole;
  return refuse('not-a-number', 'This is not a whole number: write it in digits, as 8.');
}

/** The ten digits of an NHS or Health and Care number, or of a CHI number; never said back. */
export function readIdentifier(cell: string, kind: 'nhsNumber' | 'chiNumber'): string | Refusal {
  const digits = normaliseIdentifier(cell).replace(/\.0+$/u, '');
  if (kind === 'chiNumber' ? isChiNumber(digits) : isNhsNumber(digits)) return digits;
  const what = kind === 'chiNumber' ? 'CHI number' : 'NHS number';
  const lost =
    /^\d{9}$/u.test(digits) && isNhsNumber(`0${digits}`)
      ? ' A zero in front seems lost: make the column text.'
      : '';
  return refuse(
    'wrong-identifier',
    `This ${what} cannot be valid (ten digits, the last of which checks the others): look it up ` +
      `again.${lost}`,
  );
}

/** Said as people are called: `Surname, First` is turned round. */
export function readName(cell: string): string {
  const [surname, first, ...more] = cell.split(',').map((part) => part.trim());
  if (!surname || !first || more.length > 0) return cell;
  return `${first} ${surname}`;
}

/** Several things in one cell. */
export function readList(cell: string): string[] {
  const separator = cell.includes(';') ? ';' : /[\n|]/u.test(cell) ? /[\n|]/u : ',';
  return [...new Set(cell.split(separator).map((part) => part.trim()))].filter(
    (part) => part !== '',
  );
}
