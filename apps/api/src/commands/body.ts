import type { Request } from 'express';
import { readObject, areRefusals } from '#interop';
import { problem, ProblemRaised } from '../problems/problem.js';

/** The JSON object in the body. */
export function bodyOf(request: Request): Record<string, unknown> {
  const object = readObject(textOf(request), 'body');
  if (areRefusals(object)) throw new ProblemRaised(object);
  return object;
}

function textOf(request: Request): string {
  const isJson = request.is('application/json') !== false;
  if (!isJson || !isUtf8(request.get('content-type') ?? '')) {
    throw problem('not-json-content', 'Send JSON: "Content-Type: application/json".');
  }
  const body: unknown = request.body;
  try {
    // What is not UTF-8 must not be sealed for ever as something else.
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Buffer.isBuffer(body) ? body : undefined,
    );
  } catch {
    throw problem('not-utf-8', 'The body is not UTF-8: send it as UTF-8.');
  }
}

/** By what it says of itself; what says nothing is JSON's own UTF-8. */
function isUtf8(contentType: string): boolean {
  const [, ...parameters] = contentType.toLowerCase().split(';');
  return parameters
    .map((parameter) => parameter.trim())
    .filter((parameter) => parameter.startsWith('charset'))
    .every((parameter) => ['charset=utf-8', 'charset="utf-8"'].includes(parameter));
}
