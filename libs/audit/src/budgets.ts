import { formatPence, type EventId, type Pence, type Slug } from '#kernel';
import { budgetStream, reservationId, type FundingFact, type FundingFactOf } from '#funding';
import type { ReferralFact, ReferralFactOf, Reservation } from '#referral';

/** What moved in (positive) or out of the free money of a pot, because of one fact. */
export interface Movement {
  readonly pot: string;
  readonly because: string;
  readonly prescription: string;
  readonly amount: Pence;
}

/** What the budgets and the ledger may differ by: on its way from one to the other. */
export interface UnderWay extends Movement {
  readonly kind: 'reservation' | 'move';
}

interface Reserved extends Movement {
  readonly referral: string;
  readonly correction?: EventId;
}

/** A prescription and the pot that pays for it, by the fact that prescribed it. */
interface Own {
  readonly prescription: string;
  readonly pot: string;
}

/**
 * The budgets as their own streams tell them, event by event: what is free, and whether every
 * reservation, release and drawing is the one that a referral's fact asks for.
 */
export class Budgets {
  readonly overdrawn: string[] = [];
  readonly findings: string[] = [];
  private readonly free = new Map<string, Pence>();
  /** Neither used nor given back. */
  private readonly open = new Map<EventId, Reserved>();
  /** Used by the fact they were made for. */
  private readonly used = new Map<string, Movement>();
  private readonly prescribed = new Map<string, Own>();
  /** Prescriptions that were prescribed, corrections that were made: once and for ever. */
  private readonly settled = new Set<string>();
  private readonly abandoned = new Map<string, Movement>();
  private readonly told = new Map<string, Movement>();

  /** In log order. */
  hear(fact: FundingFact | ReferralFact, stream: string): void {
    const anchor = fact.metadata.anchor ?? ('' as Slug);
    switch (fact.type) {
      case 'FundsReserved':
        this.reserve(fact, anchor);
        return;
      case 'Prescribed':
        this.prescribe(fact, anchor, stream);
        return;
      case 'EntryCorrected':
        this.settled.add(fact.id);
        for (const [id, reserved] of this.open) {
          if (reserved.correction === fact.id) this.use(id, fact.id);
        }
        return;
      case 'PrescriptionAbandoned':
        this.abandon(fact, anchor, stream);
        return;
      case 'FundsReleased':
        this.tell(fact, anchor, fact.data.amount);
        return;
      case 'FundsDrawn':
        this.tell(fact, anchor, -fact.data.amount);
        return;
      default:
        for (const { pot, amount } of ownMoves(fact)) this.change(`${anchor} ${pot}`, amount);
    }
  }

  pots(): ReadonlyMap<string, Pence> {
    return this.free;
  }

  /**
   * Holds what the budgets were told against what the ledger moved: each movement is told at most
   * once, to the penny, and nothing else is told; what was reserved for a fact is what it drew.
   * Answers what was not told yet.
   */
  against(moved: readonly Movement[]): { findings: string[]; underWay: UnderWay[] } {
    const findings = [...this.findings];
    const due = new Map(this.abandoned);
    for (const movement of moved) this.add(due, movement);
    for (const [key, reserved] of this.used) {
      const drew = due.get(key)?.amount ?? 0n;
      due.delete(key);
      if (drew === -reserved.amount) continue;
      const { pot, amount, because } = reserved;
      findings.push(
        `${pot} held ${formatPence(amount)} for ${because}: ${formatPence(drew)} moved`,
      );
    }
    for (const [key, { because, amount }] of due) {
      if (!this.prescribed.has(because) || amount >= 0n) continue;
      findings.push(`Prescribed ${because} has no reservation of ${formatPence(-amount)}`);
      due.delete(key);
    }
    for (const [key, { pot, amount, because }] of this.told) {
      const asked = due.get(key);
      if (asked?.amount !== amount || asked.pot !== pot) {
        const by = asked === undefined ? 'nothing' : formatPence(asked.amount);
        findings.push(`${pot} was told of ${formatPence(amount)} by ${because}, which moved ${by}`);
      }
      due.delete(key);
    }
    const moves = [...due.values()].map((movement): UnderWay => ({ ...movement, kind: 'move' }));
    const reserved = [...this.open.values()].map(
      ({ referral: _referral, correction: _correction, ...movement }): UnderWay => ({
        ...movement,
        kind: 'reservation',
      }),
    );
    return { findings, underWay: [...reserved, ...moves] };
  }

  /** What continues another is one with it, in their pot. */
  private add(due: Map<string, Movement>, movement: Movement): void {
    const own = this.prescribed.get(movement.because);
    const of = own?.pot === movement.pot ? { ...movement, ...own } : movement;
    const amount = (due.get(movementKey(of))?.amount ?? 0n) + of.amount;
    if (amount === 0n) due.delete(movementKey(of));
    else due.set(movementKey(of), { ...of, amount });
  }

  private reserve({ id, data }: FundingFactOf<'FundsReserved'>, anchor: Slug): void {
    const { amount, prescription, referral, correction } = data;
    const pot = potKey(anchor, data);
    if (this.change(pot, -amount) < 0n) {
      this.overdrawn.push(`event ${id} took ${pot} to ${formatPence(this.free.get(pot) ?? 0n)}`);
    }
    this.open.set(id, {
      ...{ pot, because: id, prescription, amount, referral: `referral-${referral}` },
      ...(correction && { correction }),
    });
  }

  private prescribe(
    { id, data, metadata }: ReferralFactOf<'Prescribed'>,
    anchor: Slug,
    stream: string,
  ): void {
    const { prescription, priced } = data;
    this.settled.add(`${stream} ${prescription}`);
    if (priced === undefined) return;
    const { fund, year } = priced.budget;
    this.prescribed.set(id, { prescription, pot: potKey(anchor, priced.budget) });
    this.use(reservationId(metadata.commandId, budgetStream(anchor, fund, year)), id);
  }

  /** Whether it was of the right amount, only the ledger can tell. */
  private use(reservation: EventId, by: EventId): void {
    const reserved = this.open.get(reservation);
    if (reserved === undefined) return;
    this.open.delete(reservation);
    const used = { ...reserved, because: by };
    this.used.set(movementKey(used), used);
  }

  private abandon(
    { id, data }: ReferralFactOf<'PrescriptionAbandoned'>,
    anchor: Slug,
    stream: string,
  ): void {
    const { prescription, reservation, because } = data;
    const what = `PrescriptionAbandoned ${id}`;
    this.close(because, what, reservation, anchor, stream, prescription);
    const { amount } = reservation;
    const movement = { pot: potKey(anchor, reservation), because: id, prescription, amount };
    this.abandoned.set(movementKey(movement), movement);
  }

  private close(
    id: EventId,
    what: string,
    { amount, ...place }: Reservation,
    anchor: Slug,
    stream: string,
    prescription: string,
  ): void {
    const reserved = this.open.get(id);
    this.open.delete(id);
    const same =
      reserved?.referral === stream &&
      reserved.prescription === prescription &&
      reserved.amount === amount &&
      reserved.pot === potKey(anchor, place);
    if (!same) this.findings.push(`${what} has no reservation of ${formatPence(amount)}`);
  }

  private tell(
    { id, data }: FundingFactOf<'FundsReleased' | 'FundsDrawn'>,
    anchor: Slug,
    amount: Pence,
  ): void {
    const { because, prescription } = data;
    const movement = { pot: potKey(anchor, data), because, prescription, amount };
    this.change(movement.pot, amount);
    const reserved = this.open.get(because);
    if (reserved !== undefined) {
      // Given back because another command had settled the prescription.
      this.open.delete(because);
      const final = this.settled.has(reserved.correction ?? `${reserved.referral} ${prescription}`);
      const same = reserved.amount === amount && reserved.prescription === prescription;
      if (!final || !same || reserved.pot !== movement.pot) {
        this.findings.push(`event ${id} gives back what ${because} still holds`);
      }
      return;
    }
    const key = movementKey(movement);
    if (this.told.has(key)) this.findings.push(`event ${id} tells of ${because} a second time`);
    this.told.set(key, movement);
  }

  private change(pot: string, by: Pence): Pence {
    const free = (this.free.get(pot) ?? 0n) + by;
    this.free.set(pot, free);
    return free;
  }
}

/** What spending that is not of a referral takes from the pots of its own budget, or gives. */
function ownMoves(fact: FundingFact | ReferralFact): { pot: string; amount: Pence }[] {
  switch (fact.type) {
    case 'BudgetOpened':
      return fact.data.pots.map(({ pot, amount }) => moveOn(fact.data, pot, amount));
    case 'BudgetChanged':
      return fact.data.changes.map(({ pot, amount }) => moveOn(fact.data, pot, amount));
    case 'VirementApproved': {
      const { from, to, amount } = fact.data;
      return [moveOn(fact.data, from, -amount), moveOn(fact.data, to, amount)];
    }
    case 'FundsRecalled':
    case 'TrainingBought':
      return [moveOn(fact.data, fact.data.pot, -fact.data.amount)];
    case 'CapacityAwarded':
      return fact.data.milestones.map(({ amount }) => moveOn(fact.data, fact.data.pot, -amount));
    case 'OpeningBalanceRecorded':
      return fact.data.consumed.map(({ pot, amount }) => moveOn(fact.data, pot, -amount));
    default:
      return [];
  }
}

function moveOn({ fund, year }: { fund: Slug; year: number }, pot: Slug, amount: Pence) {
  return { pot: `${fund} ${year} ${pot}`, amount };
}

function movementKey({ because, prescription }: Movement): string {
  return `${because} ${prescription}`;
}

export function potKey(
  anchor: Slug,
  { fund, year, pot }: { readonly fund: Slug; readonly year: number; readonly pot: Slug },
): string {
  return `${anchor} ${fund} ${year} ${pot}`;
}
