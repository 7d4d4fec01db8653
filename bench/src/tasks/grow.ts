import { openLog, type LogPlace } from '../contestants/wayledger-log.ts';
import { copiesFor, copiesOf } from '../inputs/copies.ts';
import { fill } from '../inputs/filling.ts';
import { allOf, eventsOf } from '../inputs/spring-log.ts';

/** Fills a log with at least so many events: the areas of a template with more people. */
export default async function grow({
  log: place,
  template: folder,
  events,
}: {
  readonly log: LogPlace;
  readonly template: string;
  readonly events: number;
}): Promise<number> {
  const template = await allOf(eventsOf(folder));
  const log = await openLog(place);
  try {
    return await fill(log, copiesOf(template, copiesFor(template, events)));
  } finally {
    await log.close();
  }
}
