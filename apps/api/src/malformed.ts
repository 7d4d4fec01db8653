import { randomUUID } from 'node:crypto';
import {
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { refuse } from '#kernel';
import { PROBLEM_TYPE, problemBody } from './problems/problem.js';

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const MALFORMED: Answer = {
  status: 400,
  code: 'malformed-request',
  detail: 'What was sent is no HTTP request.',
};
/** https://nodejs.org/docs/latest-v24.x/api/http.html#event-clienterror */
const BY_CODE: Readonly<Record<string, Answer>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headers-too-large',
    detail: 'All headers together are too large.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: 'body-too-large',
    detail: 'The chunks of the body say too much about themselves.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'request-too-slow',
    detail: 'The request did not arrive in time: send it again.',
  },
};
const NO_TUNNEL: Answer = {
  status: 501,
  code: 'no-tunnel',
  detail: 'This service is no proxy: it does not know CONNECT.',
};
const NOT_EXPECTED: Answer = {
  status: 417,
  code: 'expectation-failed',
  detail: 'Of the header Expect only 100-continue is known.',
};

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** How long a caller has to take such an answer, in milliseconds. */
const LINGER_MS_MAX = 1_000;

/** What never becomes a request is answered with a problem too, as far as anybody still listens. */
export function answerMalformed(server: Server): void {
  // Node would refuse a request without Host in words of its own; `onlyLoopback` does it in ours.
  (server as ServerOptions).requireHostHeader = false;
  const lastOf = new WeakMap<Duplex, Asked>();
  const ending = new WeakSet<Duplex>();
  server.on('request', (request, response) => {
    lastOf.set(request.socket, { request, response });
  });
  /** What came whole before it is answered first: its caller would take this for its answer. */
  const endAfterLast = (socket: Duplex, answer: Answer) => {
    if (ending.has(socket)) return;
    ending.add(socket);
    const last = lastOf.get(socket);
    if (last?.request.complete === true && !last.response.closed) {
      last.response.once('close', () => {
        endWith(socket, answer);
      });
    } else endWith(socket, answer);
  };
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else endAfterLast(socket, BY_CODE[error.code ?? ''] ?? MALFORMED);
  });
  server.on('connect', (_request, socket: Duplex) => {
    // Node has let go of it: nobody else would hear that it broke.
    socket.on('error', () => socket.destroy());
    endAfterLast(socket, NO_TUNNEL);
  });
  server.on('checkExpectation', ({ socket }) => {
    endAfterLast(socket, NOT_EXPECTED);
  });
}

/** The last that is said; a caller that keeps the connection open all the same loses it. */
function endWith(socket: Duplex, answer: Answer): void {
  const limit = setTimeout(() => socket.destroy(), LINGER_MS_MAX);
  socket.once('close', () => {
    clearTimeout(limit);
  });
  // Closed with something unread, a connection is reset, and the answer may be lost on its way.
  socket.resume();
  socket.end(wholeAnswer(answer));
}

function wholeAnswer({ status, code, detail }: Answer): string {
  const raised = { status, refusals: [refuse(code, detail)], more: {} } as const;
  const body = JSON.stringify(problemBody(raised, randomUUID()));
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
