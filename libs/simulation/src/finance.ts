import {
  firstDayOf,
  monthOf,
  nextMonth,
  type Actor,
  type CivilDate,
  type Month,
  type Slug,
} from '#kernel';
import type { Area } from './area.js';
import {
  FIRST_DAY,
  FIRST_YEAR,
  addWorkingDays,
  dateOf,
  dayAt,
  dayNumberOf,
  minuteOn,
  type DayNumber,
  type Minute,
} from './days.js';
import { MONTH_CLOSED_AFTER_DAYS } from './parameters.js';
import type { Offering, Priced } from './services.js';

const FUND = 'lottery' as Slug;
/** Pays for advice only, and when it is earned. */
const BOARD_FUND = 'health-board' as Slug;
/** Before anybody sees a person. */
const OPENS_AT = 8 * 60;
const CLOSES_AT = 16 * 60;
/** Days into a year. */
const AWARDED = 60;
const TRAINED = 130;
/** Days before the year in which new terms hold. */
const TERMS_AGREED_BEFORE = 30;
const MILESTONES = [150, 270] as const;

/** The organisations, services and agreements of an area, all on its first day. */
export function noteDirectory(area: Area): void {
  const { anchor, plan } = area;
  const on = 0;
  let at = minuteOn(on, 7 * 60);
  const note = (id: string, command: string, data: Readonly<Record<string, unknown>>) => {
    at += 1;
    area.write(at, { id: `${anchor}-${id}`, command, on, actor: area.finance, data });
  };
  const together = `${plan.place} Together`;
  note('anchor', 'RegisterOrganisation', {
    ...{ organisation: anchor, name: together, roles: ['anchor', 'provider'] },
  });
  for (const { slug, name } of plan.practices) {
    note(`org-${slug}`, 'RegisterOrganisation', {
      ...{ organisation: slug, name, roles: ['referrer'] },
    });
  }
  const providers = new Map(plan.offerings.map((each) => [each.provider, each.providerName]));
  providers.delete(anchor);
  for (const [organisation, name] of providers) {
    note(`org-${organisation}`, 'RegisterOrganisation', {
      ...{ organisation, name, roles: ['provider'] },
    });
  }
  for (const linkWorker of plan.linkWorkers) {
    note(`worker-${linkWorker}`, 'RegisterLinkWorker', { linkWorker, employer: anchor });
  }
  for (const { service, provider, serviceName } of plan.offerings) {
    note(`service-${service}`, 'RegisterService', { service, provider, name: serviceName });
  }
  for (const { service, provider, priced } of plan.offerings) {
    if (priced === undefined) continue;
    const { agreement, components } = priced;
    note(`sign-${agreement}`, 'SignAgreement', {
      ...{ agreement, payer: anchor, payee: provider, services: [service], components },
    });
  }
  for (const offering of plan.offerings) noteChanges(area, offering, at);
}

/** How many places there are, at first and later; and what is paid from the second year on. */
function noteChanges(area: Area, offering: Offering, opened: Minute): void {
  const { anchor, finance: actor } = area;
  const { service, provider, places, priced } = offering;
  const secondYear = dayNumberOf(startOf(FIRST_YEAR + 1));
  for (const [index, declared] of (places ?? []).entries()) {
    const at = index === 0 ? opened + 1 : minuteOn(secondYear, OPENS_AT);
    const id = `${anchor}-places-${service}-${index + 1}`;
    const data = { provider, service, places: declared };
    area.write(at, { id, command: 'DeclareCapacity', on: dayAt(at), actor, data }, () => {
      declare(area, service, at, declared);
    });
  }
  if (priced?.later === undefined) return;
  const { agreement, later: components } = priced;
  const agreedOn = addWorkingDays(secondYear - TERMS_AGREED_BEFORE, 0);
  const data = { agreement, payer: anchor, from: startOf(FIRST_YEAR + 1), components };
  const told = { id: `${agreement}-later`, command: 'ChangeTerms', on: agreedOn, actor, data };
  area.write(minuteOn(agreedOn, CLOSES_AT), told);
}

/** Whoever waits for a place is offered one of the new ones. */
function declare(area: Area, service: string, at: Minute, places: number): void {
  const queue = area.queueOf(service);
  for (let more = 1; more <= places - queue.declared; more += 1) {
    area.later(at + more, () => queue.next(at + more));
  }
  queue.declared = places;
}

/** Year after year: money received, its budget, an award for capacity, and training. */
export function noteYears(area: Area, year = FIRST_YEAR): void {
  const day = dayNumberOf(startOf(year));
  area.later(minuteOn(day, OPENS_AT), () => {
    noteYear(area, year, day);
    noteYears(area, year + 1);
    return undefined;
  });
}

function noteYear(area: Area, year: number, first: DayNumber): void {
  const { anchor, parameters, finance } = area;
  const { received, capacity, training } = parameters.money;
  const [prescribing, advice] = [potOf(area, 'prescribing', year), potOf(area, 'advice', year)];
  let at = minuteOn(first, OPENS_AT);
  const note = (id: string, command: string, data: Readonly<Record<string, unknown>>) => {
    at += 1;
    area.write(at, {
      ...{ id: `${anchor}-${id}-${year}`, command, on: first, actor: finance },
      data: { anchor, ...data },
    });
  };
  const instalment = year - FIRST_YEAR + 1;
  note('lottery', 'ReceiveFund', {
    ...{ fund: FUND, funder: 'lottery-fund', amount: received, instalment },
    restriction: `social prescribing in ${area.plan.place}`,
  });
  note('board', 'ReceiveFund', {
    ...{ fund: BOARD_FUND, funder: 'health-board', amount: advice, instalment },
    ...{ recognition: 'performance-related', purposes: ['prescribing'] },
  });
  note('budget', 'OpenBudget', {
    ...{ fund: FUND, year },
    pots: [
      { pot: 'prescribing', amount: prescribing },
      { pot: 'capacity', amount: capacity },
      { pot: 'training', amount: training },
    ],
  });
  note('board-budget', 'OpenBudget', {
    ...{ fund: BOARD_FUND, year },
    pots: [{ pot: 'advice', purpose: 'prescribing', amount: advice }],
  });
  noteAward(area, year, first);
}

/** Capacity of a small provider, in two milestones; and a day of training. */
function noteAward(area: Area, year: number, first: DayNumber): void {
  const { anchor, finance, parameters } = area;
  const [payee] = area.plan.offerings;
  const on = (days: number) => addWorkingDays(first + days, 0);
  const note = (days: number, id: string, command: string, data: object) => {
    const told = { id: `${anchor}-${id}-${year}`, command, on: on(days), actor: finance };
    area.write(minuteOn(on(days), CLOSES_AT), {
      ...told,
      data: { anchor, fund: FUND, year, ...data },
    });
  };
  const half = Math.round(parameters.money.capacity * 0.4);
  const award = `volunteers-${year}`;
  note(AWARDED, 'award', 'AwardCapacity', {
    ...{ pot: 'capacity', award, payee: payee?.provider ?? anchor },
    milestones: [
      { milestone: 'recruited', amount: half },
      { milestone: 'trained', amount: half },
    ],
  });
  note(MILESTONES[0], 'recruited', 'EvidenceMilestone', { award, milestone: 'recruited' });
  note(MILESTONES[1], 'trained', 'EvidenceMilestone', { award, milestone: 'trained' });
  note(TRAINED, 'training', 'BuyTraining', {
    ...{ pot: 'training', payee: anchor, amount: Math.round(parameters.money.training * 0.6) },
    what: 'a day on motivational conversations',
  });
}

/** Each month is closed some working days after its end, one after the other. */
export function noteCloses(area: Area, month: Month = monthOf(FIRST_DAY)): void {
  const after = dayNumberOf(firstDayOf(nextMonth(month)));
  const on = addWorkingDays(after, MONTH_CLOSED_AFTER_DAYS);
  const at = minuteOn(on, CLOSES_AT + 30);
  const { anchor, finance: actor } = area;
  const data = { anchor, month };
  area.write(
    at,
    { id: `${anchor}-close-${month}`, command: 'ClosePeriod', on, actor, data },
    () => {
      noteCloses(area, nextMonth(month));
    },
  );
}

/** The first day of a fund's year. */
const startOf = (year: number) => `${year}-${FIRST_DAY.slice(5)}` as CivilDate;

function potOf({ parameters }: Area, pot: Priced['pot'], year: number): number {
  const [firstYear, later] = parameters.money[pot];
  return year === FIRST_YEAR ? firstYear : later;
}

export interface Payment {
  readonly agreement: Slug;
  readonly fund: Slug;
  readonly year: number;
  readonly pot: string;
}

/**
 * From which pot a prescription of this day is paid; `null` once that has no room left. Reckoned as
 * if nothing were ever given back, so that no pot is asked for more than it has.
 */
export function paymentFor(area: Area, { priced }: Offering, at: Minute): Payment | null {
  if (priced === undefined) return null;
  const { agreement, pot, atMost } = priced;
  const date = dateOf(dayAt(at));
  const year = Number(date.slice(0, 4)) - (date.slice(5) < FIRST_DAY.slice(5) ? 1 : 0);
  if (!area.spend(`${pot} ${year}`, atMost, potOf(area, pot, year))) return null;
  return { agreement, fund: pot === 'advice' ? BOARD_FUND : FUND, year, pot };
}

export const providerActor = ({ provider }: Offering, area: Area): Actor =>
  provider === area.anchor
    ? area.coordinator
    : { id: 'register', role: 'provider', organisation: provider };
