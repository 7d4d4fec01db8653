import { Metadata, status } from '@grpc/grpc-js';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** An answer with a gRPC status other than OK; the client tells them apart by the trailers. */
export class Refusal extends Error {
  constructor(
    readonly code: status,
    readonly details: string,
    readonly trailers: Readonly<Record<string, string>> = {},
  ) {
    super(details);
  }

  get metadata(): Metadata {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(this.trailers)) {
      metadata.set(name, value.replace(/[^ -~]/g, '?')); // Trailers are ASCII, streams need not be.
    }
    return metadata;
  }
}

export const MAX_APPEND_BYTES = 1024 * 1024;

export const unavailable = () => new Refusal(status.UNAVAILABLE, 'Unavailable for a test');
export const notReady = () => new Refusal(status.UNAVAILABLE, 'Server Is Not Ready');
export const noLeader = () => new Refusal(status.UNKNOWN, 'No leader info available in response');
export const invalidPosition = () =>
  new Refusal(status.INVALID_ARGUMENT, 'Trying to read from an invalid position.');
export const timedOut = () =>
  new Refusal(status.ABORTED, 'Operation timed out: Commit phase timeout.');
export const unauthenticated = () => new Refusal(status.UNAUTHENTICATED, 'Unauthenticated');

export const notLeader = ({ address, port }: Endpoint) =>
  new Refusal(status.NOT_FOUND, `Leader info available`, {
    exception: 'not-leader',
    'leader-endpoint-host': address,
    'leader-endpoint-port': String(port),
  });

export const accessDenied = () =>
  new Refusal(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const streamDeleted = (stream: string) =>
  new Refusal(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const appendTooLarge = () =>
  new Refusal(status.INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_BYTES} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(MAX_APPEND_BYTES),
  });

export const metadataMissing = () =>
  new Refusal(status.INVALID_ARGUMENT, 'Required Metadata Property Missing', {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

export const wrongExpectedVersion = (
  stream: string,
  expected: string,
  current: bigint | undefined,
) =>
  new Refusal(status.FAILED_PRECONDITION, 'Append failed due to WrongExpectedVersion.', {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': expected,
    ...(current !== undefined && { 'actual-version': String(current) }),
  });
