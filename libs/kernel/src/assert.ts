/** A broken promise of our own code: never caused by input, always a bug or a damaged store. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed';
}

export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new AssertionFailed(`This must hold and does not: ${claim}`);
}

/** The last branch of a switch over a union: the compiler proves that it cannot be reached. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`No case for ${JSON.stringify(value)}`);
}

export function present<T>(value: T | null | undefined, claim: string): T {
  assert(value !== null && value !== undefined, claim);
  return value;
}
