import type { EventLog } from '#event-log';
import { openPostgresEventLog } from '#event-log/postgres';
import { openSqliteEventLog } from '#event-log/sqlite';
import { parsePostgresAddress } from '#postgres';
import type { Appender } from './appender.ts';

/** Where a log is: the path of a file, or the address of a database. */
export type LogPlace = { readonly file: string } | { readonly address: string };

export function openLog(place: LogPlace): Promise<EventLog> {
  return 'file' in place
    ? openSqliteEventLog({ path: place.file })
    : openPostgresEventLog({ address: parsePostgresAddress(place.address) });
}

/** Its own log, used as the handlers use it. */
export async function wayledgerAppender(place: LogPlace): Promise<Appender> {
  const log = await openLog(place);
  return {
    async append({ stream, version, sample }) {
      await log.append(stream, version === 0 ? 'none' : version - 1, [sample.event]);
    },
    close: () => log.close(),
  };
}
