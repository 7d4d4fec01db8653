import { daysBetween, type EventId } from '#kernel';
import { standingEnds } from './evolve-prescriptions.js';
import {
  PRESCRIPTION_STATUSES,
  type Prescription,
  type PrescriptionStatus,
  type Referral,
} from './state.js';
import { DECIDERS } from './words.js';

/**
 * How far a referral came, and the step that each is counted out of. Not one chain: somebody may be
 * spoken with and then say no, medium support goes without a link worker, and a course may be
 * completed of which nobody kept a register. So a step is part of its `of`, not of its neighbour.
 */
export const FUNNEL_STEPS = [
  { step: 'received', of: null },
  { step: 'accepted', of: 'received' },
  { step: 'seen', of: 'received' },
  { step: 'prescribed', of: 'accepted' },
  { step: 'attended', of: 'prescribed' },
  { step: 'completed', of: 'prescribed' },
] as const;
export type FunnelStep = (typeof FUNNEL_STEPS)[number]['step'];

/** The longest waits, in days, of the bands that waits for a first contact are counted in. */
export const WAIT_BANDS_DAYS = [7, 14, 28] as const;

/** A drop-out that stands; why is protected, and opened when it is asked for. */
export interface DropOut {
  readonly event: EventId;
  /** From the whole referral. */
  readonly whole: boolean;
}

/** One referral as a funnel counts it: nothing in it says who it is. */
export interface Way {
  readonly reached: readonly FunnelStep[];
  /** Who said no; absent where nobody did, or it was taken up again. */
  readonly declinedBy?: string;
  readonly open: boolean;
  /** From the day it was received to that of the first contact; absent where there was none. */
  readonly waitedDays?: number;
  readonly prescriptions: readonly PrescriptionStatus[];
  readonly dropOuts: readonly DropOut[];
}

export interface Funnel {
  readonly steps: readonly {
    readonly step: FunnelStep;
    readonly of: FunnelStep | null;
    /** Referrals. */
    readonly count: number;
  }[];
  /** Those that stand declined, by who said no. */
  readonly declined: Readonly<Record<(typeof DECIDERS)[number], number>>;
  /** Of those that stand declined. */
  readonly acceptedThenDeclined: number;
  /** Neither accepted nor declined. */
  readonly undecided: number;
  readonly firstContact: {
    /** Everybody who was seen is in one band; `null`: longer than all the others. */
    readonly bands: readonly { readonly days: number | null; readonly count: number }[];
    /** Of those seen, in days; of two in the middle, what lies between them. */
    readonly medianDays: number | null;
    /** Not seen, and not ended. */
    readonly waiting: number;
    /** Ended, and never seen. */
    readonly endedUnseen: number;
  };
  /** All that were made, each as it stands: one that somebody mistyped is `cancelled`. */
  readonly prescriptions: Readonly<Record<PrescriptionStatus, number>>;
  readonly dropOuts: {
    readonly fromPrescription: number;
    readonly fromReferral: number;
  };
}

export function wayOf(referral: Referral): Way {
  const { declinedBy, endedOn, firstContactOn, receivedOn, prescriptions } = referral;
  return {
    reached: FUNNEL_STEPS.filter(({ step }) => hasReached(referral, step)).map(({ step }) => step),
    ...(declinedBy !== undefined && { declinedBy }),
    open: endedOn === undefined,
    ...(firstContactOn && { waitedDays: daysBetween(receivedOn, firstContactOn) }),
    prescriptions: prescriptions.map(({ status }) => status),
    dropOuts: standingEnds(referral)
      .filter(({ status }) => status === 'dropped-out')
      .map(({ event, whole }) => ({ event, whole })),
  };
}

function hasReached(referral: Referral, step: FunnelStep): boolean {
  const given = referral.prescriptions.filter(isCounted);
  switch (step) {
    case 'received':
      return true;
    case 'accepted':
      return referral.acceptedBy.length > 0;
    case 'seen':
      return referral.firstContactOn !== undefined;
    case 'prescribed':
      return hasReached(referral, 'accepted') && given.length > 0;
    case 'attended':
      return hasReached(referral, 'prescribed') && given.some(isAttended);
    case 'completed':
      return (
        hasReached(referral, 'prescribed') && given.some(({ status }) => status === 'completed')
      );
  }
}

/** One that was called off before anybody came was a mistake, or never began. */
function isCounted(prescription: Prescription): boolean {
  return prescription.status !== 'cancelled' || isAttended(prescription);
}

function isAttended({ sessions }: Prescription): boolean {
  return sessions.some(({ outcome }) => outcome === 'attended');
}

export function funnelOf(ways: readonly Way[]): Funnel {
  const count = (is: (way: Way) => boolean) => ways.filter(is).length;
  const reached = (way: Way, step: FunnelStep) => way.reached.includes(step);
  const statuses = ways.flatMap(({ prescriptions }) => prescriptions);
  const dropOuts = ways.flatMap((way) => way.dropOuts);
  return {
    steps: FUNNEL_STEPS.map(({ step, of }) => {
      return { step, of, count: count((way) => reached(way, step)) };
    }),
    declined: counts(
      DECIDERS,
      ways.map(({ declinedBy }) => declinedBy),
    ),
    acceptedThenDeclined: count((way) => way.declinedBy !== undefined && reached(way, 'accepted')),
    undecided: count((way) => !reached(way, 'accepted') && way.declinedBy === undefined),
    firstContact: {
      ...waitsOf(
        ways.flatMap(({ waitedDays = null }) => (waitedDays === null ? [] : [waitedDays])),
      ),
      waiting: count((way) => way.open && !reached(way, 'seen')),
      endedUnseen: count((way) => !way.open && !reached(way, 'seen')),
    },
    prescriptions: counts(PRESCRIPTION_STATUSES, statuses),
    dropOuts: {
      fromPrescription: dropOuts.filter(({ whole }) => !whole).length,
      fromReferral: dropOuts.filter(({ whole }) => whole).length,
    },
  };
}

function waitsOf(days: readonly number[]): Pick<Funnel['firstContact'], 'bands' | 'medianDays'> {
  const longest = [...WAIT_BANDS_DAYS, null];
  const bandOf = (waited: number) => WAIT_BANDS_DAYS.find((band) => waited <= band) ?? null;
  return {
    bands: longest.map((band) => {
      return { days: band, count: days.filter((waited) => bandOf(waited) === band).length };
    }),
    medianDays: median(days),
  };
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return middle.length === 0 ? null : middle.reduce((sum, value) => sum + value) / middle.length;
}

/** How often each word occurs, those that do not too. */
function counts<W extends string>(
  words: readonly W[],
  given: readonly (string | undefined)[],
): Record<W, number> {
  const pairs = words.map((word) => [word, given.filter((one) => one === word).length] as const);
  return Object.fromEntries(pairs) as Record<W, number>; // Every word is a key.
}
