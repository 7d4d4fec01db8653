import { randomUUID } from 'node:crypto';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { filterOf, matcherOf } from './event-filter.js';
import { comparePositions, indexFrom } from './log-record.js';
import { confirmation } from './read-answers.js';
import { knownPlace, positionAsked, wantsStructuredIds, type ReadCall } from './read-place.js';
import { streamDeleted } from './refusal.js';
import { requiresLeader, type SubscriptionSeen } from './seen.js';
import type { ServerStore } from './server-store.js';
import type { Serving } from './serving-node.js';
import { Subscription, type Subscribing } from './subscription.js';
import { streamOf } from './wire.js';

/** From after a place, on and on. */
export function subscribeToAll(
  node: Serving,
  call: ReadCall,
  options: ReadReq.Options,
  all: ReadReq.Options.AllOptions,
): void {
  const filterOptions = options.getFilter();
  const filter = filterOptions && filterOf(filterOptions);
  const seen: SubscriptionSeen = {
    from: all.hasStart() ? 'start' : all.hasEnd() ? 'end' : positionAsked(all),
    filter,
    requiresLeader: requiresLeader(call.metadata),
    open: true,
  };
  node.seen.subscriptions.push(seen);
  for (const end of ['cancelled', 'finish']) call.once(end, () => (seen.open = false));
  call.write(confirmation(randomUUID()));
  open(node, call, {
    ...startOf(node.store, all),
    structuredIds: wantsStructuredIds(options),
    checkpointEvery: filter?.checkpointEvery,
    matches: matcherOf(filter),
  });
}

export function subscribeToStream(
  node: Serving,
  call: ReadCall,
  options: ReadReq.Options,
  streamOptions: ReadReq.Options.StreamOptions,
): void {
  const stream = streamOf(streamOptions.getStreamIdentifier());
  if (node.store.isTombstoned(stream)) throw streamDeleted(stream);
  const after = streamOptions.hasRevision() ? BigInt(streamOptions.getRevision()) : -1n;
  call.write(confirmation(randomUUID()));
  open(node, call, {
    stream,
    index: streamOptions.hasEnd() ? node.store.records.length : 0,
    after: undefined,
    structuredIds: wantsStructuredIds(options),
    checkpointEvery: undefined,
    matches: (record) => record.stream === stream && record.revision > after,
  });
}

function open(node: Serving, call: ReadCall, how: Subscribing): void {
  const unwatch = node.faults.watch(new Subscription(call, node.store, how));
  for (const end of ['cancelled', 'finish']) call.once(end, unwatch);
}

function startOf(
  store: ServerStore,
  all: ReadReq.Options.AllOptions,
): Pick<Subscribing, 'index' | 'after'> {
  const { records } = store;
  if (all.hasStart()) return { index: 0, after: undefined };
  if (all.hasEnd()) return { index: records.length, after: records.at(-1)?.position };
  const after = knownPlace(store, all);
  const index = indexFrom(records, after);
  const there = records[index];
  const isThere = there !== undefined && comparePositions(there.position, after) === 0;
  return { index: isThere ? index + 1 : index, after };
}
