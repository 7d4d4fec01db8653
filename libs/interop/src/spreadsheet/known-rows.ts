/**
 * References are compared as people type them (`r041` is `R041`), and written as they stood where
 * they were first met.
 */
export class References<T> {
  private readonly exact = new Map<string, T>();
  private readonly folded = new Map<string, string>();

  /** `before`: what an earlier import knew of a reference that these files do not have. */
  constructor(private readonly before: (reference: string) => T | undefined = () => undefined) {}

  add(reference: string, value: T): void {
    if (!this.exact.has(reference)) this.exact.set(reference, value);
    const key = keyOfReference(reference);
    if (!this.folded.has(key)) this.folded.set(key, reference);
  }

  /** As it was first written, or as it is here. */
  spelled(reference: string): string {
    if (this.exact.has(reference)) return reference;
    return this.folded.get(keyOfReference(reference)) ?? reference;
  }

  get(reference: string): T | undefined {
    return this.exact.get(this.spelled(reference)) ?? this.before(reference);
  }
}

function keyOfReference(reference: string): string {
  return reference.toUpperCase().replace(/\s+/gu, ' ');
}
