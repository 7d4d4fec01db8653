import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isChiNumber, isNhsNumber, normaliseIdentifier } from './identifiers.js';

// The vectors of reference/domain.md, section 3e.
describe('an NHS number', () => {
  test.each(['9434765919', '9476719931', '4698194180'])('%s is valid', (text) => {
    expect(isNhsNumber(text)).toBe(true);
  });

  test('that needs the check digit 10 is none, though a README prints it', () => {
    expect(isNhsNumber('9991234560')).toBe(false);
    for (let last = 0; last <= 9; last += 1) expect(isNhsNumber(`999123456${last}`)).toBe(false);
  });

  test('of a synthetic person (999…) is valid', () => {
    expect(isNhsNumber('9990000018')).toBe(true);
  });

  test('of ten equal digits passes the check: 55 times a digit is a multiple of 11', () => {
    for (let digit = 0; digit <= 9; digit += 1) {
      expect(isNhsNumber(String(digit).repeat(10))).toBe(true);
    }
  });

  test.each([
    '',
    '943476591',
    '94347659190',
    '943 476 5919',
    '943476591X',
    '٩٤٣٤٧٦٥٩١٩',
    '9434765919\n',
  ])('%j is not ten plain digits', (text) => {
    expect(isNhsNumber(text)).toBe(false);
  });
});

describe('a CHI number', () => {
  test('0101011237 is valid, with its leading zero only', () => {
    expect(isChiNumber('0101011237')).toBe(true);
    expect(isChiNumber('101011237')).toBe(false);
  });

  test('0101201234 has a wrong check digit', () => {
    expect(isChiNumber('0101201234')).toBe(false);
  });

  test('3201201234 begins with no date', () => {
    expect(isChiNumber('3201201234')).toBe(false);
  });

  // 3201201234 would also fail by its check digit: these have the right one.
  test.each(['2902011008', '3104011001', '0001011006', '0100011004'])(
    '%s has the right check digit and begins with no date',
    (text) => {
      expect(isNhsNumber(text)).toBe(true);
      expect(isChiNumber(text)).toBe(false);
    },
  );

  test('may begin with 29 February of any leap year, 2000 among them', () => {
    expect(isChiNumber('2902000006')).toBe(true);
    expect(isChiNumber('2902041004')).toBe(true);
  });
});

describe('the check digit', () => {
  const nhsNumber = fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 9, maxLength: 9 })
    .map((digits) => ({
      digits,
      sum: digits.reduce((sum, digit, at) => sum + digit * (10 - at), 0),
    }))
    .filter(({ sum }) => sum % 11 !== 1)
    .map(({ digits, sum }) => [...digits, (11 - (sum % 11)) % 11]);

  test('accepts what was made by its rule', () => {
    fc.assert(
      fc.property(nhsNumber, (digits) => {
        expect(isNhsNumber(digits.join(''))).toBe(true);
      }),
    );
  });

  test('notices any one wrong digit', () => {
    fc.assert(
      fc.property(nhsNumber, fc.nat(9), fc.integer({ min: 1, max: 9 }), (digits, at, by) => {
        const altered = digits.map((digit, index) => (index === at ? (digit + by) % 10 : digit));
        expect(isNhsNumber(altered.join(''))).toBe(false);
        expect(isChiNumber(altered.join(''))).toBe(false);
      }),
    );
  });

  test('notices two neighbours that changed places', () => {
    fc.assert(
      fc.property(nhsNumber, fc.nat(8), (digits, at) => {
        fc.pre(digits[at] !== digits[at + 1]);
        const moved = digits.toSpliced(at, 2, ...digits.slice(at, at + 2).reverse());
        expect(isNhsNumber(moved.join(''))).toBe(false);
        expect(isChiNumber(moved.join(''))).toBe(false);
      }),
    );
  });
});

describe('an identifier as people type it', () => {
  test.each([
    '943 476 5919',
    '943-476-5919',
    ' 9434765919\t\n',
    '943\u00a0476\u20115919',
    '943\u2013476\u22125919',
    '\u202d943\u200b476\u00ad5919\ufeff',
  ])('%j is 9434765919', (typed) => {
    expect(normaliseIdentifier(typed)).toBe('9434765919');
  });

  test('keeps everything else, so that a wrong one stays wrong', () => {
    expect(normaliseIdentifier('943.476/5919 x')).toBe('943.476/5919x');
  });
});
