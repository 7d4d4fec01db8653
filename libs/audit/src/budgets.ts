import { formatPence, type EventId, type Pence, type Slug } from '#kernel';
import { budgetStream, reservationId, type FundingFact, type FundingFactOf } from '#funding';
import type { Priced, ReferralFact, ReferralFactOf, Reservation } from '#referral';

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
}

/**
 * The budgets as their own streams tell them, event by event: what is free, and whether every
 * reservation, release and drawing is the one that a referral's fact asks for.
 */
export class Budgets {
  readonly overdrawn: string[] = [];
  readonly findings: string[] = [];
  private readonly free = new Map<string, Pence>();
  /** Neither prescribed nor given back. */
  private readonly open = new Map<EventId, Reserved>();
  /** Prescriptions that were prescribed or abandoned: both once and for ever. */
  private readonly settled = new Set<string>();
  private readonly abandoned = new Map<string, Movement>();
  private readonly told = new Map<string, Movement>();

  /** In log order. */
  hear(fact: FundingFact | ReferralFact, stream: string): void {
    const anchor = fact.metadata.anchor ?? ('' as Slug);
    switch (fact.type) {
      case 'BudgetOpened':
        for (const { pot, amount } of fact.data.pots) {
          this.free.set(potKey(anchor, { ...fact.data, pot }), amount);
        }
        return;
      case 'FundsReserved':
        this.reserve(fact, anchor);
        return;
      case 'Prescribed':
        this.prescribe(fact, anchor, stream);
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
        return;
    }
  }

  pots(): ReadonlyMap<string, Pence> {
    return this.free;
  }

  /**
   * Holds what the budgets were told against what the ledger moved: each movement is told at most
   * once, to the penny, and nothing else is told. Answers what was not told yet.
   */
  against(moved: readonly Movement[]): { findings: string[]; underWay: UnderWay[] } {
    const findings = [...this.findings];
    const due = new Map(this.abandoned);
    for (const movement of moved) due.set(movementKey(movement), movement);
    for (const [key, { pot, amount, because }] of this.told) {
      const asked = due.get(key);
      if (asked?.amount !== amount || asked.pot !== pot) {
        const by = asked === undefined ? 'nothing' : formatPence(asked.amount);
        findings.push(`${pot} was told of ${formatPence(amount)} by ${because}, which moved ${by}`);
      }
      due.delete(key);
    }
    const moves = [...due.values()].map((movement): UnderWay => ({ ...movement, kind: 'move' }));
    const reserved = [...this.open.values()].map(({ referral: _, ...movement }): UnderWay => ({
      ...movement,
      kind: 'reservation',
    }));
    return { findings, underWay: [...reserved, ...moves] };
  }

  private reserve({ id, data }: FundingFactOf<'FundsReserved'>, anchor: Slug): void {
    const { amount, prescription, referral } = data;
    const pot = potKey(anchor, data);
    if (this.change(pot, -amount) < 0n) {
      this.overdrawn.push(`event ${id} took ${pot} to ${formatPence(this.free.get(pot) ?? 0n)}`);
    }
    this.open.set(id, { pot, because: id, prescription, amount, referral: `referral-${referral}` });
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
    const reserved = reservationId(metadata.commandId, budgetStream(anchor, fund, year));
    this.close(reserved, `Prescribed ${id}`, reservationOf(priced), anchor, stream, prescription);
  }

  private abandon(
    { id, data }: ReferralFactOf<'PrescriptionAbandoned'>,
    anchor: Slug,
    stream: string,
  ): void {
    const { prescription, reservation, because } = data;
    this.settled.add(`${stream} ${prescription}`);
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
      const final = this.settled.has(`${reserved.referral} ${prescription}`);
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

function reservationOf({ budget, commitment }: Priced): Reservation {
  const { fund, year, pot } = budget;
  return { fund, year, pot, amount: commitment.amount };
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
