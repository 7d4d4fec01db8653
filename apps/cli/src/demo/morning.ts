import type { CivilDate, Slug } from '#kernel';
import { CaseloadQuery, type Caseload } from '#referral';
import type { Wayledger } from '#engine';
import { caseloadText } from '../commands/caseload.js';

/** As many as a morning has room for. */
const ROWS_SHOWN_MAX = 10;

/** The caseload of whoever has most open referrals that day. */
export async function busiest(
  wayledger: Pick<Wayledger, 'query'>,
  linkWorkers: readonly Slug[],
  today: CivilDate,
): Promise<Caseload | null> {
  let most: Caseload | null = null;
  for (const linkWorker of linkWorkers) {
    const caseload = await wayledger.query(new CaseloadQuery(linkWorker, today));
    if (caseload.totals.open > (most?.totals.open ?? 0)) most = caseload;
  }
  return most;
}

export function morningText(
  wayledger: Pick<Wayledger, 'query'>,
  { linkWorker, today }: Caseload,
): Promise<string> {
  return caseloadText(wayledger, new CaseloadQuery(linkWorker, today), {
    max: ROWS_SHOWN_MAX,
    columns: ['due', 'what', 'person', 'state', 'waiting', 'last contact'],
  });
}
