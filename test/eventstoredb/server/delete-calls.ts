import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { Metadata } from '@grpc/grpc-js';
import { decide } from './expected-revision.js';
import { DELETED_REVISION } from './log-record.js';
import { streamDeleted, wrongExpectedVersion } from './refusal.js';
import { admit, hideBefore, nowMs, type Serving } from './serving-node.js';
import { ticksOf } from './server-store.js';
import { expectedOf, positioned, streamOf } from './wire.js';

type Options = streams.DeleteReq.Options | streams.TombstoneReq.Options | undefined;

/** Hides what is there; the stream may be written to again, and its numbering goes on. */
export function deleteCall(node: Serving): IStreamsServer['delete'] {
  return (call, callback) => {
    const closed = node.seen.noteOpen('delete', call);
    streamToDelete(node, call.metadata, call.request.getOptions())
      .then((stream) => {
        const { position } = hideBefore(node, stream, DELETED_REVISION);
        const message = positioned(new streams.DeleteResp.Position(), position);
        callback(null, new streams.DeleteResp().setPosition(message));
      })
      .catch(callback)
      .finally(closed);
  };
}

/** For ever: the name cannot be used again. */
export function tombstoneCall(node: Serving): IStreamsServer['tombstone'] {
  return (call, callback) => {
    const closed = node.seen.noteOpen('delete', call);
    streamToDelete(node, call.metadata, call.request.getOptions())
      .then((stream) => {
        const { position } = node.store.tombstone(stream, ticksOf(nowMs(node)));
        const message = positioned(new streams.TombstoneResp.Position(), position);
        callback(null, new streams.TombstoneResp().setPosition(message));
      })
      .catch(callback)
      .finally(closed);
  };
}

async function streamToDelete(
  node: Serving,
  metadata: Metadata,
  options: Options = new streams.DeleteReq.Options(),
): Promise<string> {
  node.seen.noteCall('delete', metadata);
  await admit(node, 'delete', metadata, { leader: true });
  const stream = streamOf(options.getStreamIdentifier());
  if (node.store.isTombstoned(stream)) throw streamDeleted(stream);
  const expected = expectedOf(options);
  // A deletion brings no ids along, so it is never taken for a repetition.
  const decision = decide(node.store, stream, expected, []);
  if (decision.kind === 'conflict') {
    throw wrongExpectedVersion(stream, String(expected), decision.current);
  }
  return stream;
}
