import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { LogPosition } from './log-record.js';
import { invalidPosition } from './refusal.js';
import type { ServerStore } from './server-store.js';

export type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

export function positionAsked(all: ReadReq.Options.AllOptions): LogPosition {
  const position = all.getPosition();
  const [commit, prepare] = [position?.getCommitPosition(), position?.getPreparePosition()];
  return { commit: BigInt(commit ?? 0), prepare: BigInt(prepare ?? 0) };
}

/** @throws Refusal when no record begins there */
export function knownPlace(store: ServerStore, all: ReadReq.Options.AllOptions): LogPosition {
  const place = positionAsked(all);
  if (!store.isBoundary(place)) throw invalidPosition();
  return place;
}

export function wantsStructuredIds(options: ReadReq.Options): boolean {
  return options.getUuidOption()?.hasStructured() ?? false;
}
