import { addDays, type CivilDate, type PrescriptionId, type Slug } from '#kernel';
import type { Scheme } from './scheme.js';
import { isLive, type Prescription, type Referral } from './state.js';
import type { ComponentOf } from './terms.js';

/** What falls due by itself when its day is over: nobody has to do anything for it. */
export type Due =
  | { readonly what: 'place'; readonly prescription: PrescriptionId; readonly on: CivilDate }
  | {
      readonly what: 'outcome';
      readonly prescription: PrescriptionId;
      readonly component: Slug;
      readonly on: CivilDate;
    }
  /** From this day on nothing was heard; after how many days that counts, the scheme says. */
  | { readonly what: 'quiet'; readonly on: CivilDate };

/** All that will fall due of a referral if nothing more happens. */
export function dueOf(referral: Referral): Due[] {
  return [...referral.prescriptions.flatMap(dueOfPrescription), ...quiet(referral)];
}

/** Of that, what may not be the same before and after a fact. */
export function dueOfChanged(before: Referral, after: Referral): { was: Due[]; is: Due[] } {
  const [was, is] = [quiet(before), quiet(after)];
  // Most facts are of no prescription.
  if (before.prescriptions === after.prescriptions) return { was, is };
  const changed = (one: Referral, other: Referral) =>
    one.prescriptions.filter((prescription) => !other.prescriptions.includes(prescription));
  return {
    was: [...changed(before, after).flatMap(dueOfPrescription), ...was],
    is: [...changed(after, before).flatMap(dueOfPrescription), ...is],
  };
}

function dueOfPrescription(prescription: Prescription): Due[] {
  const place = placeDue(prescription);
  const outcomes = openOutcomes(prescription).map(({ component, windowEnd: on }): Due => {
    return { what: 'outcome', prescription: prescription.prescription, component, on };
  });
  if (place === undefined) return outcomes;
  return [{ what: 'place', prescription: prescription.prescription, on: place }, ...outcomes];
}

function quiet(referral: Referral): Due[] {
  const since = quietSince(referral);
  return since === undefined ? [] : [{ what: 'quiet', on: since }];
}

/** The last day of an offered place that nobody took up; a missed session was still heard of. */
export function placeDue({ status, placeLapsesOn, sessions }: Prescription): CivilDate | undefined {
  if (status !== 'placed' || placeLapsesOn === undefined) return undefined;
  return sessions.reduce((day, { on }) => (on > day ? on : day), placeLapsesOn);
}

export interface OpenOutcome {
  readonly component: Slug;
  readonly windowEnd: CivilDate;
}

/** The outcomes with a window that may still be met, each with the window's last day. */
export function openOutcomes(prescription: Prescription): OpenOutcome[] {
  return outcomesOf(prescription).flatMap((term) => {
    const windowEnd = windowEndOf(prescription, term);
    if (windowEnd === undefined || !isOpen(prescription, term)) return [];
    return [{ component: term.component, windowEnd }];
  });
}

export function outcomesOf({ priced }: Prescription): ComponentOf<'outcome-met'>[] {
  return (priced?.terms.components ?? []).filter((term) => term.trigger === 'outcome-met');
}

export function windowEndOf(
  { prescribedOn }: Prescription,
  { outcome }: ComponentOf<'outcome-met'>,
): CivilDate | undefined {
  return outcome && addDays(prescribedOn, outcome.windowDays);
}

/** Neither met nor lapsed, of a prescription whose end left its money where it was. */
function isOpen(
  prescription: Prescription,
  { component, survives }: ComponentOf<'outcome-met'>,
): boolean {
  const { status, outcomes, lapsed } = prescription;
  if (outcomes.some((outcome) => outcome.component === component && outcome.met)) return false;
  if (lapsed.some((outcome) => outcome.component === component)) return false;
  if (isLive(prescription) || status === 'completed') return true;
  return (survives ?? []).some((end) => end === status);
}

function quietSince(referral: Referral): CivilDate | undefined {
  if (referral.endedOn !== undefined || referral.prescriptions.some(isLive)) return undefined;
  return referral.lastFactOn;
}

/** The last day on which something would have to happen; none where the scheme waits for ever. */
export function quietUntil(since: CivilDate, { clocks }: Scheme): CivilDate | undefined {
  return clocks.quietDays === undefined ? undefined : addDays(since, clocks.quietDays);
}
