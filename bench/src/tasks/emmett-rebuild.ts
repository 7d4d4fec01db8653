import {
  type PostgresReadEventMetadata,
  pongoSingleStreamProjection,
  rebuildPostgreSQLProjections,
} from '@event-driven-io/emmett-postgresql';
import { pongoClient } from '@event-driven-io/pongo';
import type { EmmettEvent } from '../contestants/emmett.ts';
import { secondsOf } from '../measure.ts';

/** Each referral as its link worker sees it; a little less than Wayledger's own keeps. */
type CaseloadDocument = {
  _id?: string;
  anchor: string;
  linkWorker: string;
  status: string;
  received: string;
  firstContact: string | null;
  lastContact: string | null;
  plannedContact: string | null;
  contacts: number;
  minutes: number;
  livePrescriptions: number;
  lastChange: string;
  lastChangeOn: string;
};

const COLLECTION = 'caseload';
const ENDS = [
  'PrescriptionCompleted',
  'PrescriptionCancelled',
  'PrescriptionDeclined',
  'PlaceLapsed',
];
const STATUS: Readonly<Record<string, string>> = {
  ReferralAccepted: 'accepted',
  ReferralDeclined: 'declined',
  FirstContactMade: 'in contact',
  Prescribed: 'supported',
  ReferralClosed: 'closed',
  ReferralReopened: 'accepted',
};

function evolve(document: CaseloadDocument, { type, data, metadata }: EmmettEvent) {
  const on = textOf(metadata['occurredOn']);
  const next = { ...document, lastChange: type, lastChangeOn: on };
  if (type === 'Referred')
    Object.assign(next, { received: on, anchor: textOf(metadata['anchor']) });
  if (type === 'LinkWorkerAssigned') next.linkWorker = textOf(data['linkWorker']);
  if (type === 'FirstContactMade') next.firstContact = on;
  if (type === 'FirstContactMade' || type === 'ContactMade') {
    next.lastContact = on;
    next.contacts += 1;
    next.minutes += Number(data['minutes'] ?? 0);
  }
  if (type === 'ContactPlanned') next.plannedContact = textOf(data['on']);
  if (type === 'Prescribed') next.livePrescriptions += 1;
  if (ENDS.includes(type)) next.livePrescriptions -= 1;
  next.status = STATUS[type] ?? next.status;
  return next;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export interface EmmettRebuilt {
  readonly seconds: number;
  /** Events that were projected. */
  readonly events: number;
  /** Of the read model. */
  readonly documents: number;
}

/** Rebuilds one projection from the whole of Emmett's log, as its documentation has it. */
export default async function emmettRebuild({
  address,
  version,
  types,
  batchSize,
}: {
  readonly address: string;
  /** Another one each time: a rebuild of the same version begins where the last one ended. */
  readonly version: number;
  readonly types: readonly string[];
  readonly batchSize: number;
}): Promise<EmmettRebuilt> {
  let events = 0;
  const projection = pongoSingleStreamProjection<
    CaseloadDocument,
    EmmettEvent,
    PostgresReadEventMetadata,
    EmmettEvent
  >({
    collectionName: COLLECTION,
    version,
    canHandle: [...types],
    evolve: (document: CaseloadDocument, event: EmmettEvent) => {
      events += 1;
      return evolve(document, event);
    },
    initialState: () => ({
      ...{ anchor: '', linkWorker: '', status: 'received', received: '' },
      ...{ firstContact: null, lastContact: null, plannedContact: null },
      ...{ contacts: 0, minutes: 0, livePrescriptions: 0, lastChange: '', lastChangeOn: '' },
    }),
  });
  const consumer = rebuildPostgreSQLProjections<EmmettEvent>({
    connectionString: address,
    projections: [projection],
    pulling: { batchSize },
  });
  const seconds = await secondsOf(() => consumer.start());
  await consumer.close();
  const pongo = pongoClient(address);
  try {
    const built = pongo.db().collection<CaseloadDocument>(`${COLLECTION}_v${version}`);
    // A bigint at run time, whatever its type says.
    const documents = await built.countDocuments();
    return { seconds, events, documents: Number(String(documents)) };
  } finally {
    await pongo.close();
  }
}
