import type { Case, Course } from './case.js';
import { dayAt, type Minute } from './days.js';
import { paymentFor, type Payment } from './finance.js';
import { REFUSALS } from './names.js';
import {
  FREE_ONE_COMPLETED,
  FREE_ONE_DAYS,
  MISTYPED,
  OFFER_REFUSED,
  PRESCRIPTION_DECLINED,
  REFUSAL_REASON_GIVEN,
} from './parameters.js';
import type { Offering } from './services.js';
import { endCourse, reasonOf } from './course-ends.js';
import { holdSessions } from './sessions.js';

/** Offers until one is taken up: refusing is allowed any number of times. */
export function offerAndPrescribe(one: Case, at: Minute): void {
  const { draws } = one;
  while (draws.chance(OFFER_REFUSED)) {
    const offer = offerOf(one, at, chosen(one));
    const reason = draws.chance(REFUSAL_REASON_GIVEN) ? draws.pick(REFUSALS) : undefined;
    one.tell(at, 'RefuseOffer', { offer, ...(reason && { reason }) });
  }
  const { offering, payment } = affordable(one, at);
  const offer = offerOf(one, at, offering);
  const course = prescribe(one, at, { offering, payment, offer });
  if (!draws.chance(MISTYPED)) return;
  endCourse(one, course, at, 'CancelPrescription', { by: 'anchor', reason: 'mistyped' });
  prescribe(one, at, affordable(one, at));
}

interface Taken {
  readonly offering: Offering;
  readonly payment: Payment | null;
  readonly offer?: string;
}

/** Where the money is used up, something that costs nothing is offered instead. */
function affordable(one: Case, at: Minute): Taken {
  const wanted = chosen(one);
  if (wanted.priced === undefined) return { offering: wanted, payment: null };
  const payment = paymentFor(one.area, wanted, at);
  if (payment !== null) return { offering: wanted, payment };
  return { offering: chosen(one, ({ priced }) => priced === undefined), payment: null };
}

function chosen(one: Case, isMeant: (offering: Offering) => boolean = () => true): Offering {
  const offerings = one.area.plan.offerings.filter(isMeant);
  const weights = Object.fromEntries(offerings.map(({ weight }, index) => [index, weight]));
  // The key is the index that it was made of.
  return offerings[Number(one.draws.weighted(weights))] as Offering;
}

function offerOf(one: Case, at: Minute, { service, provider }: Offering): string {
  one.offers += 1;
  const offer = `${one.referral}-o${one.offers}`;
  one.tell(at, 'Offer', { offer, service, provider });
  return offer;
}

/** A place is taken, or waited for, at the moment in which the prescription is written down. */
function prescribe(one: Case, at: Minute, { offering, payment, offer }: Taken): Course {
  const { service, provider, sessions, places } = offering;
  const id = one.nextId();
  const written = one.writeUp(at);
  const course = one.addCourse(written);
  const data = {
    ...{ referral: one.referral, prescription: course.id, ...(offer && { offer }) },
    ...{ service, provider, ...(sessions !== undefined && { plannedSessions: sessions }) },
    ...payment,
  };
  const told = { id, command: 'Prescribe', on: dayAt(at), actor: one.worker };
  one.area.later(written, () => {
    const begins = (from: Minute) => {
      begin(one, course, offering, from);
    };
    const waits = places !== undefined && !getsPlace(one, course, service, begins);
    if (!waits) begins(written);
    return { ...told, data: { ...data, ...(waits && { waitlist: true }) } };
  });
  return course;
}

/** Takes a place if there is one; else the person is offered one when their turn comes. */
function getsPlace(
  one: Case,
  course: Course,
  service: string,
  begins: (from: Minute) => void,
): boolean {
  const { area } = one;
  const queue = area.queueOf(service);
  const hasPlace = () => {
    course.leave = (at) => {
      queue.free();
      area.later(at + 1, () => queue.next(at + 1));
    };
  };
  if (queue.take()) {
    hasPlace();
    return true;
  }
  const offer = (at: Minute) => {
    hasPlace();
    begins(at);
    const data = { referral: one.referral, prescription: course.id };
    const told = { id: one.nextId(), command: 'OfferPlace', on: dayAt(at) };
    return { ...told, actor: area.coordinator, data };
  };
  queue.join({ isWaiting: () => course.isLive, offer });
  return false;
}

function begin(one: Case, course: Course, offering: Offering, from: Minute): void {
  const { draws } = one;
  if (draws.chance(PRESCRIPTION_DECLINED)) {
    const at = one.onWorkingDay(dayAt(from) + draws.whole(2, 4));
    const by = draws.pick(['person', 'provider']);
    one.area.later(at, () => {
      endCourse(one, course, at, 'DeclinePrescription', { by });
    });
    return;
  }
  if (offering.sessions !== undefined) {
    holdSessions(one, course, { ...offering, sessions: offering.sessions }, from);
    return;
  }
  const at = one.onWorkingDay(dayAt(from) + draws.whole(FREE_ONE_DAYS.from, FREE_ONE_DAYS.to));
  one.area.later(at, () => {
    if (draws.chance(FREE_ONE_COMPLETED)) endCourse(one, course, at, 'CompletePrescription', {});
    else endCourse(one, course, at, 'RecordDropOut', reasonOf(draws));
    return undefined;
  });
}
