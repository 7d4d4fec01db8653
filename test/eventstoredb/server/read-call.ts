import streams, { type ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { filterOf, matcherOf } from './event-filter.js';
import { indexFrom, type LogRecord } from './log-record.js';
import { eventAnswer, streamNotFound } from './read-answers.js';
import { streamDeleted } from './refusal.js';
import { knownPlace, wantsStructuredIds, type ReadCall } from './read-place.js';
import { admit, isKnown, type Serving } from './serving-node.js';
import { isSoftDeleted, visibleEventsOf } from './stream-metadata.js';
import { subscribeToAll, subscribeToStream } from './subscribe-call.js';
import { streamOf } from './wire.js';

/** What a real server reads at a time. */
const PAGE_EVENTS = 32;

/** One call for pages and for subscriptions. */
export function readCall(node: Serving): IStreamsServer['read'] {
  return (call) => {
    const options = call.request.getOptions() ?? new streams.ReadReq.Options();
    const method = options.hasSubscription() ? 'subscribe' : 'read';
    node.seen.noteCall(method, call.metadata);
    node.seen.noteOpen(method, call);
    admit(node, method, call.metadata, { all: options.hasAll() })
      .then(() => serve(node, call, options))
      .catch((error: unknown) => call.emit('error', error));
  };
}

async function serve(node: Serving, call: ReadCall, options: ReadReq.Options): Promise<void> {
  const [all, stream] = [options.getAll(), options.getStream()];
  if (options.hasSubscription()) {
    if (all !== undefined) subscribeToAll(node, call, options, all);
    else if (stream !== undefined) subscribeToStream(node, call, options, stream);
    return;
  }
  if (all !== undefined) await send(call, options, allEvents(node, options, all));
  else if (stream !== undefined) await sendStream(node, call, options, stream);
  call.end();
}

async function sendStream(
  node: Serving,
  call: ReadCall,
  options: ReadReq.Options,
  streamOptions: ReadReq.Options.StreamOptions,
): Promise<void> {
  const { store } = node;
  const name = streamOf(streamOptions.getStreamIdentifier());
  const heardOf = (record: LogRecord) => isKnown(node, record);
  if (store.isTombstoned(name)) throw streamDeleted(name);
  if (!store.eventsOf(name).some(heardOf) || isSoftDeleted(store, name)) {
    call.write(streamNotFound(name));
    return;
  }
  const visible = visibleEventsOf(store, name).filter(heardOf);
  const start = streamOptions.hasRevision() ? BigInt(streamOptions.getRevision()) : undefined;
  if (isBackwards(options)) {
    const wanted = streamOptions.hasStart()
      ? visible.slice(0, 1)
      : visible.filter(({ revision }) => start === undefined || revision <= start);
    await send(call, options, wanted.toReversed());
  } else if (!streamOptions.hasEnd()) {
    const wanted = visible.filter(({ revision }) => revision >= (start ?? 0n));
    const end = node.faults.tornReads ? PAGE_EVENTS : wanted.length;
    await send(call, options, wanted.slice(0, end));
  }
}

/** Forwards from a place, that included; backwards from before it. */
function allEvents(
  node: Serving,
  options: ReadReq.Options,
  all: ReadReq.Options.AllOptions,
): readonly LogRecord[] {
  const { store } = node;
  const records = store.records.filter((record) => isKnown(node, record));
  const index = all.hasStart()
    ? 0
    : all.hasEnd()
      ? records.length
      : indexFrom(records, knownPlace(store, all));
  const wanted = isBackwards(options) ? records.slice(0, index).toReversed() : records.slice(index);
  const filter = options.getFilter();
  return wanted.filter(matcherOf(filter && filterOf(filter)));
}

function isBackwards(options: ReadReq.Options): boolean {
  return options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
}

async function send(
  call: ReadCall,
  options: ReadReq.Options,
  events: readonly LogRecord[],
): Promise<void> {
  const structured = wantsStructuredIds(options);
  for (const event of events.slice(0, Number(options.getCount()))) {
    if (call.cancelled) return;
    if (!call.write(eventAnswer(event, structured))) await drained(call);
  }
}

/** Until the reader has room again, or is gone. */
function drained(call: ReadCall): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      call.off('drain', done).off('cancelled', done);
      resolve();
    };
    call.on('drain', done).on('cancelled', done);
  });
}
