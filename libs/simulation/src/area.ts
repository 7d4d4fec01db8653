import { assert, type Actor, type Slug } from '#kernel';
import { Agenda } from './agenda.js';
import type { AreaPlan } from './area-plan.js';
import { dateOf, dayAt, instantAt, type Minute } from './days.js';
import type { Parameters } from './parameters.js';
import { Queue } from './queue.js';
import type { Draws } from './random.js';
import type { SimulatedLine } from './simulated-line.js';
import type { Told } from './told.js';

/** What comes next: it may write one thing down and note what follows. */
export type Happening = () => Told | undefined;

/** An area as it goes through its days: what comes next, and what is left of money and places. */
export class Area {
  private readonly agenda = new Agenda<{ readonly at: Minute; readonly happens: Happening }>();
  private now: Minute = 0;
  private readonly spent = new Map<string, number>();
  private readonly queues = new Map<string, Queue>();
  people = 0;

  constructor(
    readonly plan: AreaPlan,
    readonly parameters: Parameters,
    readonly draws: Draws,
    /** Its place among the areas. */
    readonly index: number,
  ) {}

  get anchor(): Slug {
    return this.plan.anchor;
  }

  get finance(): Actor {
    return this.own('finance', 'anchor');
  }

  get coordinator(): Actor {
    return this.own('coordinator', 'anchor');
  }

  own(id: string, role: Actor['role']): Actor {
    return { id, role, organisation: this.anchor };
  }

  /** Something happens then; nothing happens in the past. */
  later(at: Minute, happens: Happening): void {
    assert(at >= this.now, 'what is noted is still to come');
    this.agenda.add(at, { at, happens });
  }

  /** Something is written down then. */
  write(at: Minute, told: Told, then?: (at: Minute) => void): void {
    this.later(at, () => {
      then?.(at);
      return told;
    });
  }

  *lines(until: Minute): Generator<SimulatedLine> {
    for (;;) {
      const next = this.agenda.next(until);
      if (next === undefined) return;
      this.now = next.at;
      const told = next.happens();
      if (told !== undefined) yield lineOf(told, next.at);
    }
  }

  /** Whether a pot has so much left, of which no commitment ever takes more; if so it is taken. */
  spend(pot: string, pence: number, of: number): boolean {
    const spent = (this.spent.get(pot) ?? 0) + pence;
    if (spent > of) return false;
    this.spent.set(pot, spent);
    return true;
  }

  queueOf(service: string): Queue {
    const found = this.queues.get(service) ?? new Queue();
    this.queues.set(service, found);
    return found;
  }
}

function lineOf({ id, command, on, actor, data }: Told, at: Minute): SimulatedLine {
  assert(on <= dayAt(at), 'nothing is recorded before it happened');
  return { id, command, at: dateOf(on), recordedAt: instantAt(at), actor, data };
}
