/**
 * A decision that changes nothing, as a value: a stable code for machines, a sentence for people
 * that says what was wrong and what to do, the field it concerns and the figures behind it.
 */
export interface Refusal {
  readonly refused: true;
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  readonly data?: Readonly<Record<string, string | number>>;
}

export function refuse(
  code: string,
  message: string,
  more: Pick<Refusal, 'field' | 'data'> = {},
): Refusal {
  return { refused: true, code, message, ...more };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value;
}

/** A refusal on its way out of a command handler. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';

  constructor(readonly refusals: readonly [Refusal, ...Refusal[]]) {
    super(refusals.map((refusal) => refusal.message).join(' '));
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
