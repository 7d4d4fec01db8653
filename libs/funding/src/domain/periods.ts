import {
  firstDayOf,
  inTheFuture,
  lastDayOf,
  monthOf,
  nextMonth,
  refuse,
  type CivilDate,
  type Decision,
  type EventId,
  type Moment,
  type Month,
  type Pence,
  type Refusal,
  type Slug,
} from '#kernel';
import type { FundingEvent, FundingEventOf, FundingFact } from './events.js';

/** The months of an anchor's books, by the facts of its `books` stream. */
export interface Books {
  readonly closed: readonly { readonly month: Month; readonly on: CivilDate }[];
  /** Cut off and not signed yet. */
  readonly cutOff?: { readonly month: Month; readonly event: EventId };
}

export const noCloses: Books = { closed: [] };

/** Total: other facts of money change nothing here. */
export function evolveBooks(books: Books, fact: FundingFact): Books {
  if (fact.type === 'PeriodCutOff') {
    return { ...books, cutOff: { month: fact.data.month, event: fact.id } };
  }
  if (fact.type !== 'PeriodClosed') return books;
  const { month } = fact.data;
  return { closed: [...books.closed, { month, on: fact.metadata.occurredOn }] };
}

/**
 * The day on which the books carry what happened on a day: that day while its month is open, else
 * the day it was recorded, and never a day of a month that was cut off.
 */
export function postedOn(
  occurred: CivilDate,
  recorded: CivilDate,
  cutOff: Month | null,
): CivilDate {
  if (cutOff === null || monthOf(occurred) > cutOff) return occurred;
  const open = firstDayOf(nextMonth(cutOff));
  return recorded > open ? recorded : open;
}

export interface Closing {
  readonly anchor: Slug;
  readonly month: Month;
  /** The first month in which the books carry anything; `null` where they carry nothing. */
  readonly first: Month | null;
}

/** The first of two steps: from its place in the log on, what is learned is posted forward. */
export function cutOff(books: Books, closing: Closing, moment: Moment): Decision<FundingEvent> {
  const { month } = closing;
  const refused = mayNotClose(books, closing, moment);
  if (refused !== null) return refused;
  // Somebody was cut off between the two steps: only the second is left to do.
  if (books.cutOff !== undefined) return [];
  return [{ type: 'PeriodCutOff', data: { month } }];
}

export function mayNotClose(
  books: Books,
  { anchor, month, first }: Closing,
  moment: Moment,
): Refusal | null {
  if (moment.actor.organisation !== anchor) {
    const who = moment.actor.organisation;
    return refuse('not-your-books', `${who} cannot do this in ${anchor}'s books.`, {
      field: 'actor.organisation',
    });
  }
  return (
    inTheFuture(moment) ??
    notOver(month, moment.today) ??
    closedAlready(books, anchor, month) ??
    outOfTurn(books, { anchor, month, first })
  );
}

function notOver(month: Month, today: CivilDate): Refusal | null {
  if (today > lastDayOf(month)) return null;
  return refuse(
    'month-not-over',
    `${month} is not over on ${today}: close it from ${firstDayOf(nextMonth(month))} on.`,
    { field: 'month', data: { month, today } },
  );
}

function closedAlready({ closed }: Books, anchor: Slug, month: Month): Refusal | null {
  const found = closed.find((each) => each.month === month);
  if (found === undefined) return null;
  return refuse(
    'month-closed',
    `${anchor} closed ${month} on ${found.on}: what is learned of it since is posted forward, ` +
      `and shown by "wayledger changes --anchor ${anchor} --period ${month}".`,
    { field: 'month', data: { month, closedOn: found.on } },
  );
}

/** Months close one after the other, without a gap. */
function outOfTurn(books: Books, { anchor, month, first }: Closing): Refusal | null {
  const last = books.closed.at(-1)?.month;
  const next = books.cutOff?.month ?? (last === undefined ? first : nextMonth(last));
  if (next === month) return null;
  if (next === null) {
    return refuse('no-books', `${anchor} has no books yet: there is nothing to close.`, {
      field: 'month',
    });
  }
  const why =
    month > next
      ? `${next} is not closed yet, and months close in order: close ${next} first.`
      : last === undefined
        ? `${anchor}'s books begin in ${next}: in ${month} there is nothing to close.`
        : `${anchor} has closed ${closedMonths(books)} already, and months close in order: ` +
          `${month} can no longer be closed, and ${next} is next.`;
  return refuse('month-out-of-turn', why, { field: 'month', data: { month, next } });
}

/** They have no gap. */
function closedMonths({ closed }: Books): string {
  const months = closed.map(({ month }) => month);
  const [first, last] = [months.at(0), months.at(-1)];
  return first === last ? `${first}` : `${first} to ${last}`;
}

/** What is signed of a month: summed where there are as many accounts as prescriptions. */
export interface TrialBalance {
  readonly lines: readonly { readonly account: string; readonly balance: Pence }[];
  /** How many accounts the hash is over. */
  readonly accounts: number;
  readonly hash: string;
}

/** The second step: what the books carry up to the month's last day, signed. */
export function sign(
  month: Month,
  { lines, accounts, hash }: TrialBalance,
  closedBy: string,
): FundingEventOf<'PeriodClosed'> {
  const trialBalance = lines.map(({ account, balance }) => ({ account, balance }));
  return { type: 'PeriodClosed', data: { month, trialBalance, accounts, hash, closedBy } };
}
