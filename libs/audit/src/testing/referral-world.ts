import {
  deriveId,
  streamOf,
  type EventId,
  type Pence,
  type PersonId,
  type PrescriptionId,
  type ReferralId,
  type Slug,
  type StreamName,
} from '#kernel';
import { reservationId } from '#funding';
import {
  evolveReferral,
  initialReferral,
  isLive,
  type Prescription,
  type Referral,
  type ReferralEvent,
  type ReferralFact,
} from '#referral';
import { Case } from '../model/case.js';
import type { BudgetWorld } from './budget-world.js';
import type { Log, Recorded, Written } from './log.js';
import { stands } from './stands.js';

/** Every so many moves a budget is not told: whoever should have, was cut off. */
export class Telling {
  private moves = 0;

  constructor(private readonly untoldEvery: number) {}

  isTold(): boolean {
    this.moves += 1;
    return this.untoldEvery === 0 || this.moves % this.untoldEvery !== 0;
  }
}

/** The pot that pays for a prescription. */
export interface Paying {
  readonly world: BudgetWorld;
  readonly pot: Slug;
}

interface Net extends Paying {
  readonly prescription: PrescriptionId;
  readonly amount: Pence;
}

/** One referral: what may be written next is written, with what the budgets hear of it. */
export class ReferralWorld {
  readonly stream: StreamName;
  readonly id: ReferralId;
  readonly facts: ReferralFact[] = [];
  private readonly money = new Case();
  private readonly paid = new Map<PrescriptionId, Paying>();
  private referral: Referral;

  constructor(
    private readonly log: Log,
    private readonly telling: Telling,
    readonly anchor: Slug,
    index: number,
  ) {
    this.id = deriveId('referral', anchor, String(index));
    this.stream = streamOf('referral', this.id);
    const person: PersonId = deriveId('person', anchor, String(index));
    const scheme = { name: 'spring' as Slug, version: 1 };
    const data = { person, anchor, area: 'east' as Slug, scheme, route: 'gp' as const };
    const fact = this.log.append({ ...this.place(0), event: { type: 'Referred', data } });
    const state = evolveReferral(initialReferral, fact as ReferralFact);
    if (state === null) throw new Error('A referral begins with Referred.');
    this.referral = state;
  }

  get state(): Referral {
    return this.referral;
  }

  place(on: number) {
    return { stream: this.stream, anchor: this.anchor, on };
  }

  pays(prescription: PrescriptionId, by: Paying): void {
    this.paid.set(prescription, by);
  }

  /** Unless it would be refused, for what was said before or for money. */
  happen(
    event: ReferralEvent,
    on: number,
    { early = 0 }: Pick<Written, 'early'> = {},
  ): Recorded | undefined {
    const drafted = this.log.draft({ ...this.place(on), event, early });
    const fact = drafted as ReferralFact;
    const after = evolveReferral(this.referral, fact);
    if (after === null || !stands(after)) return undefined;
    const nets = this.netsOf(this.money.foresee(fact), fact);
    const asked = nets.filter((net) => net.amount < 0n && this.asksFor(net, fact, after));
    if (!this.reserve(asked, fact)) return undefined;
    this.log.add(drafted);
    this.money.hear(fact);
    this.facts.push(fact);
    this.referral = after;
    for (const net of nets) if (!asked.includes(net)) this.tell(net, fact.id);
    return drafted;
  }

  /** What it needs is reserved, and then it never comes: given back, or still waiting. */
  cutOff(event: ReferralEvent, on: number, how: 'abandoned' | 'waiting'): void {
    const fact = this.log.draft({ ...this.place(on), event }) as ReferralFact;
    const after = evolveReferral(this.referral, fact);
    if (after === null || !stands(after)) return;
    const nets = this.netsOf(this.money.foresee(fact), fact);
    const asked = nets.filter((net) => net.amount < 0n && this.asksFor(net, fact, after));
    if (!this.reserve(asked, fact) || how === 'waiting') return;
    for (const [index, { world, pot, prescription, amount }] of asked.entries()) {
      const before = asked.slice(0, index).filter((net) => net.world === world).length;
      const because = reservationId(fact.metadata.commandId, world.budget.stream, before);
      const { fund, year } = world.budget;
      const reservation = { fund, year, pot, amount: -amount };
      this.abandon({ prescription, reservation, because }, on);
    }
  }

  private abandon(
    data: Extract<ReferralEvent, { type: 'PrescriptionAbandoned' }>['data'],
    on: number,
  ): void {
    const event = { type: 'PrescriptionAbandoned' as const, data };
    const fact = this.log.append({ ...this.place(on), event });
    this.referral = evolveReferral(this.referral, fact as ReferralFact) ?? this.referral;
    const { prescription, reservation } = data;
    const paying = this.paid.get(prescription);
    if (paying !== undefined) {
      this.tell({ ...paying, prescription, amount: reservation.amount }, fact.id);
    }
  }

  /** What it moves on each pot, by prescription; one that continues another is one with it. */
  private netsOf(moves: ReturnType<Case['hear']>, fact: ReferralFact): Net[] {
    const nets = new Map<PrescriptionId, Net>();
    const own = fact.type === 'Prescribed' ? fact.data.prescription : undefined;
    const ownPot = own && this.paid.get(own);
    for (const { account, amount, prescription } of moves) {
      const paying = this.paid.get(prescription);
      if (paying === undefined || !account.includes(':available:')) continue;
      const same = paying.pot === ownPot?.pot && paying.world === ownPot.world;
      const of = own !== undefined && same ? own : prescription;
      const before = nets.get(of)?.amount ?? 0n;
      nets.set(of, { ...paying, prescription: of, amount: before - amount });
    }
    return [...nets.values()].filter(({ amount }) => amount !== 0n);
  }

  /** Only a prescription, and a correction that makes one live again, ask before they are made. */
  private asksFor({ prescription }: Net, fact: ReferralFact, after: Referral): boolean {
    if (fact.type === 'Prescribed') return fact.data.prescription === prescription;
    if (fact.type !== 'EntryCorrected') return false;
    const liveIn = (given: readonly Prescription[]) =>
      given.some((one) => one.prescription === prescription && isLive(one));
    return !liveIn(this.referral.prescriptions) && liveIn(after.prescriptions);
  }

  private reserve(asked: readonly Net[], fact: ReferralFact): boolean {
    const lacks = asked.some(({ world, pot }) => {
      const mine = asked.filter((net) => net.world === world && net.pot === pot);
      return world.freeIn(pot) < mine.reduce((total, { amount }) => total - amount, 0n);
    });
    if (lacks) return false;
    const counts = new Map<BudgetWorld, number>();
    for (const { world, pot, prescription, amount } of asked) {
      const index = counts.get(world) ?? 0;
      counts.set(world, index + 1);
      const { fund, year } = world.budget;
      const correction = fact.type === 'EntryCorrected' && { correction: fact.id };
      const data = { fund, year, pot, prescription, referral: this.id, ...correction };
      world.change(pot, amount);
      this.log.append({
        ...{ stream: world.budget.stream, anchor: this.anchor, on: this.log.today },
        event: { type: 'FundsReserved', data: { ...data, amount: -amount } },
        ...{ command: fact.metadata.commandId, index },
      });
    }
    return true;
  }

  private tell({ world, pot, prescription, amount }: Net, because: EventId): void {
    if (!this.telling.isTold()) return;
    world.change(pot, amount);
    const { fund, year, stream } = world.budget;
    const data = { fund, year, pot, prescription, because };
    this.log.append({
      ...{ stream, anchor: this.anchor, on: this.log.today, because },
      event:
        amount > 0n
          ? { type: 'FundsReleased', data: { ...data, amount } }
          : { type: 'FundsDrawn', data: { ...data, amount: -amount } },
    });
  }
}
