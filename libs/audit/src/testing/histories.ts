import { monthOf, slugStream, type EventId, type Month, type Slug } from '#kernel';
import type { FundingFact } from '#funding';
import { isLive, type Priced, type Terms } from '#referral';
import { changedTerms, type AgreementPlan } from './agreements.js';
import { BudgetWorld } from './budget-world.js';
import { Log, dayAt, slug, type Recorded } from './log.js';
import type { Plan, Step } from './plans.js';
import { correct, end, outcome, pickOf, prescriptionId, session } from './referral-steps.js';
import { ReferralWorld, Telling } from './referral-world.js';

export type { Recorded } from './log.js';
export { plans, type Plan } from './plans.js';

export const ANCHORS = ['north', 'south'].map(slug);
const REFERRALS = 2;

/** The log of a plan: valid facts, as the deciders and the funding slice would write them. */
export function historyOf(plan: Plan): readonly Recorded[] {
  const log = new Log();
  const telling = new Telling(plan.untoldEvery);
  const houses = ANCHORS.map((anchor, index) => new House(log, telling, plan, anchor, 2 * index));
  for (const step of plan.steps) {
    log.today += step.days;
    houses[step.anchor]?.take(step);
  }
  return log.facts;
}

interface Agreement {
  readonly agreement: Slug;
  readonly planned: number;
  /** The first one from the beginning, each later one from its day on. */
  readonly versions: { readonly from: number; readonly terms: Terms; readonly because?: EventId }[];
}

/** An anchor with its budgets, agreements and referrals. */
class House {
  private readonly budgets: BudgetWorld[];
  private readonly agreements: Agreement[];
  private readonly referrals: ReferralWorld[];
  private readonly under = new Map<string, Agreement>();
  private prescribed = 0;
  private closing: Month | undefined;
  private closed: Month | undefined;

  constructor(
    private readonly log: Log,
    telling: Telling,
    plan: Plan,
    private readonly anchor: Slug,
    offset: number,
  ) {
    this.budgets = [0, 1].map((index) => new BudgetWorld(log, plan, anchor, index, offset));
    this.agreements = plan.agreements.map((each, index) => agreementOf(each, index));
    this.referrals = Array.from(
      { length: REFERRALS },
      (_, index) => new ReferralWorld(log, telling, anchor, index),
    );
  }

  take(step: Step): void {
    const { today } = this.log;
    const referral = this.referrals[step.amount % 2n === 0n ? 0 : 1];
    if (referral === undefined) return;
    if (this.closing !== undefined) this.sign(this.closing);
    switch (step.what) {
      case 'prescribe':
        this.prescribe(referral, step);
        return;
      case 'attend':
      case 'miss':
        session(referral, today, step);
        return;
      case 'end':
        end(referral, today, step);
        return;
      case 'outcome':
      case 'lapse-outcome':
        outcome(referral, today, step);
        return;
      case 'void':
      case 'amend':
      case 'void-correction':
        correct(referral, today, step);
        return;
      case 'change-terms':
        this.changeTerms(step);
        return;
      case 'close':
        this.close();
        return;
      default:
        this.spend(step, Math.max(0, today - step.late));
    }
  }

  private spend(step: Step, on: number): void {
    const budget = pickOf(this.budgets, step.first);
    if (budget === undefined) return;
    if (step.what === 'receive') budget.receive(on, step.amount);
    if (step.what === 'change-budget') budget.changeBudget(on, step);
    if (step.what === 'vire') budget.vire(on, step);
    if (step.what === 'recall') budget.recall(on, step);
    if (step.what === 'award') budget.award(on, step);
    if (step.what === 'evidence-milestone') budget.evidence(on, step);
    if (step.what === 'buy-training') budget.buyTraining(on, step);
    if (step.what === 'open-balance') budget.openBalance(on, step);
  }

  private prescribe(referral: ReferralWorld, step: Step): void {
    const { first, second, third, late } = step;
    const on = Math.max(0, this.log.today - late);
    const agreement = pickOf(this.agreements, first);
    const world = pickOf(this.budgets, second);
    if (agreement === undefined || world === undefined) return;
    this.prescribed += 1;
    const prescription = prescriptionId(referral, this.prescribed);
    const pot = slug(`pot-${third % 2}`);
    const live = referral.state.prescriptions.filter(isLive);
    const continues = second % 5 === 0 && pickOf(live, third)?.prescription;
    const version = agreement.versions.findLastIndex(({ from }) => from <= on);
    const data = {
      ...{ prescription, service: slug('walks'), plannedSessions: agreement.planned },
      ...(continues && { continues }),
      provider: third % 5 === 0 ? this.anchor : slug(third % 2 === 0 ? 'allot' : 'pool'),
      ...{ levelOfSupport: 'supported-intervention' as const, directoryVersion: 0 },
      // Some services are free.
      ...(first % 7 !== 0 && { priced: pricedAs(agreement, version, world, pot) }),
    };
    if (data.priced !== undefined) referral.pays(prescription, { world, pot });
    const event = { type: 'Prescribed' as const, data };
    const fate = first % 10;
    if (fate === 8 || fate === 9) {
      if (data.priced) referral.cutOff(event, on, fate === 8 ? 'abandoned' : 'waiting');
      return;
    }
    if (referral.happen(event, on, step) === undefined || data.priced === undefined) return;
    this.under.set(prescription, agreement);
    for (const later of agreement.versions.keys()) {
      if (later > version) this.reprice(agreement, later);
    }
  }

  private changeTerms(step: Step): void {
    const agreement = pickOf(this.agreements, step.first);
    const last = agreement?.versions.at(-1);
    if (agreement === undefined || last?.terms.priceBasis !== 'at-delivery') return;
    const from = Math.max(last.from + 1, this.log.today + 20 - step.second);
    const terms = changedTerms(last.terms, agreement.planned, 50 + 3 * step.third);
    const version = agreement.versions.length + 1;
    const place = { stream: agreementStream(this.anchor, agreement), anchor: this.anchor };
    const data = { agreement: agreement.agreement, version, payer: this.anchor, terms };
    const fact = this.log.append({
      ...{ ...place, on: this.log.today, early: step.early },
      event: { type: 'TermsChanged', data: { ...data, from: dayAt(from) } },
    });
    agreement.versions.push({ from, terms, because: fact.id });
    this.reprice(agreement, agreement.versions.length - 1);
  }

  /** Every live prescription under the agreement that began before the new price did. */
  private reprice(agreement: Agreement, index: number): void {
    const version = agreement.versions[index];
    if (version?.because === undefined) return;
    const { from, terms, because } = version;
    for (const referral of this.referrals) {
      for (const { prescription, prescribedOn, repriced } of referral.state.prescriptions.filter(
        isLive,
      )) {
        const mine = this.under.get(prescription) === agreement;
        const already = repriced.some((one) => one.version === index + 1);
        if (!mine || already || prescribedOn >= dayAt(from)) continue;
        const data = { prescription, agreement: agreement.agreement, version: index + 1 };
        referral.happen(
          { type: 'PrescriptionRepriced', data: { ...data, from: dayAt(from), terms, because } },
          from,
        );
      }
    }
  }

  /** The next month, once it is over; signed when something else may have come in between. */
  private close(): void {
    const next = this.closed === undefined ? monthOf(dayAt(0)) : monthAfter(this.closed);
    if (monthOf(dayAt(this.log.today)) <= next) return;
    this.closed = this.closing = next;
    this.books({ type: 'PeriodCutOff', data: { month: next } });
  }

  private sign(month: Month): void {
    this.closing = undefined;
    const data = { month, trialBalance: [], accounts: 0, hash: '0'.repeat(64), closedBy: 'ann' };
    this.books({ type: 'PeriodClosed', data });
  }

  private books(event: Pick<FundingFact, 'type' | 'data'>): void {
    const stream = slugStream('books', this.anchor);
    // A type and its data.
    this.log.append({
      ...{ stream, anchor: this.anchor, on: this.log.today },
      event: event as Parameters<Log['append']>[0]['event'],
    });
  }
}

const agreementStream = (anchor: Slug, { agreement }: Agreement) =>
  slugStream('agreement', anchor, agreement);

const monthAfter = (month: Month): Month => {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const next = new Date(Date.UTC(year, number, 1));
  return next.toISOString().slice(0, 7) as Month;
};

function agreementOf({ terms, planned }: AgreementPlan, index: number): Agreement {
  return { agreement: slug(`terms-${index}`), planned, versions: [{ from: 0, terms }] };
}

function pricedAs(
  { agreement, planned, versions }: Agreement,
  index: number,
  { budget }: BudgetWorld,
  pot: Slug,
): Priced {
  const terms = versions[index]?.terms ?? { components: [] };
  const components = terms.components.flatMap((each) => {
    if (each.trigger === 'session-missed' || each.trigger === 'drop-out-minimum') return [];
    const times = each.trigger === 'session-attended' && each.per === 'session' ? planned : 1;
    return [{ component: each.component, amount: each.amount * BigInt(times) }];
  });
  const { fund, year, recognition, funder } = budget;
  return {
    ...{ agreement, version: index + 1, terms },
    budget: { fund, year, pot, recognition, funder },
    commitment: { amount: components.reduce((all, { amount }) => all + amount, 0n), components },
  };
}
