import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { Codec } from '#event-log';
import { Wayledger, eventCatalogue, givenViews, type LogAddress } from '#engine';
import { openLog, type LogPlace } from './wayledger-log.ts';

/** Where one Wayledger has its things; a task in another process is told so. */
export interface EnginePlace {
  /** A folder of its own; the read models are here where `views` names no database. */
  readonly data: string;
  readonly log: LogPlace;
  /** The address of a database for the read models. */
  readonly views?: string;
  /** Whose keys the log was written with, where it is not new. */
  readonly keysOf?: string;
}

export async function openEngine({ data, log, views, keysOf }: EnginePlace): Promise<Wayledger> {
  if (keysOf !== undefined) copyFileSync(join(keysOf, 'keys.db'), join(data, 'keys.db'));
  const viewsAt = givenViews(views);
  return Wayledger.open({ data, log: addressOf(log), ...(viewsAt && { views: viewsAt }) });
}

function addressOf(log: LogPlace): LogAddress {
  return {
    describe: () => ('file' in log ? log.file : 'a database of the bench'),
    exists: () => true,
    open: () => openLog(log),
    places: () => [],
  };
}

/** Reads what was written; nothing here ever seals. */
export function readingCodec(): Codec<typeof eventCatalogue> {
  return new Codec(eventCatalogue, {
    seal: () => Promise.reject(new Error('Nothing is written here')),
  });
}
