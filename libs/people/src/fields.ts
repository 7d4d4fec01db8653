import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { isChiNumber, isNhsNumber, normaliseIdentifier } from './identifiers.js';

/** An NHS number, or a Health and Care number of Northern Ireland; spaces and dashes allowed. */
export function NhsNumber(): PropertyDecorator {
  return identifier('isNhsNumber', 'an NHS number', isNhsNumber);
}

/** A Scottish CHI number, spaces and dashes allowed. */
export function ChiNumber(): PropertyDecorator {
  return identifier('isChiNumber', 'a CHI number', isChiNumber);
}

function identifier(
  name: string,
  what: string,
  isOne: (text: string) => boolean,
): PropertyDecorator {
  return (target, key) => {
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? normaliseIdentifier(value) : value,
    )(target, key);
    ValidateBy({
      name,
      validator: {
        validate: (value) => typeof value === 'string' && isOne(value),
        // Never the value itself: it is personal data and reasons are printed and logged.
        defaultMessage: () => `is not ${what}: 10 digits with the right check digit`,
      },
    })(target, key);
    JSONSchema({ type: 'string', description: `${what}: 10 digits, spaces allowed` })(
      target,
      String(key),
    );
  };
}
