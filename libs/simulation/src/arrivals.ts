import type { Actor } from '#kernel';
import type { Area } from './area.js';
import { Case } from './case.js';
import {
  addWorkingDays,
  dayAt,
  isWorkingDay,
  minuteOn,
  type DayNumber,
  type Minute,
} from './days.js';
import { DECLINES } from './names.js';
import {
  DECLINED,
  DECLINED_BY_ANCHOR,
  ENGAGED,
  FIRST_CONTACT_WAIT,
  OTHER_ROUTES,
  RAMP_DAYS,
  RAMP_FROM,
  TRIAGE_DAYS,
  TRIES,
  type Route,
} from './parameters.js';
import { personOf, PEOPLE_PER_AREA_MAX } from './people.js';
import type { Draws } from './random.js';
import { closeLater } from './ending.js';
import { beginSupport, tryInVain } from './support.js';
import { supportOf } from './support-meant.js';

const WORKING_DAYS_PER_YEAR = 261;
const REFERRED_FROM = 9 * 60;
const REFERRED_TO = 17 * 60;

/** Day after day, as many as there are; more as trust grows. */
export function noteArrivals(area: Area, day: DayNumber = 0): void {
  area.later(minuteOn(day, REFERRED_FROM), () => {
    if (isWorkingDay(day)) {
      const arrivals = area.draws.poisson(perDay(area, day));
      for (let each = 0; each < arrivals; each += 1) {
        const at = minuteOn(day, area.draws.whole(REFERRED_FROM, REFERRED_TO));
        // What becomes of one person changes nothing for the next.
        refer(area, at, area.draws.split());
      }
    }
    noteArrivals(area, day + 1);
    return undefined;
  });
}

function perDay({ plan, parameters }: Area, day: DayNumber): number {
  const ramp = Math.min(1, RAMP_FROM + ((1 - RAMP_FROM) * day) / RAMP_DAYS);
  const year = parameters.referralsPerPracticeAndYear * plan.practices.length;
  return (ramp * year) / WORKING_DAYS_PER_YEAR;
}

function refer(area: Area, at: Minute, draws: Draws): void {
  const { anchor, parameters } = area;
  if (area.people === PEOPLE_PER_AREA_MAX) return;
  area.people += 1;
  const number = String(area.people).padStart(4, '0');
  const route = routeOf(area, draws);
  const { referrer, actor } = referrerOf(area, route, dayAt(at), draws);
  const one = new Case(area, draws, `${anchor}-r${number}`, referrer);
  const person = personOf(area.index * PEOPLE_PER_AREA_MAX + area.people - 1, dayAt(at), draws);
  const { scheme, kind } = parameters;
  const data = {
    ...{ person: `${anchor}-person-${number}`, anchor, scheme, ...(kind && { kind }), route },
    ...(referrer && { referrer }),
    ...person,
  };
  one.tell(at, 'Refer', data, { actor });
  triage(one, at);
}

function routeOf({ plan }: Area, draws: Draws): Route {
  return draws.chance(plan.gpShare) ? 'gp' : draws.weighted(OTHER_ROUTES);
}

function referrerOf(
  area: Area,
  route: Route,
  day: DayNumber,
  draws: Draws,
): { readonly referrer?: string; readonly actor: Actor } {
  if (route !== 'gp' && route !== 'practice-staff') return { actor: area.coordinator };
  const { slug } = draws.pick(area.plan.practices.filter(({ from }) => from <= day));
  return { referrer: slug, actor: { id: 'reception', role: 'referrer', organisation: slug } };
}

/** The anchor looks at it, and most are for a link worker. */
function triage(one: Case, referred: Minute): void {
  const { draws, area } = one;
  const { from, to } = TRIAGE_DAYS;
  const at = one.onWorkingDay(addWorkingDays(dayAt(referred) + 1, draws.whole(from, to)));
  area.later(at, () => {
    const actor = area.coordinator;
    const isDeclined = draws.chance(DECLINED);
    if (isDeclined && draws.chance(DECLINED_BY_ANCHOR)) {
      one.tell(at, 'DeclineReferral', { by: 'anchor', reason: 'another service fits' }, { actor });
      return undefined;
    }
    one.tell(at, 'AcceptReferral', { by: 'anchor' }, { actor });
    one.tell(at, 'AssignLinkWorker', { linkWorker: one.linkWorker }, { actor });
    goOn(one, { referred, triaged: at, isDeclined });
    return undefined;
  });
}

interface Triaged {
  readonly referred: Minute;
  readonly triaged: Minute;
  readonly isDeclined: boolean;
}

/** The person says no, cannot be reached, or is supported. */
function goOn(one: Case, { referred, triaged, isDeclined }: Triaged): void {
  const { draws, area } = one;
  const wait = Math.round(draws.logNormal(FIRST_CONTACT_WAIT.medianDays, FIRST_CONTACT_WAIT.sigma));
  const day = Math.max(dayAt(referred) + wait, dayAt(triaged) + 1);
  const at = one.onWorkingDay(day);
  if (isDeclined) {
    area.later(at, () => {
      one.tell(at, 'DeclineReferral', { by: 'person', reason: draws.pick(DECLINES) });
      return undefined;
    });
    return;
  }
  // Of those who did not decline.
  if (draws.chance(ENGAGED / (1 - DECLINED)))
    beginSupport(one, supportOf(area.parameters, draws), at);
  else tryAgainAndAgain(one, at, draws.whole(TRIES.from, TRIES.to));
}

function tryAgainAndAgain(one: Case, at: Minute, left: number): void {
  one.area.later(at, () => {
    tryInVain(one, at);
    if (left > 1) {
      tryAgainAndAgain(one, one.onWorkingDay(dayAt(at) + TRIES.everyDays), left - 1);
    } else closeLater(one, at);
    return undefined;
  });
}
