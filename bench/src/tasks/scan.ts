import { readingCodec } from '../contestants/engine.ts';
import { openLog, type LogPlace } from '../contestants/wayledger-log.ts';
import { secondsOf } from '../measure.ts';

/** Events of a page, as the projector reads them. */
const PAGE_EVENTS = 1_000;

export interface Scanned {
  readonly events: number;
  readonly seconds: number;
}

/** Reads and decodes the whole log, and does nothing with it. */
export default async function scan(place: LogPlace): Promise<Scanned> {
  const log = await openLog(place);
  const codec = readingCodec();
  let events = 0;
  try {
    const seconds = await secondsOf(async () => {
      for await (const page of log.readLog({ after: 0n, max: PAGE_EVENTS })) {
        for (const event of page) codec.decode(event);
        events += page.length;
      }
    });
    return { events, seconds };
  } finally {
    await log.close();
  }
}
