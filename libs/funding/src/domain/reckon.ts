import { sum, type CivilDate, type Pence, type Slug } from '#kernel';
import {
  componentOf,
  sessionPrice,
  type Component,
  type ComponentOf,
  type EarlyEnd,
  type EndStatus,
  type Terms,
} from '#referral';
import type { Account, Category, Line } from './accounts.js';
import { available, committed, earned, netted } from './lines.js';
import type { Rule } from './postings.js';
import type { MoneyRecord, Part, PrescriptionMoney } from './prescription-money.js';

interface Item {
  readonly component: Slug;
  readonly amount: Pence;
  readonly category: Category;
  readonly rule: Rule;
}

/**
 * What a prescription earns and commits, record by record, from nothing but its records: there is
 * no running balance that could drift, and a corrected history is reckoned like any other.
 */
export function reckon(p: PrescriptionMoney, records: readonly MoneyRecord[]): readonly Part[] {
  const walk = new Walk(p, records);
  const parts = records.flatMap((record) => partsOf(p, record, walk));
  return parts.concat(minimumOf(p, records, walk, parts));
}

/** Of that, what the last record makes of a prescription that is not over with it either. */
export function reckonLast(p: PrescriptionMoney, records: readonly MoneyRecord[]): readonly Part[] {
  const walk = new Walk(p, records);
  for (const record of records.slice(0, -1)) walk.step(record);
  return records.slice(-1).flatMap((record) => partsOf(p, record, walk));
}

function partsOf(p: PrescriptionMoney, record: MoneyRecord, walk: Walk): Part[] {
  const { version } = walk.inForceOn(record.on);
  const part = { record: record.event, on: record.on, version };
  const isFirst = record.kind === 'prescribed';
  const before = isFirst ? whole(p) : walk.committed();
  const { items, rule } = walk.step(record);
  const made = entries(p, items, rule, changes(before, walk.committed()));
  const all = isFirst ? [{ rule: 'prescribed' as const, lines: commitment(p) }, ...made] : made;
  return all.map((each) => ({ ...part, ...each }));
}

type Amounts = ReadonlyMap<Slug, Pence>;

/** All of the commitment, before anything of it is earned. */
function whole({ priced }: PrescriptionMoney): Amounts {
  return new Map(priced.commitment.components.map(({ component, amount }) => [component, amount]));
}

function commitment(p: PrescriptionMoney): Line[] {
  const { components, amount } = p.priced.commitment;
  return [
    { account: available(p), amount },
    ...components.map(({ component, amount: part }): Line => {
      return { account: committed(p, component), amount: -part };
    }),
  ];
}

function changes(before: Amounts, after: Amounts): Map<Slug, Pence> {
  const changed = new Map<Slug, Pence>();
  for (const component of new Set([...before.keys(), ...after.keys()])) {
    const by = (after.get(component) ?? 0n) - (before.get(component) ?? 0n);
    if (by !== 0n) changed.set(component, by);
  }
  return changed;
}

/**
 * Each item takes what leaves its own component; what it needs beyond that, and what is left over
 * of it, comes from the pot and goes there.
 */
function entries(
  p: PrescriptionMoney,
  items: readonly Item[],
  rule: Rule,
  left: Map<Slug, Pence>,
): Pick<Part, 'rule' | 'lines'>[] {
  const made: Pick<Part, 'rule' | 'lines'>[] = [];
  for (const { component, amount, category, rule: own } of items) {
    const freed = left.get(component) ?? 0n;
    left.delete(component);
    // `freed` is negative: it leaves the commitment.
    const pot = { account: available(p), amount: freed + amount };
    const source = { account: committed(p, component), amount: -freed };
    const lines = pot.amount > 0n ? [source, pot] : [source];
    lines.push(...earned(p, amount, category));
    made.push({ rule: own, lines: netted(pot.amount > 0n ? lines : [...lines, pot]) });
  }
  if (left.size > 0) {
    const lines = [...left].map(([component, by]): Line => {
      return { account: committed(p, component), amount: -by };
    });
    lines.push({ account: available(p), amount: sum(left.values()) });
    made.push({ rule, lines: netted(lines) });
  }
  return made.filter(({ lines }) => lines.length > 0);
}

/**
 * What an early end still owes up to the agreed minimum. It counts what was earned in the end, so
 * that a session recorded late is not paid twice.
 */
function minimumOf(
  p: PrescriptionMoney,
  records: readonly MoneyRecord[],
  walk: Walk,
  parts: readonly Part[],
): Part[] {
  const end = records.find((record) => record.kind === 'end');
  if (end?.kind !== 'end') return [];
  const { terms, version } = walk.inForceOn(end.on);
  const minimum = componentOf(terms, 'drop-out-minimum');
  if (minimum === undefined || !includes(minimum.ends, end.status)) return [];
  const lines = parts.flatMap((part) => part.lines);
  const got = -sum(lines.flatMap(({ account, amount }) => (isEarned(account) ? amount : [])));
  if (got >= minimum.amount) return [];
  const amount = minimum.amount - got;
  const rule = 'drop-out-minimum';
  const made = [{ account: available(p), amount }, ...earned(p, amount, 'delivery')];
  return [{ record: end.event, on: end.on, rule, lines: made, version }];
}

const isEarned = (account: Account) =>
  account.head === 'consumed' && account.category !== 'outcomes';

function includes(ends: readonly EarlyEnd[], status: EndStatus): boolean {
  return (ends as readonly string[]).includes(status);
}

type InForce = Pick<PrescriptionMoney['priced'], 'version' | 'terms'>;

/** The prescription as it stands after each record. */
class Walk {
  /** The newest terms it was repriced to: what is still to come is committed at these. */
  private newest: Terms;
  private readonly versions: readonly (InForce & { readonly from: CivilDate })[];
  private readonly used = new Set<number>();
  private readonly paid = new Set<Slug>();
  private readonly lapsed = new Set<Slug>();
  private attended = 0;
  private fees = 0;
  private ended: EndStatus | undefined;

  constructor(
    private readonly p: PrescriptionMoney,
    records: readonly MoneyRecord[],
  ) {
    this.newest = p.priced.terms;
    this.versions = records.flatMap((record) =>
      record.kind === 'repriced'
        ? [{ from: record.on, version: record.version, terms: record.terms }]
        : [],
    );
  }

  /** The terms a day is paid by: the newest that were in force on it. */
  inForceOn(day: CivilDate): InForce {
    return this.versions.filter(({ from }) => from <= day).at(-1) ?? this.p.priced;
  }

  private termsOn(day: CivilDate): Terms {
    return this.inForceOn(day).terms;
  }

  step(record: MoneyRecord): { readonly items: readonly Item[]; readonly rule: Rule } {
    switch (record.kind) {
      case 'prescribed':
        return {
          items: this.triggered('prescribed', record.on, 'trigger-prescribed'),
          rule: 'prescribed',
        };
      case 'repriced':
        this.newest = record.terms;
        return { items: [], rule: 'repriced' };
      case 'session':
        return this.session(record);
      case 'outcome':
        return { items: this.outcome(record), rule: 'outcome-met' };
      case 'lapsed':
        this.lapsed.add(record.component);
        return { items: [], rule: 'outcome-lapsed' };
      case 'end':
        return this.end(record);
    }
  }

  /** What may still be earned, by component. */
  committed(): Amounts {
    const amounts = new Map<Slug, Pence>();
    for (const component of this.newest.components) {
      const amount = this.open(component);
      if (amount > 0n) amounts.set(component.component, amount);
    }
    return amounts;
  }

  private open(component: Component): Pence {
    const live = this.ended === undefined;
    switch (component.trigger) {
      case 'session-attended':
        return live ? this.sessionsLeft() : 0n;
      case 'nth-attendance':
      case 'completed':
        return live && !this.paid.has(component.component) ? component.amount : 0n;
      case 'outcome-met':
        return this.outcomeOpen(component) ? component.amount : 0n;
      case 'prescribed':
      case 'session-missed':
      case 'drop-out-minimum':
        return 0n;
    }
  }

  private sessionsLeft(): Pence {
    let left = 0n;
    for (let number = 1; number <= this.p.planned; number += 1) {
      if (!this.used.has(number)) left += sessionPrice(this.newest, this.p.planned, number);
    }
    return left;
  }

  private outcomeOpen({ component, survives = [] }: ComponentOf<'outcome-met'>): boolean {
    if (this.paid.has(component) || this.lapsed.has(component)) return false;
    return this.ended === undefined || this.ended === 'completed' || includes(survives, this.ended);
  }

  /**
   * The person did not come: the number is used up, the fee (while the terms still pay one) is
   * earned. Called off by the provider, or to be made up: nothing moves.
   */
  private session(record: Extract<MoneyRecord, { kind: 'session' }>): {
    readonly items: readonly Item[];
    readonly rule: Rule;
  } {
    const { number, outcome, makeUp, on } = record;
    const late = this.ended !== undefined;
    const terms = this.termsOn(on);
    const session = componentOf(terms, 'session-attended');
    const price = sessionPrice(terms, this.p.planned, number);
    if (outcome === 'attended') {
      const rule = late ? 'attended-late' : 'attended';
      this.used.add(number);
      this.attended += 1;
      const items: Item[] = [];
      if (session !== undefined && price > 0n) {
        items.push({ component: session.component, amount: price, category: 'delivery', rule });
      }
      return { items: [...items, ...this.nth(on)], rule };
    }
    const rule = late ? 'missed-late' : 'missed';
    if (outcome === 'provider-logistics' || makeUp === true) return { items: [], rule };
    this.used.add(number);
    const fee = componentOf(terms, 'session-missed');
    const isPaid =
      session !== undefined &&
      price > 0n &&
      fee !== undefined &&
      this.fees < fee.limit &&
      (fee.classes as readonly string[]).includes(outcome);
    if (!isPaid) return { items: [], rule };
    this.fees += 1;
    const { component } = session;
    return { items: [{ component, amount: fee.amount, category: 'noshow', rule }], rule };
  }

  private nth(on: CivilDate): Item[] {
    return this.termsOn(on).components.flatMap((component): Item[] => {
      if (component.trigger !== 'nth-attendance' || component.nth > this.attended) return [];
      return this.once(component, 'delivery', 'nth-attendance');
    });
  }

  private triggered(trigger: Component['trigger'], on: CivilDate, rule: Rule): Item[] {
    return this.termsOn(on).components.flatMap((component): Item[] =>
      component.trigger === trigger ? this.once(component, 'delivery', rule) : [],
    );
  }

  private outcome({ component: name, met, on }: Extract<MoneyRecord, { kind: 'outcome' }>): Item[] {
    if (!met) return [];
    return this.termsOn(on).components.flatMap((component): Item[] =>
      component.trigger === 'outcome-met' && component.component === name
        ? this.once(component, 'outcomes', 'outcome-met')
        : [],
    );
  }

  private once({ component, amount }: Component, category: Category, rule: Rule): Item[] {
    if (this.paid.has(component)) return [];
    this.paid.add(component);
    return [{ component, amount, category, rule }];
  }

  /** The first end counts. */
  private end({ status, on }: Extract<MoneyRecord, { kind: 'end' }>): {
    readonly items: readonly Item[];
    readonly rule: Rule;
  } {
    if (this.ended !== undefined) return { items: [], rule: status };
    this.ended = status;
    const items =
      status === 'completed' ? this.triggered('completed', on, 'trigger-completed') : [];
    return { items, rule: status };
  }
}
