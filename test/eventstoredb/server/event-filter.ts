import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { LogRecord } from './log-record.js';
import type { FilterSeen } from './seen.js';

const WINDOW = 32;

export function filterOf(options: ReadReq.Options.FilterOptions): FilterSeen {
  const onStream = options.hasStreamIdentifier();
  const expression = onStream ? options.getStreamIdentifier() : options.getEventType();
  const window = options.hasMax() ? options.getMax() : WINDOW;
  return {
    on: onStream ? 'stream' : 'type',
    prefixes: expression?.getPrefixList() ?? [],
    regex: expression?.getRegex() ?? '',
    window,
    checkpointEvery: window * Math.max(options.getCheckpointintervalmultiplier(), 1),
  };
}

export function matcherOf(filter: FilterSeen | undefined): (record: LogRecord) => boolean {
  if (filter === undefined) return () => true;
  const { on, prefixes } = filter;
  const regex = new RegExp(filter.regex);
  return (record) => {
    const text = record[on];
    return prefixes.length === 0
      ? regex.test(text)
      : prefixes.some((prefix) => text.startsWith(prefix));
  };
}
