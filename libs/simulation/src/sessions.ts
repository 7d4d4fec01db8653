import type { Actor } from '#kernel';
import type { Case, Course } from './case.js';
import { endCourse, heardOf, reasonOf } from './course-ends.js';
import { addWorkingDays, dayAt, minuteOn, type Minute } from './days.js';
import { providerActor } from './finance.js';
import {
  ATTENDED,
  CAME_LATE,
  FIRST_SESSION_DAYS,
  MISSED,
  PROVIDER_CALLED_OFF,
  REGISTER_A_WEEK_LATE,
  REGISTER_SAME_DAY,
  REGISTER_WRONG,
  SESSION_EVERY_DAYS,
  STOPS_AFTER_SESSION,
} from './parameters.js';
import type { Offering } from './services.js';

type Held = Offering & { readonly sessions: number };

interface Run {
  readonly one: Case;
  readonly course: Course;
  readonly offering: Held;
  readonly register: Actor;
  /** Sessions that took a number, and all that were told of. */
  number: number;
  told: number;
  /** Called off by the provider: the next is held in its place. */
  calledOff?: string;
}

/** Session after session, until all planned ones were or the prescription ended. */
export function holdSessions(one: Case, course: Course, offering: Held, from: Minute): void {
  const register = providerActor(offering, one.area);
  const run: Run = { one, course, offering, register, number: 0, told: 0 };
  const wait = one.draws.whole(FIRST_SESSION_DAYS.from, FIRST_SESSION_DAYS.to);
  nextSession(run, minuteOn(dayAt(from) + wait, one.draws.whole(10 * 60, 16 * 60)));
}

function nextSession(run: Run, at: Minute): void {
  run.one.area.later(at, () => {
    if (!run.course.isLive) return undefined;
    hold(run, at);
    if (run.number >= run.offering.sessions) finish(run, at);
    else if (run.one.draws.chance(STOPS_AFTER_SESSION)) stop(run, at);
    else nextSession(run, at + minuteOn(SESSION_EVERY_DAYS, 0));
    return undefined;
  });
}

function hold(run: Run, at: Minute): void {
  const { draws } = run.one;
  const number = run.number + 1;
  const instead = run.calledOff === undefined ? {} : { insteadOf: run.calledOff };
  run.told += 1;
  const session = `${run.course.id}-s${run.told}`;
  const data = { session, number, ...instead };
  if (draws.chance(PROVIDER_CALLED_OFF)) {
    run.calledOff = session;
    write(run, at, 'RecordMissed', { ...data, class: 'provider-logistics' });
    return;
  }
  run.number = number;
  delete run.calledOff;
  if (!draws.chance(ATTENDED)) {
    const missedClass = draws.weighted(MISSED);
    const said = missedClass === 'not-stated' ? {} : { class: missedClass };
    write(run, at, 'RecordMissed', { ...data, ...said });
    return;
  }
  const late = draws.chance(CAME_LATE);
  const told = write(run, at, 'RecordAttendance', { ...data, ...(late && { late }) });
  if (draws.chance(REGISTER_WRONG)) correct(run, at, told, data);
}

/** The person was not there after all: what was written is voided, and the session told anew. */
function correct(run: Run, at: Minute, corrects: string, data: { readonly number: number }): void {
  const { one, course } = run;
  const found = minuteOn(addWorkingDays(dayAt(course.writtenAt), 2), 11 * 60);
  one.area.later(found, () => {
    write(run, found, 'CorrectEntry', { corrects, kind: 'void', reasonCode: 'wrong-outcome' });
    run.told += 1;
    const session = `${course.id}-s${run.told}`;
    write(run, at, 'RecordMissed', { ...data, session });
    return undefined;
  });
}

/** By the provider, on the day, soon after it, or with the week's papers. The line's id. */
function write(run: Run, at: Minute, command: string, data: Record<string, unknown>): string {
  const { one, course, register: actor } = run;
  const id = one.nextId();
  course.writtenAt = Math.max(registerWritten(one, at), course.writtenAt + 1);
  const named = command === 'CorrectEntry' ? {} : { prescription: course.id };
  const told = { id, command, on: dayAt(at), actor };
  one.area.write(course.writtenAt, {
    ...told,
    data: { referral: one.referral, ...named, ...data },
  });
  return id;
}

function registerWritten({ draws }: Case, at: Minute): Minute {
  const day = dayAt(at);
  if (draws.chance(REGISTER_A_WEEK_LATE)) return minuteOn(day + 7, draws.whole(9 * 60, 17 * 60));
  if (draws.chance(REGISTER_SAME_DAY)) return at + draws.whole(70, 180);
  return minuteOn(addWorkingDays(day, 1), draws.whole(9 * 60, 12 * 60));
}

function finish({ one, course }: Run, held: Minute): void {
  const at = heardOf(one, held);
  one.area.later(at, () => {
    endCourse(one, course, at, 'CompletePrescription', {});
  });
}

function stop({ one, course }: Run, held: Minute): void {
  const at = heardOf(one, held);
  one.area.later(at, () => {
    endCourse(one, course, at, 'RecordDropOut', reasonOf(one.draws));
  });
}
