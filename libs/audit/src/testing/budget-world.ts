import { deriveId, streamOf, type Pence, type Slug, type StreamName } from '#kernel';
import { budgetStream, type FundingEvent } from '#funding';
import type { Recognition } from '#referral';
import { dayAt, slug, type Log, type Recorded } from './log.js';
import type { Plan, Step } from './plans.js';

const YEAR = 2026;
const FUNDER = slug('tnlcf');
const PURPOSE_OF = {
  'pot-0': 'prescribing',
  'pot-1': 'prescribing',
  grow: 'capacity',
  learn: 'training',
} as const;
type Pot = keyof typeof PURPOSE_OF;
const POTS = Object.keys(PURPOSE_OF) as Pot[]; // Of the object above.

export interface Budget {
  readonly anchor: Slug;
  readonly fund: Slug;
  readonly year: number;
  readonly funder: Slug;
  readonly recognition: Recognition;
  readonly stream: StreamName;
}

interface Milestone {
  readonly award: Slug;
  readonly payee: Slug;
  readonly milestone: Slug;
  readonly amount: Pence;
}

/** One budget and what is free in its pots: what is not free is refused, and not in the log. */
export class BudgetWorld {
  readonly budget: Budget;
  private readonly free = new Map<Slug, Pence>();
  private readonly awarded: Milestone[] = [];
  private awards = 0;
  private opened = false;

  constructor(
    private readonly log: Log,
    { recognitions, potSizes }: Plan,
    anchor: Slug,
    index: number,
    offset: number,
  ) {
    const recognition = recognitions[offset + index] ?? 'restricted';
    const [fund, year] = [slug(`fund-${index}`), YEAR];
    const stream = budgetStream(anchor, fund, year);
    this.budget = { anchor, fund, year, funder: FUNDER, recognition, stream };
    const [most = 0n, second = 0n] = potSizes;
    this.receive(0, 2n * (most + second));
    const sizes = [most, second, second, most];
    const pots = POTS.map((pot, at) => {
      this.free.set(slug(pot), sizes[at] ?? 0n);
      return { pot: slug(pot), purpose: PURPOSE_OF[pot], amount: sizes[at] ?? 0n };
    });
    const data = { ...this.source(), from: dayAt(0), to: dayAt(364), pots };
    this.write(0, { type: 'BudgetOpened', data });
  }

  freeIn(pot: Slug): Pence {
    return this.free.get(pot) ?? 0n;
  }

  change(pot: Slug, by: Pence): void {
    this.free.set(pot, this.freeIn(pot) + by);
  }

  receive(on: number, amount: Pence): void {
    const { anchor, fund, recognition } = this.budget;
    const stream = streamOf('fund', deriveId('fund', anchor, fund));
    const data = { fund, funder: FUNDER, amount, recognition, purposes: [...PURPOSES] };
    this.log.append({ stream, anchor, on, event: { type: 'FundReceived', data } });
  }

  changeBudget(on: number, step: Step): void {
    const pots = step.second % 2 === 0 ? [POTS[step.third % 4]] : [POTS[0], POTS[step.third % 4]];
    const changes = [...new Set(pots)].flatMap((pot, index) => {
      if (pot === undefined) return [];
      const amount = (step.first + index) % 2 === 0 ? step.amount : -step.amount;
      if (this.freeIn(slug(pot)) + amount < 0n) return [];
      this.change(slug(pot), amount);
      return [{ pot: slug(pot), purpose: PURPOSE_OF[pot], amount }];
    });
    if (changes.length === 0) return;
    this.write(on, { type: 'BudgetChanged', data: { ...this.place(), changes } }, step);
  }

  vire(on: number, step: Step): void {
    const [from, to] = [POTS[step.second % 4] ?? 'grow', POTS[step.third % 4] ?? 'grow'];
    if (from === to || this.freeIn(slug(from)) < step.amount) return;
    const within = PURPOSE_OF[from] === PURPOSE_OF[to];
    const authority = within ? ('within-purpose' as const) : ('funder-consent' as const);
    const data = { ...this.place(), from: slug(from), to: slug(to), amount: step.amount };
    this.change(slug(from), -step.amount);
    this.change(slug(to), step.amount);
    const approvedBy = slug('board');
    this.write(on, { type: 'VirementApproved', data: { ...data, authority, approvedBy } }, step);
  }

  recall(on: number, step: Step): void {
    const pot = slug(POTS[step.second % 4] ?? 'grow');
    if (this.freeIn(pot) < step.amount) return;
    this.change(pot, -step.amount);
    const data = { ...this.source(), pot, amount: step.amount };
    this.write(on, { type: 'FundsRecalled', data }, step);
  }

  award(on: number, step: Step): void {
    const amounts = [step.amount, step.amount + 1n, 33n].slice(0, 1 + (step.second % 3));
    const whole = amounts.reduce((total, amount) => total + amount, 0n);
    const pot = slug('grow');
    if (this.freeIn(pot) < whole) return;
    this.change(pot, -whole);
    this.awards += 1;
    const [award, payee] = [slug(`award-${this.awards}`), this.payee('garden', step)];
    const milestones = amounts.map((amount, index) => ({
      milestone: slug(`milestone-${index}`),
      amount,
    }));
    this.awarded.push(...milestones.map((milestone) => ({ award, payee, ...milestone })));
    const data = { ...this.source(), pot, award, payee, milestones };
    this.write(on, { type: 'CapacityAwarded', data }, step);
  }

  evidence(on: number, step: Step): void {
    const [one] = this.awarded.splice(step.second % (this.awarded.length || 1), 1);
    if (one === undefined) return;
    const data = { ...this.source(), pot: slug('grow'), ...one };
    this.write(on, { type: 'MilestoneEvidenced', data }, step);
  }

  buyTraining(on: number, step: Step): void {
    const pot = slug('learn');
    if (this.freeIn(pot) < step.amount) return;
    this.change(pot, -step.amount);
    const payee = this.payee('trainer', step);
    const data = { ...this.source(), pot, payee, amount: step.amount };
    this.write(on, { type: 'TrainingBought', data }, step);
  }

  openBalance(on: number, step: Step): void {
    if (this.opened) return;
    const spent = [
      { pot: slug('pot-0'), category: 'delivery' as const, amount: step.amount },
      { pot: slug('grow'), category: 'capacity' as const, amount: 77n },
      { pot: slug('pot-0'), category: 'noshow' as const, amount: 5n },
    ].slice(step.second % 3);
    const consumed = spent.filter(({ pot, amount }) => this.freeIn(pot) >= amount + 5n);
    for (const { pot, amount } of consumed) this.change(pot, -amount);
    const accrued = [
      { payee: slug('allot'), amount: 12n },
      { payee: slug('trainer'), amount: step.amount },
    ].slice(step.third % 3);
    const bank = step.amount + 12n + BigInt(step.first);
    this.opened = true;
    const data = { ...this.source(), bank, accrued, consumed };
    this.write(on, { type: 'OpeningBalanceRecorded', data }, step);
  }

  write(on: number, event: FundingEvent, { early }: { early?: number } = {}): Recorded {
    const { anchor, stream } = this.budget;
    return this.log.append({ stream, anchor, on, event, ...(early && { early }) });
  }

  private payee(usual: string, { third }: Step): Slug {
    return third % 3 === 0 ? this.budget.anchor : slug(usual);
  }

  private place() {
    const { fund, year } = this.budget;
    return { fund, year };
  }

  private source() {
    const { fund, year, funder, recognition } = this.budget;
    return { fund, year, funder, recognition };
  }
}

const PURPOSES = ['prescribing', 'capacity', 'training'] as const;
