import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { Map as ProtoMap } from 'google-protobuf';
import type { ExpectedRevision } from './expected-revision.js';
import type { LogPosition, RawEvent } from './log-record.js';
import { metadataMissing, MAX_APPEND_BYTES, appendTooLarge } from './refusal.js';

/** What both append requests say of an event. */
interface ProposedMessage {
  getId(): shared.UUID | undefined;
  getMetadataMap(): ProtoMap<string, string>;
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

/** What all writing requests but the batch say of the expected revision. */
interface ExpectedOptions {
  hasRevision(): boolean;
  getRevision(): string;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}

/** The setters of a position, of which the protocol has several kinds. */
interface PositionMessage {
  setCommitPosition(value: string): unknown;
  setPreparePosition(value: string): unknown;
}

export const empty = (): shared.Empty => new shared.Empty();

/** Names of streams are bytes; the setter takes them as base64. */
export function identifierOf(stream: string): shared.StreamIdentifier {
  const name = Buffer.from(stream).toString('base64');
  return new shared.StreamIdentifier().setStreamName(name);
}

export function streamOf(identifier: shared.StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString();
}

export function idOf(uuid: shared.UUID | undefined): string {
  const structured = uuid?.getStructured();
  if (structured === undefined) return uuid?.getString() ?? '';
  const halves = [structured.getMostSignificantBits(), structured.getLeastSignificantBits()];
  const hex = halves.map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'));
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export function uuidOf(id: string, structured: boolean): shared.UUID {
  if (!structured) return new shared.UUID().setString(id);
  const hex = id.replaceAll('-', '');
  const half = (text: string) => String(BigInt.asIntN(64, BigInt(`0x${text}`)));
  return new shared.UUID().setStructured(
    new shared.UUID.Structured()
      .setMostSignificantBits(half(hex.slice(0, 16)))
      .setLeastSignificantBits(half(hex.slice(16))),
  );
}

export function positioned<T extends PositionMessage>(message: T, position: LogPosition): T {
  message.setCommitPosition(String(position.commit));
  message.setPreparePosition(String(position.prepare));
  return message;
}

export function expectedOf(options: ExpectedOptions): ExpectedRevision {
  if (options.hasRevision()) return BigInt(options.getRevision());
  if (options.hasNoStream()) return 'no_stream';
  return options.hasStreamExists() ? 'stream_exists' : 'any';
}

/** @throws Refusal when they are too large together, or one does not say what it is */
export function eventsOf(messages: readonly ProposedMessage[]): RawEvent[] {
  const events = messages.map(eventOf);
  const sizes = events.map(
    ({ type, data, metadata }) => type.length + data.length + metadata.length,
  );
  if (sizes.reduce((sum, bytes) => sum + bytes, 0) > MAX_APPEND_BYTES) throw appendTooLarge();
  return events;
}

function eventOf(message: ProposedMessage): RawEvent {
  const properties = message.getMetadataMap();
  const type = properties.get('type');
  const contentType = properties.get('content-type');
  if (type === undefined || contentType === undefined) throw metadataMissing();
  const [data, metadata] = [message.getData_asU8(), message.getCustomMetadata_asU8()];
  return { id: idOf(message.getId()), type, contentType, data, metadata };
}
