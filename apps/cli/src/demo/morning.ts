import type { CivilDate, Slug } from '#kernel';
import { CaseloadQuery, type Caseload } from '#referral';
import type { Wayledger } from '#engine';
import { caseloadText } from '../commands/caseload.js';

/** As many as a morning has room for. */
const ROWS_SHOWN_MAX = 10;

/** The caseload of whoever has most overdue that day; of those, of whoever has most open. */
export async function busiest(
  wayledger: Pick<Wayledger, 'query'>,
  linkWorkers: readonly Slug[],
  today: CivilDate,
): Promise<Caseload | null> {
  const all: Caseload[] = [];
  for (const linkWorker of linkWorkers) {
    all.push(await wayledger.query(new CaseloadQuery(linkWorker, today)));
  }
  const [most] = all
    .filter(({ totals }) => totals.open > 0)
    .sort((a, b) => b.totals.overdue - a.totals.overdue || b.totals.open - a.totals.open);
  return most ?? null;
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
