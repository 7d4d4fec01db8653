import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { LogPosition, LogRecord } from './log-record.js';
import { identifierOf, positioned, uuidOf } from './wire.js';

export function eventAnswer(record: LogRecord, structuredIds: boolean): streams.ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(uuidOf(record.id, structuredIds))
    .setStreamIdentifier(identifierOf(record.stream))
    .setStreamRevision(String(record.revision))
    .setData(record.data)
    .setCustomMetadata(record.metadata);
  positioned(recorded, record.position);
  recorded
    .getMetadataMap()
    .set('type', record.type)
    .set('content-type', record.contentType)
    .set('created', String(record.createdTicks));
  const event = new streams.ReadResp.ReadEvent()
    .setEvent(recorded)
    .setCommitPosition(String(record.position.commit));
  return new streams.ReadResp().setEvent(event);
}

export function streamNotFound(stream: string): streams.ReadResp {
  const message = new streams.ReadResp.StreamNotFound();
  return new streams.ReadResp().setStreamNotFound(
    message.setStreamIdentifier(identifierOf(stream)),
  );
}

export function confirmation(id: string): streams.ReadResp {
  const message = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(id);
  return new streams.ReadResp().setConfirmation(message);
}

export function checkpoint(position: LogPosition): streams.ReadResp {
  const message = positioned(new streams.ReadResp.Checkpoint(), position);
  return new streams.ReadResp().setCheckpoint(message);
}

export function caughtUp(): streams.ReadResp {
  return new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp());
}
