import fc from 'fast-check';
import {
  deriveId,
  eventIdOf,
  streamOf,
  type CivilDate,
  type CommandId,
  type EventId,
  type Instant,
  type Pence,
  type PrescriptionId,
  type ReferralId,
  type Slug,
  type StreamName,
} from '#kernel';
import { budgetStream, reservationId, type FundingEvent, type FundingFact } from '#funding';
import type {
  Component,
  MissedClass,
  Priced,
  Recognition,
  ReferralEvent,
  ReferralFact,
  Terms,
} from '#referral';
import { Auditor } from '../auditor.js';

/** A fact of money with its place in the log. */
export type Recorded = (FundingFact | ReferralFact) & {
  readonly stream: StreamName;
  readonly version: number;
  readonly position: bigint;
};

const slug = (text: string) => text as Slug;

interface PrescriptionPlan {
  readonly anchor: number;
  readonly referral: number;
  readonly fund: number;
  readonly pot: number;
  readonly provider: 'own' | 'allot' | 'pool';
  /** Never prescribed: reserved, and abandoned or still waiting. */
  readonly fate: 'prescribed' | 'free' | 'abandoned' | 'waiting';
  readonly terms: Terms;
  readonly planned: number;
  readonly sessions: readonly (readonly [pick: number, outcome: 'attended' | MissedClass])[];
  readonly endAfter: number;
  readonly end: 'none' | 'completed' | 'cancelled' | 'dropped' | 'dropped-all';
}

/** What happens in a small world of two anchors; `order` interleaves it. */
export interface Plan {
  readonly funds: readonly (readonly Recognition[])[];
  readonly potSizes: readonly Pence[];
  readonly prescriptions: readonly PrescriptionPlan[];
  readonly order: readonly number[];
  /** Every so many moves the budgets are not told of; 0: they hear of all. */
  readonly untoldEvery: number;
}

const ANCHORS = ['north', 'south'].map(slug);
const YEAR = 2026;
const MISSED: MissedClass[] = ['acceptable', 'not-acceptable', 'provider-logistics', 'not-stated'];

const pence = fc.bigInt({ min: 1n, max: 9_999n });
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });

function termsFor(planned: number): fc.Arbitrary<Terms> {
  const each = (component: string) => ({ component: slug(component) });
  return fc
    .record({
      perEach: fc.boolean(),
      price: some(fc.bigInt({ min: BigInt(planned), max: 9_999n })),
      feePart: some(fc.bigInt({ min: 1n, max: 3n })),
      limit: fc.integer({ min: 1, max: 3 }),
      start: some(pence),
      nth: some(fc.integer({ min: 1, max: 4 })),
      finish: some(pence),
      outcome: some(pence),
      amount: pence,
    })
    .map(({ perEach, price = 0n, feePart, limit, start, nth, finish, outcome, amount }) => {
      const fee = (perEach ? price : price / BigInt(planned)) / (feePart ?? 1n);
      const all: (Component | false)[] = [
        start !== undefined && { ...each('start'), trigger: 'prescribed', amount: start },
        price > 0n && {
          ...each('sessions'),
          ...{ trigger: 'session-attended', amount: price, per: perEach ? 'session' : 'course' },
        },
        feePart !== undefined &&
          fee > 0n && {
            ...each('fee'),
            ...{ trigger: 'session-missed', amount: fee, limit },
            classes: limit === 1 ? ['not-stated'] : ['acceptable', 'not-acceptable', 'not-stated'],
          },
        nth !== undefined && { ...each('nth'), trigger: 'nth-attendance', nth, amount },
        finish !== undefined && { ...each('finish'), trigger: 'completed', amount: finish },
        outcome !== undefined && { ...each('outcome'), trigger: 'outcome-met', amount: outcome },
      ];
      const components = all.filter((component) => component !== false);
      if (components.length > 0) return { components };
      return { components: [{ ...each('start'), trigger: 'prescribed', amount }] };
    });
}

const prescriptionPlan: fc.Arbitrary<PrescriptionPlan> = fc
  .integer({ min: 1, max: 5 })
  .chain((planned) =>
    fc.record({
      ...{ anchor: fc.nat(1), referral: fc.nat(2), fund: fc.nat(1), pot: fc.nat(1) },
      provider: fc.constantFrom('own', 'allot', 'pool'),
      fate: fc.constantFrom(
        ...(['prescribed', 'prescribed', 'prescribed', 'prescribed', 'prescribed'] as const),
        ...(['free', 'abandoned', 'waiting'] as const),
      ),
      terms: termsFor(planned),
      planned: fc.constant(planned),
      sessions: fc.array(
        fc.tuple(fc.nat(9), fc.constantFrom('attended' as const, 'attended' as const, ...MISSED)),
        { maxLength: 7 },
      ),
      endAfter: fc.nat(7),
      end: fc.constantFrom('none', 'completed', 'cancelled', 'dropped', 'dropped-all'),
    }),
  );

export const plans: fc.Arbitrary<Plan> = fc.record({
  funds: fc.array(
    fc.array(fc.constantFrom<Recognition[]>('restricted', 'performance-related'), {
      ...{ minLength: 2, maxLength: 2 },
    }),
    { minLength: 2, maxLength: 2 },
  ),
  // Some pots hold little: what does not fit was refused and is not in the log.
  potSizes: fc.array(fc.bigInt({ min: 5_000n, max: 200_000n }), { minLength: 2, maxLength: 2 }),
  prescriptions: fc.array(prescriptionPlan, { minLength: 1, maxLength: 6 }),
  order: fc.array(fc.nat(99), { maxLength: 60 }),
  untoldEvery: fc.nat(5),
});

/** The log of a plan: valid facts, as the deciders and the funding slice would write them. */
export function historyOf(plan: Plan): readonly Recorded[] {
  return new World(plan).play();
}

interface Live {
  readonly plan: PrescriptionPlan;
  readonly prescription: PrescriptionId;
  readonly referral: StreamName;
  readonly command: CommandId;
  readonly actions: (() => void)[];
  /** Hears of this prescription alone: what its facts move on the pot. */
  readonly witness: Auditor;
  state: 'not-prescribed' | 'active' | 'ended';
}

class World {
  private readonly log: Recorded[] = [];
  private readonly versions = new Map<StreamName, number>();
  private readonly free = new Map<string, Pence>();
  private readonly lives: Live[];
  private moves = 0;

  constructor(private readonly plan: Plan) {
    this.lives = plan.prescriptions.map((each, index) => this.live(each, index));
  }

  play(): readonly Recorded[] {
    for (const [index, anchor] of ANCHORS.entries())
      this.fund(anchor, this.plan.funds[index] ?? []);
    for (const pick of this.plan.order) {
      const open = this.lives.filter(({ actions }) => actions.length > 0);
      open[pick % open.length]?.actions.shift()?.();
    }
    for (const { actions } of this.lives) while (actions.length > 0) actions.shift()?.();
    return this.log;
  }

  private fund(anchor: Slug, recognitions: readonly Recognition[]): void {
    const received = (fund: Slug, amount: Pence, recognition: Recognition) => {
      const data = { fund, funder: slug('tnlcf'), amount, recognition };
      const stream = streamOf('fund', deriveId('fund', anchor, fund));
      this.append(stream, anchor, {
        type: 'FundReceived',
        data: { ...data, purposes: ['prescribing'] },
      });
    };
    received(slug('passed-on'), 12_345n, 'agent');
    for (const [index, recognition] of recognitions.entries()) {
      const [fund, pots] = [fundOf(index), this.plan.potSizes];
      received(
        fund,
        pots.reduce((total, size) => total + size, 0n),
        recognition,
      );
      this.append(budgetStream(anchor, fund, YEAR), anchor, {
        type: 'BudgetOpened',
        data: {
          ...{ fund, funder: slug('tnlcf'), recognition, year: YEAR },
          ...{ from: '2026-04-01' as CivilDate, to: '2027-03-31' as CivilDate },
          pots: pots.map((amount, pot) => ({ pot: potOf(pot), purpose: 'prescribing', amount })),
        },
      });
      for (const [pot, amount] of pots.entries()) this.free.set(`${anchor} ${fund} ${pot}`, amount);
    }
  }

  private live(plan: PrescriptionPlan, index: number): Live {
    const anchor = ANCHORS[plan.anchor] ?? slug('north');
    const live: Live = {
      plan,
      prescription: deriveId('prescription', String(index)),
      referral: streamOf('referral', deriveId('referral', anchor, String(plan.referral))),
      command: deriveId('command', 'prescribe', String(index)),
      actions: [],
      witness: new Auditor(),
      state: 'not-prescribed',
    };
    live.actions.push(() => {
      this.begin(live, anchor);
    });
    return live;
  }

  private begin(live: Live, anchor: Slug): void {
    const { plan, prescription, referral, command } = live;
    const [fund, pot] = [fundOf(plan.fund), potOf(plan.pot)];
    const priced = pricedAs(plan, this.plan.funds[plan.anchor]?.[plan.fund] ?? 'restricted');
    const { amount } = priced.commitment;
    const stream = budgetStream(anchor, fund, YEAR);
    const reservation = { fund, year: YEAR, pot, amount };
    if (plan.fate !== 'free') {
      const key = `${anchor} ${fund} ${plan.pot}`;
      const free = this.free.get(key) ?? 0n;
      if (free < amount) return;
      this.free.set(key, free - amount);
      const id = referral.slice('referral-'.length) as ReferralId;
      const data = { ...reservation, prescription, referral: id };
      this.append(stream, anchor, { type: 'FundsReserved', data }, { command });
    }
    if (plan.fate === 'waiting') return;
    if (plan.fate === 'abandoned') {
      live.actions.push(() => {
        const because = reservationId(command, stream);
        const data = { prescription, reservation, because };
        const { id } = this.append(referral, anchor, { type: 'PrescriptionAbandoned', data });
        this.tell(live, anchor, id, amount);
      });
      return;
    }
    live.actions.push(() => {
      this.prescribe(live, anchor, plan.fate === 'free' ? undefined : priced);
    });
  }

  private prescribe(live: Live, anchor: Slug, priced: Priced | undefined): void {
    const { plan, prescription, referral, command } = live;
    const event: ReferralEvent = {
      type: 'Prescribed',
      data: {
        prescription,
        service: slug('walks'),
        provider: plan.provider === 'own' ? anchor : slug(plan.provider),
        plannedSessions: plan.planned,
        levelOfSupport: 'supported-intervention',
        directoryVersion: 0,
        ...(priced && { priced }),
      },
    };
    live.witness.hear(this.append(referral, anchor, event, { command }), referral);
    live.state = 'active';
    const sessions = numbered(plan).map(({ number, outcome }, index) => () => {
      const session = deriveId<'session'>('session', prescription, String(index));
      const data = { prescription, session, number };
      const evidence = { kind: 'register', by: anchor } as const;
      this.happen(
        live,
        anchor,
        outcome === 'attended'
          ? { type: 'Attended', data: { ...data, evidence } }
          : { type: 'Missed', data: { ...data, class: outcome } },
      );
    });
    const end = () => {
      this.end(live, anchor);
    };
    live.actions.push(...sessions.slice(0, plan.endAfter), end, ...sessions.slice(plan.endAfter));
  }

  private end(live: Live, anchor: Slug): void {
    const { plan, prescription } = live;
    if (live.state === 'ended' || plan.end === 'none') return;
    const one = { prescription };
    const events = {
      completed: { type: 'PrescriptionCompleted', data: one },
      cancelled: { type: 'PrescriptionCancelled', data: { ...one, by: 'anchor' } },
      dropped: { type: 'DroppedOut', data: { scope: 'prescription', ...one } },
      'dropped-all': { type: 'DroppedOut', data: { scope: 'referral' } },
    } as const satisfies Record<string, ReferralEvent>;
    this.happen(live, anchor, events[plan.end]);
  }

  /** A fact of a referral, and what the budgets must hear of it. */
  private happen(live: Live, anchor: Slug, event: ReferralEvent): void {
    const fact = this.append(live.referral, anchor, event);
    const whole = event.type === 'DroppedOut' && event.data.scope === 'referral';
    const concerned = whole
      ? this.lives.filter((each) => each.referral === live.referral && each.state === 'active')
      : [live];
    for (const each of concerned) {
      const before = availableOf(each.witness, anchor);
      each.witness.hear(fact, live.referral);
      if (event.type !== 'Attended' && event.type !== 'Missed') each.state = 'ended';
      this.tell(each, anchor, fact.id, before - availableOf(each.witness, anchor));
    }
  }

  private tell(live: Live, anchor: Slug, because: EventId, amount: Pence): void {
    if (amount === 0n) return;
    this.moves += 1;
    const { plan, prescription } = live;
    const [fund, pot] = [fundOf(plan.fund), potOf(plan.pot)];
    const key = `${anchor} ${fund} ${plan.pot}`;
    if (this.plan.untoldEvery > 0 && this.moves % this.plan.untoldEvery === 0) return;
    this.free.set(key, (this.free.get(key) ?? 0n) + amount);
    const data = { fund, year: YEAR, pot, prescription, because };
    this.append(
      budgetStream(anchor, fund, YEAR),
      anchor,
      amount > 0n
        ? { type: 'FundsReleased', data: { ...data, amount } }
        : { type: 'FundsDrawn', data: { ...data, amount: -amount } },
      { because },
    );
  }

  private append(
    stream: StreamName,
    anchor: Slug,
    event: FundingEvent | ReferralEvent,
    { command, because }: { command?: CommandId; because?: EventId } = {},
  ): Recorded {
    const position = BigInt(this.log.length + 1);
    const version = (this.versions.get(stream) ?? -1) + 1;
    this.versions.set(stream, version);
    const commandId = command ?? deriveId<'command'>('command', String(position));
    const fact = {
      ...event,
      id:
        because === undefined
          ? eventIdOf(commandId, stream, 0)
          : deriveId('told', String(position)),
      sealed: {},
      metadata: {
        ...{ commandId, commandHash: 'abc', correlationId: deriveId('correlation', commandId) },
        causationId: because ?? commandId,
        actor: { id: 'ann', role: 'link-worker', organisation: anchor },
        ...{ anchor, occurredOn: '2026-05-04' as CivilDate },
        recordedAt: '2026-06-09T12:00:00.000Z' as Instant,
      },
      ...{ stream, version, position },
    };
    // An event with its envelope is a fact, whatever its type.
    this.log.push(fact as unknown as Recorded);
    return fact as unknown as Recorded;
  }
}

const fundOf = (index: number) => slug(`fund-${index}`);
const potOf = (index: number) => slug(`pot-${index}`);

function pricedAs(
  { terms, planned, fund, pot }: PrescriptionPlan,
  recognition: Recognition,
): Priced {
  const components = terms.components.flatMap((each) => {
    if (each.trigger === 'session-missed') return [];
    const times = each.trigger === 'session-attended' && each.per === 'session' ? planned : 1;
    return [{ component: each.component, amount: each.amount * BigInt(times) }];
  });
  return {
    ...{ agreement: slug('terms'), version: 1, terms },
    budget: {
      ...{ fund: fundOf(fund), year: YEAR, pot: potOf(pot) },
      ...{ recognition, funder: slug('tnlcf') },
    },
    commitment: { amount: components.reduce((all, { amount }) => all + amount, 0n), components },
  };
}

/** As the decider numbers them: a number is free until its session is held or missed. */
function numbered({ sessions, planned }: PrescriptionPlan) {
  let open = Array.from({ length: planned + 2 }, (_, index) => index + 1);
  return sessions.flatMap(([pick, outcome]) => {
    const number = open[pick % open.length];
    if (number === undefined) return [];
    if (outcome !== 'provider-logistics') open = open.filter((other) => other !== number);
    return [{ number, outcome }];
  });
}

function availableOf(witness: Auditor, anchor: Slug): Pence {
  return [...witness.books(anchor)]
    .filter(([account]) => account.includes(':available:'))
    .reduce((total, [, balance]) => total + balance, 0n);
}
