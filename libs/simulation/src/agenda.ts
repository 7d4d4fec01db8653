/** What is still to come in an area, the earliest first; of the same minute, the first noted. */
export class Agenda<T> {
  private readonly heap: Noted<T>[] = [];
  private count = 0;

  add(at: number, what: T): void {
    const { heap } = this;
    const noted = { at, order: this.count, what };
    this.count += 1;
    let place = heap.length;
    heap.push(noted);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(noted, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = noted;
  }

  /** Takes the earliest away, unless that is after `until`. */
  next(until: number): T | undefined {
    const [first] = this.heap;
    if (first === undefined || first.at > until) return undefined;
    const last = this.heap.pop();
    if (last !== undefined && last !== first) this.sink(last);
    return first.what;
  }

  private sink(noted: Noted<T>): void {
    const { heap } = this;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left === undefined) break;
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (child === right) below += 1;
      if (!isBefore(child, noted)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = noted;
  }
}

interface Noted<T> {
  readonly at: number;
  readonly order: number;
  readonly what: T;
}

function isBefore<T>(one: Noted<T>, other: Noted<T>): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
