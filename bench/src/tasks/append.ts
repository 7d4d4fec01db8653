import { appendsBy } from '../contestants/appender.ts';
import { wayledgerAppender, type LogPlace } from '../contestants/wayledger-log.ts';
import { samplesOf } from '../inputs/samples.ts';
import { allOf, eventsOf } from '../inputs/spring-log.ts';

/** Of the template: from their middle the samples come. */
const EVENTS = 8_000;

/** One-event appends at the end of a log that is there; how many a second. */
export default async function append({
  log,
  template,
  callers,
  seconds,
}: {
  readonly log: LogPlace;
  readonly template: string;
  readonly callers: number;
  readonly seconds: { readonly warmUp: number; readonly measured: number };
}): Promise<number> {
  const samples = samplesOf(await allOf(eventsOf(template, EVENTS)));
  const appender = await wayledgerAppender(log);
  try {
    return (await appendsBy(callers, seconds, samples, appender)).perSecond;
  } finally {
    await appender.close();
  }
}
