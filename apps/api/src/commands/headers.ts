import type { IncomingMessage } from 'node:http';
import { deriveId, isUuid, refuse, type CommandId } from '#kernel';
import { IDEMPOTENCY_KEY_LENGTH_MAX } from '../limits.js';
import { ProblemRaised, problem } from '../problems/problem.js';

/** The one value of a header; `undefined` where it was not sent. */
function valueOf({ headersDistinct }: IncomingMessage, name: string): string | undefined {
  const [value, ...others] = headersDistinct[name.toLowerCase()] ?? [];
  if (others.length === 0) return value;
  throw wrongHeader(name, `${name} was sent more than once: send it once.`);
}

function wrongHeader(field: string, message: string): ProblemRaised {
  return new ProblemRaised([refuse('wrong-header', message, { field })]);
}

const KEY = 'Idempotency-Key';

/**
 * The command's id: the key itself where it is a UUID, else derived from it. In quotes or without
 * them it is the same key.
 */
export function commandIdOf(request: IncomingMessage): CommandId {
  const given = valueOf(request, KEY) ?? '';
  const [, quoted] = /^"([^"\\]*)"$/u.exec(given) ?? [];
  const key = quoted ?? given;
  // What may stand in a header's text (RFC 8941, 3.3.3), without quotes and backslashes.
  const isKey =
    key.length <= IDEMPOTENCY_KEY_LENGTH_MAX && /^[ !#-[\]-~]*[!#-[\]-~][ !#-[\]-~]*$/u.test(key);
  if (!isKey) {
    throw wrongHeader(
      KEY,
      `Every command needs ${KEY}, 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} plain characters, a new one ` +
        'for each command (a random UUID is best): sent again with the same one, it is carried ' +
        'out once.',
    );
  }
  const id = key.toLowerCase();
  return isUuid(id) ? (id as CommandId) : deriveId<'command'>('idempotency-key', key);
}

/** A version as an entity tag: strong, as it names one state of one stream. */
export function etagOf(version: number): string {
  return `"v${version}"`;
}

/** The version that a command was decided on; `undefined` for whatever it is (`*`). */
export function versionIn(request: IncomingMessage): number | undefined {
  const given = valueOf(request, 'If-Match');
  if (given === undefined) {
    throw problem(
      'version-needed',
      'Say in If-Match which version of the referral this was decided on: the ETag of ' +
        'GET /v1/referral/referrals/{referral}, or of the last answer to a command on it. ' +
        '"If-Match: *" says: whatever it is.',
    );
  }
  if (given === '*') return undefined;
  const [, digits] = /^"v(\d{1,9})"$/u.exec(given) ?? [];
  if (digits !== undefined) return Number(digits);
  throw wrongHeader('If-Match', 'If-Match must be one ETag of the referral, as "v12", or *.');
}

/** Better refused than passed over: somebody relies on it. */
export function needsNoVersion(request: IncomingMessage): void {
  if (valueOf(request, 'If-Match') === undefined) return;
  throw wrongHeader(
    'If-Match',
    'This command does not depend on a version of a referral: leave If-Match out.',
  );
}
