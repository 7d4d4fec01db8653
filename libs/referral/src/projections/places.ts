import type { RecordedFact } from '#event-log';
import type { PlaceEvent } from '#directory';
import type { PrescriptionId, ReferralId } from '#kernel';
import type { Row, Rows, Table } from '#projection';
import type { ReferralEvent } from '../domain/events.js';
import { placesMoved } from '../domain/places.js';
import type { Referral, ReferralState } from '../domain/state.js';

/** How many places a service has, by the newest declaration. */
export const CAPACITY_TABLE: Table = {
  name: 'capacity',
  columns: { provider: 'text', service: 'text', places: 'integer' },
  key: ['provider', 'service'],
};

/**
 * Each prescription's place, as the referral says (`wants`) and as the places of the service say
 * (`holds`). Where the two differ something is under way, or was left out by a crash.
 */
export const PLACE_TABLE: Table = {
  name: 'place',
  columns: {
    prescription: 'text',
    referral: 'text',
    anchor: 'text',
    provider: 'text',
    service: 'text',
    /** Whether the referral knows it: taken and never prescribed, it is freed after a while. */
    prescribed: 'integer',
    wants: 'integer',
    holds: 'integer',
    /** `wants` is not `holds`. */
    unsettled: 'integer',
    /** Past the capacity, on purpose. */
    past: 'integer',
    /** The last fact that changed `wants`; before there is one, the taking of the place. */
    because: 'text',
    occurred: 'text',
    recorded_at: 'text',
    correlation: 'text',
    waiting: 'integer',
    waiting_since: 'text?',
    /** Who was put on the list on the same day stands in log order. */
    waiting_position: 'integer?',
  },
  key: ['referral', 'prescription'],
  indexes: [['provider', 'service', 'unsettled']],
};

/** What a referral's fact changed. */
export function reducePlaces(
  fact: RecordedFact<ReferralEvent>,
  id: ReferralId,
  before: ReferralState,
  after: Referral,
  rows: Rows,
): void {
  if (before?.prescriptions === after.prescriptions) return;
  for (const { takes, because, ...place } of placesMoved(before, after, fact.id)) {
    const { occurredOn: occurred, recordedAt, correlationId: correlation } = fact.metadata;
    const told = { because, occurred, recorded_at: recordedAt, correlation };
    const names = { ...place, referral: id, anchor: after.anchor };
    // Whichever of the two streams is read first: the referral's word goes.
    const known = { ...rowOf(rows, names, told), ...names, ...told };
    put(rows, { ...known, prescribed: 1n, wants: takes ? 1n : 0n });
  }
  if (fact.type === 'PlaceWaitlisted') {
    const list = { waiting_since: fact.metadata.occurredOn, waiting_position: fact.position };
    change(rows, id, fact.data.prescription, list);
  }
  for (const { prescription, status } of after.prescriptions) {
    const then = before?.prescriptions.find((given) => given.prescription === prescription);
    const waits = status === 'waitlisted';
    if (waits === (then?.status === 'waitlisted')) continue;
    change(rows, id, prescription, { waiting: waits ? 1n : 0n });
  }
}

/** What the places of a service say themselves. */
export function reducePlaceFact(fact: RecordedFact<PlaceEvent>, rows: Rows): void {
  if (fact.type === 'CapacityDeclared') {
    const { provider, service, places } = fact.data;
    rows.put('capacity', { provider, service, places: BigInt(places) });
    return;
  }
  const { provider, service, prescription, referral } = fact.data;
  const { anchor = '', occurredOn, recordedAt, correlationId: correlation } = fact.metadata;
  const told = { because: fact.id, occurred: occurredOn, recorded_at: recordedAt, correlation };
  const known = rowOf(rows, { provider, service, prescription, referral, anchor }, told);
  const holds = fact.type === 'PlaceTaken';
  const past = fact.type === 'PlaceTaken' && fact.data.override !== undefined;
  put(rows, { ...known, holds: holds ? 1n : 0n, past: past ? 1n : 0n });
}

type Names = 'provider' | 'service' | 'prescription' | 'referral' | 'anchor';

function rowOf(rows: Rows, names: Readonly<Record<Names, string>>, told: Row): Row {
  const nothing = { prescribed: 0n, wants: 0n, holds: 0n, unsettled: 0n, past: 0n, waiting: 0n };
  return rows.get('place', names.referral, names.prescription) ?? { ...names, ...told, ...nothing };
}

/** Every prescription that waits, or waited, has asked for a place before. */
function change(rows: Rows, id: ReferralId, prescription: PrescriptionId, by: Row): void {
  const known = rows.get('place', id, prescription);
  if (known !== undefined) put(rows, { ...known, ...by });
}

function put(rows: Rows, row: Row): void {
  const { wants, holds } = row;
  const given = { ...row, unsettled: wants === holds ? 0n : 1n };
  // Few are taken again once they were given back.
  if (wants === 0n && holds === 0n && row['waiting'] === 0n) rows.settle('place', given);
  else rows.put('place', given);
}
