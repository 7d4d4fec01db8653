import type { EventId } from '#kernel';
import type { Correction, Prescription, Referral } from '#referral';

/** Whether the deciders could have let it come to this: what contradicts itself is refused. */
export function stands({ prescriptions, corrections }: Referral): boolean {
  return (
    prescriptions.every(sessionsFit) &&
    prescriptions.every(outcomesFit) &&
    correctedOnce(corrections)
  );
}

function sessionsFit({ sessions, prescribedOn, endedOn }: Prescription): boolean {
  const numbers = sessions
    .filter(({ outcome, makeUp }) => outcome !== 'provider-logistics' && makeUp !== true)
    .map(({ number }) => number);
  return (
    new Set(numbers).size === numbers.length &&
    sessions.every(({ on }) => on >= prescribedOn && (endedOn === undefined || on <= endedOn)) &&
    (endedOn === undefined || endedOn >= prescribedOn)
  );
}

function outcomesFit({ outcomes }: Prescription): boolean {
  const met = outcomes.filter((outcome) => outcome.met).map(({ component }) => component);
  return new Set(met).size === met.length;
}

function correctedOnce(corrections: readonly Correction[]): boolean {
  const standing = corrections.filter(({ event }) => !isVoided(corrections, event));
  const corrected = standing.map(({ corrects }) => corrects);
  return new Set(corrected).size === corrected.length;
}

function isVoided(corrections: readonly Correction[], event: EventId): boolean {
  return corrections.some((one) => one.corrects === event && !isVoided(corrections, one.event));
}
