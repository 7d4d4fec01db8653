import shared from '@eventstore/db-client/generated/shared_pb.js';
import codes from '@eventstore/db-client/generated/code_pb.js';
import rpc from '@eventstore/db-client/generated/status_pb.js';
import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams, { type BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import type { Message } from 'google-protobuf';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import type { ExpectedRevision } from './expected-revision.js';
import type { LogRecord } from './log-record.js';
import { MAX_APPEND_BYTES, Refusal } from './refusal.js';
import { admit, carryOut, nowMs, type AppendOrder, type Serving } from './serving-node.js';
import { eventsOf, identifierOf, idOf, positioned, streamOf } from './wire.js';

const { Code } = codes;

type BatchCall = Parameters<IStreamsServer['batchAppend']>[0];

interface Batch {
  readonly correlationId: string;
  readonly options: BatchAppendReq.Options;
  readonly messages: BatchAppendReq.ProposedMessage[];
}

/** One call for many appends, each in one or more messages, each answered by its own message. */
export function batchAppendCall(node: Serving): IStreamsServer['batchAppend'] {
  return (call) => {
    node.seen.noteOpen('batchAppend', call);
    const batches = new Map<string, Batch>();
    call.on('data', (message: BatchAppendReq) => {
      const correlationId = idOf(message.getCorrelationId());
      const options = message.getOptions() ?? new streams.BatchAppendReq.Options();
      const batch = batches.get(correlationId) ?? { correlationId, options, messages: [] };
      batches.set(correlationId, batch);
      batch.messages.push(...message.getProposedMessagesList());
      if (!message.getIsFinal()) return;
      batches.delete(correlationId);
      serve(node, call, batch).catch((error: unknown) => call.emit('error', error));
    });
    call.on('end', () => call.end());
  };
}

async function serve(node: Serving, call: BatchCall, batch: Batch): Promise<void> {
  node.seen.noteCall('batchAppend', call.metadata);
  await admit(node, 'batchAppend', call.metadata, { leader: true });
  const answer = await answerTo(node, batch);
  if (node.faults.takeLostAnswer()) node.cut(call.getPeer());
  else if (!call.cancelled) call.write(answer);
}

async function answerTo(node: Serving, batch: Batch): Promise<streams.BatchAppendResp> {
  const { correlationId, options } = batch;
  const response = new streams.BatchAppendResp()
    .setCorrelationId(new shared.UUID().setString(correlationId))
    .setStreamIdentifier(identifierOf(streamOf(options.getStreamIdentifier())));
  try {
    const order = orderOf(node, batch);
    const outcome = await carryOut(node, order);
    if (outcome.kind === 'conflict') {
      return response.setError(conflict(order.expected, outcome.current));
    }
    return response.setSuccess(
      success(node, outcome.kind === 'written' ? outcome.last : undefined),
    );
  } catch (error) {
    if (error instanceof Refusal) return response.setError(refused(error));
    throw error;
  }
}

function orderOf(node: Serving, { options, messages }: Batch): AppendOrder {
  const deadlineMs = options.getDeadline()?.toDate().getTime() ?? Number.POSITIVE_INFINITY;
  // An hour of the day, and so compared with this server's clock.
  if (deadlineMs <= nowMs(node)) throw new Refusal(status.DEADLINE_EXCEEDED, 'Timeout');
  const stream = streamOf(options.getStreamIdentifier());
  return { stream, expected: expectedOf(options), events: eventsOf(messages) };
}

function expectedOf(options: BatchAppendReq.Options): ExpectedRevision {
  if (options.hasStreamPosition()) return BigInt(options.getStreamPosition());
  if (options.hasNoStream()) return 'no_stream';
  return options.hasStreamExists() ? 'stream_exists' : 'any';
}

function success(node: Serving, last: LogRecord | undefined): streams.BatchAppendResp.Success {
  const message = new streams.BatchAppendResp.Success();
  const nothing = new emptyPb.Empty();
  if (last === undefined) return message.setNoStream(nothing).setNoPosition(nothing);
  message.setCurrentRevision(String(last.revision));
  return node.faults.noPositionInAnswers
    ? message.setNoPosition(nothing)
    : message.setPosition(positioned(new shared.AllStreamPosition(), last.position));
}

function conflict(expected: ExpectedRevision, current: bigint | undefined): rpc.Status {
  const message = new shared.WrongExpectedVersion();
  const nothing = new emptyPb.Empty();
  if (current === undefined) message.setCurrentNoStream(nothing);
  else message.setCurrentStreamRevision(String(current));
  if (expected === 'any') message.setExpectedAny(nothing);
  else if (expected === 'no_stream') message.setExpectedNoStream(nothing);
  else if (expected === 'stream_exists') message.setExpectedStreamExists(nothing);
  else message.setExpectedStreamPosition(String(expected));
  return statusWith(Code.INVALID_ARGUMENT, 'WrongExpectedVersion', message);
}

function refused(refusal: Refusal): rpc.Status {
  switch (refusal.trailers['exception'] ?? refusal.code) {
    case 'stream-deleted':
      return statusWith(Code.FAILED_PRECONDITION, 'StreamDeleted', new shared.StreamDeleted());
    case 'maximum-append-size-exceeded': {
      const message = new shared.MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_BYTES);
      return statusWith(Code.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', message);
    }
    case status.ABORTED:
    case status.DEADLINE_EXCEEDED:
      return statusWith(Code.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout());
    default: {
      const message = new shared.BadRequest().setMessage(refusal.details);
      return statusWith(Code.INVALID_ARGUMENT, 'BadRequest', message);
    }
  }
}

/** The client knows the kind of an error by the full name of the message it carries. */
function statusWith(code: codes.Code, name: string, detail: Message): rpc.Status {
  const details = new anyPb.Any();
  details.pack(detail.serializeBinary(), `event_store.client.${name}`);
  return new rpc.Status().setCode(code).setMessage(name).setDetails(details);
}
