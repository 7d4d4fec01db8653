import type { Actor } from '#kernel';
import type { Area } from './area.js';
import { addWorkingDays, dayAt, minuteOn, workingDayFrom, type Minute } from './days.js';
import { WRITTEN_UP_SAME_DAY } from './parameters.js';
import type { Draws } from './random.js';

const WORK_BEGINS = 9 * 60;
const WORK_ENDS = 17 * 60;

/** One prescription on its way. */
export interface Course {
  readonly id: string;
  isLive: boolean;
  /** What is written of it comes in order. */
  writtenAt: Minute;
  /** Frees its place, where the service has only so many. */
  leave: (at: Minute) => void;
}

/** One referral from beginning to end, and what is known of it so far. */
export class Case {
  private lines = 0;
  /** What a link worker does is written up in the order in which it was done. */
  private writtenAt: Minute = 0;
  private readonly courses: Course[] = [];
  /** What follows when a prescription has ended. */
  courseEnded: (at: Minute) => void = () => undefined;
  contacts = 0;
  offers = 0;
  assessments = 0;
  linkWorker: string;
  letsReferrerKnow = false;
  /** Nothing more is begun. */
  hasEnded = false;

  constructor(
    readonly area: Area,
    readonly draws: Draws,
    readonly referral: string,
    /** Who referred, where an organisation did. */
    readonly referrer: string | undefined,
  ) {
    this.linkWorker = draws.pick(area.plan.linkWorkers);
  }

  get worker(): Actor {
    return this.area.own(this.linkWorker, 'link-worker');
  }

  get live(): Course[] {
    return this.courses.filter(({ isLive }) => isLive);
  }

  addCourse(writtenAt: Minute): Course {
    const id = `${this.referral}-p${this.courses.length + 1}`;
    const course: Course = { id, isLive: true, writtenAt, leave: () => undefined };
    this.courses.push(course);
    return course;
  }

  nextId(): string {
    this.lines += 1;
    return `${this.referral}-${this.lines}`;
  }

  /** Somebody else supports the person from now on. */
  reassign(at: Minute): void {
    const others = this.area.plan.linkWorkers.filter((worker) => worker !== this.linkWorker);
    const linkWorker = this.draws.pick(others);
    this.linkWorker = linkWorker;
    this.tell(at, 'AssignLinkWorker', { linkWorker }, { actor: this.area.coordinator });
  }

  /** At some time of a working day, that one or the next. */
  onWorkingDay(day: number): Minute {
    return minuteOn(workingDayFrom(day), this.draws.whole(WORK_BEGINS, WORK_ENDS - 60));
  }

  /** What happened now is written down: at once, or on the next working day. The line's id. */
  tell(
    happened: Minute,
    command: string,
    data: Readonly<Record<string, unknown>>,
    {
      actor = this.worker,
      then,
    }: { readonly actor?: Actor; readonly then?: (at: Minute) => void } = {},
  ): string {
    const id = this.nextId();
    const on = dayAt(happened);
    const told = { id, command, on, actor, data: { referral: this.referral, ...data } };
    this.area.write(this.writeUp(happened), told, then);
    return id;
  }

  /** When it is written up; never before what was done earlier. */
  writeUp(happened: Minute): Minute {
    const { draws } = this;
    const atOnce = happened + draws.whole(1, 10);
    const nextDay = addWorkingDays(dayAt(happened), 1);
    const candidate = draws.chance(WRITTEN_UP_SAME_DAY)
      ? atOnce
      : minuteOn(nextDay, draws.whole(WORK_BEGINS - 30, WORK_BEGINS + 60));
    this.writtenAt = Math.max(candidate, this.writtenAt + 1);
    return this.writtenAt;
  }
}
