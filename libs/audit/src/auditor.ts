import { addMonths, dayOf, monthOf, type CivilDate, type Month, type Pence } from '#kernel';
import type { EventId, Slug } from '#kernel';
import type { FundingFact } from '#funding';
import type { ReferralFact } from '#referral';
import { Case, type Move } from './model/case.js';
import { otherMoney } from './model/other-money.js';

/** Debits positive, by account path. */
export type Books = ReadonlyMap<string, Pence>;

/** What one fact moved on one account: on which day, and on which day the books carry it. */
export interface DatedMove {
  readonly anchor: Slug;
  readonly event: EventId;
  readonly account: string;
  readonly amount: Pence;
  readonly occurred: CivilDate;
  readonly posted: CivilDate;
}

/**
 * A second, naive model of the books. It posts nothing: it collects what happened, works out by
 * plain sums what every balance must be, and what each fact moved as the difference it made. It
 * shares no code with the ledger, so that the two can be held against each other.
 */
export class Auditor {
  private readonly cases = new Map<string, { anchor: Slug; of: Case }>();
  private readonly others = new Map<Slug, Map<string, Pence>>();
  private readonly closed = new Map<Slug, Month>();

  /** `onMove` is told the dates too, which the balances of now do not need. */
  constructor(private readonly onMove?: (move: DatedMove) => void) {}

  /** In log order; `stream` tells one referral from another. */
  hear(fact: ReferralFact | FundingFact, stream: string): void {
    const { anchor } = fact.metadata;
    if (anchor === undefined) return;
    if (fact.type === 'PeriodCutOff') this.closed.set(anchor, fact.data.month);
    else this.date(fact, anchor, this.moved(fact, stream, anchor));
  }

  anchors(): ReadonlySet<Slug> {
    return new Set([...this.others.keys(), ...[...this.cases.values()].map((one) => one.anchor)]);
  }

  /** What every account of an anchor must hold; accounts that must be zero may be absent. */
  books(anchor: Slug): Books {
    const books = new Map(this.others.get(anchor));
    for (const one of this.cases.values()) {
      if (one.anchor === anchor) addTo(books, one.of.holds());
    }
    return books;
  }

  /** Whether a prescription has not ended. */
  isLive(prescription: string): boolean {
    return [...this.cases.values()].some((one) => one.of.isLive(prescription));
  }

  private moved(fact: ReferralFact | FundingFact, stream: string, anchor: Slug): readonly Move[] {
    if (isOfReferral(fact)) {
      if (fact.type === 'Prescribed' && fact.data.priced && !this.cases.has(stream)) {
        this.cases.set(stream, { anchor, of: new Case() });
      }
      return this.cases.get(stream)?.of.hear(fact) ?? [];
    }
    const moves = otherMoney(fact);
    if (moves.length === 0) return moves;
    const books = this.others.get(anchor) ?? new Map<string, Pence>();
    addTo(books, moves);
    this.others.set(anchor, books);
    return moves;
  }

  private date(fact: ReferralFact | FundingFact, anchor: Slug, moves: readonly Move[]): void {
    if (this.onMove === undefined) return;
    const recorded = dayOf(fact.metadata.recordedAt);
    const last = this.closed.get(anchor);
    for (const { account, amount, day } of moves) {
      const posted = postingDay(day, recorded, last);
      this.onMove({ anchor, event: fact.id, account, amount, occurred: day, posted });
    }
  }
}

/** Into a month that is closed nothing is posted: it goes to the day it was learned, or after. */
function postingDay(day: CivilDate, recorded: CivilDate, closed: Month | undefined): CivilDate {
  if (closed === undefined || monthOf(day) > closed) return day;
  const open = addMonths(`${closed}-01` as CivilDate, 1);
  return recorded > open ? recorded : open;
}

function addTo(books: Map<string, Pence>, moves: readonly Move[]): void {
  for (const { account, amount } of moves) books.set(account, (books.get(account) ?? 0n) + amount);
}

/** Those that can move money; others of a referral never do. */
const OF_REFERRAL: ReadonlySet<string> = new Set<ReferralFact['type']>([
  'Prescribed',
  'PrescriptionDeclined',
  'PrescriptionCancelled',
  'PrescriptionCompleted',
  'PlaceLapsed',
  'DroppedOut',
  'Attended',
  'Missed',
  'PrescriptionRepriced',
  'OutcomeDetermined',
  'OutcomeLapsed',
  'EntryCorrected',
]);

function isOfReferral(fact: ReferralFact | FundingFact): fact is ReferralFact {
  return OF_REFERRAL.has(fact.type);
}
