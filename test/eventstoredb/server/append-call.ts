import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { IStreamsServer } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ExpectedRevision } from './expected-revision.js';
import type { LogRecord } from './log-record.js';
import {
  admit,
  carryOut,
  type AppendOrder,
  type AppendOutcome,
  type Serving,
} from './serving-node.js';
import { empty, eventsOf, expectedOf, positioned, streamOf } from './wire.js';

/** The options come first, then the events one by one; one answer at the end. */
export function appendCall(node: Serving): IStreamsServer['append'] {
  return (call, callback) => {
    node.seen.noteCall('append', call.metadata);
    const closed = node.seen.noteOpen('append', call);
    const answer: typeof callback = (...outcome) => {
      closed();
      callback(...outcome);
    };
    const request = new AppendRequest();
    call.on('data', (message: streams.AppendReq) => {
      request.take(message);
    });
    call.on('end', () => {
      // A call cut off in the middle ends too; that it was cut is known a turn later.
      setImmediate(() => {
        if (call.cancelled) return; // What came of it is no request.
        serve(node, call, request).then(
          (response) => {
            if (response === 'lost') node.cut(call.getPeer());
            else answer(null, response);
          },
          (error: unknown) => {
            answer(error as Error); // Only refusals are thrown on purpose; grpc takes any error.
          },
        );
      });
    });
  };
}

async function serve(
  node: Serving,
  call: Parameters<IStreamsServer['append']>[0],
  request: AppendRequest,
): Promise<streams.AppendResp | 'lost'> {
  await admit(node, 'append', call.metadata, { leader: true });
  const order = request.order();
  const outcome = await carryOut(node, order);
  return node.faults.takeLostAnswer() ? 'lost' : responseTo(node, order.expected, outcome);
}

class AppendRequest {
  readonly #proposed: streams.AppendReq.ProposedMessage[] = [];
  #options = new streams.AppendReq.Options();

  take(message: streams.AppendReq): void {
    this.#options = message.getOptions() ?? this.#options;
    const proposed = message.getProposedMessage();
    if (proposed !== undefined) this.#proposed.push(proposed);
  }

  order(): AppendOrder {
    const stream = streamOf(this.#options.getStreamIdentifier());
    return { stream, expected: expectedOf(this.#options), events: eventsOf(this.#proposed) };
  }
}

function responseTo(
  node: Serving,
  expected: ExpectedRevision,
  outcome: AppendOutcome,
): streams.AppendResp {
  const response = new streams.AppendResp();
  switch (outcome.kind) {
    case 'nothing':
      return response.setSuccess(new streams.AppendResp.Success().setNoStream(empty()));
    case 'written':
      return response.setSuccess(success(node, outcome.last));
    case 'conflict':
      return response.setWrongExpectedVersion(conflict(expected, outcome.current));
  }
}

function success(node: Serving, last: LogRecord): streams.AppendResp.Success {
  const message = new streams.AppendResp.Success().setCurrentRevision(String(last.revision));
  if (node.faults.noPositionInAnswers) return message.setNoPosition(empty());
  return message.setPosition(positioned(new streams.AppendResp.Position(), last.position));
}

function conflict(
  expected: ExpectedRevision,
  current: bigint | undefined,
): streams.AppendResp.WrongExpectedVersion {
  const message = new streams.AppendResp.WrongExpectedVersion();
  if (current === undefined) message.setCurrentNoStream(empty());
  else message.setCurrentRevision(String(current));
  switch (expected) {
    case 'any':
      return message.setExpectedAny(empty());
    case 'no_stream':
      return message.setExpectedNoStream(empty());
    case 'stream_exists':
      return message.setExpectedStreamExists(empty());
    default:
      return message.setExpectedRevision(String(expected));
  }
}
