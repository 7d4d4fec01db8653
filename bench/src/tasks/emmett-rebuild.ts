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
  if (type === 'Referred') Object.assign(next, { received: on, anchor: textOf(metadata['anchor']) });
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
  /** Of the read model, to see that it was built. */
  readonly documents: number;
}

/** Rebuilds one projection from the whole of Emmett's log, as its documentation has it. */
export default async function emmettRebuild({
  address,
  types,
  batchSize,
}: {
  readonly address: string;
  readonly types: readonly string[];
  readonly batchSize: number;
}): Promise<EmmettRebuilt> {
  const projection = pongoSingleStreamProjection<
    CaseloadDocument,
    EmmettEvent,
    PostgresReadEventMetadata,
    EmmettEvent
  >({
    collectionName: COLLECTION,
    canHandle: [...types],
    evolve,
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
    const documents = await pongo.db().collection<CaseloadDocument>(COLLECTION).countDocuments();
    return { seconds, documents };
  } finally {
    await pongo.close();
  }
}
