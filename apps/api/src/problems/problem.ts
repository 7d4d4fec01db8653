import Type from 'typebox';
import { refuse, shape, type Refusal } from '#kernel';
import { REASONS_TOLD_MAX } from '../limits.js';
import { statusOfCode } from './codes.js';

/** Of a code that the table does not know. */
const REFUSED_STATUS = 422;

/** An answer that is no success, on its way out. */
export class ProblemRaised extends Error {
  override readonly name = 'ProblemRaised';

  constructor(
    readonly refusals: readonly [Refusal, ...Refusal[]],
    readonly headers: Readonly<Record<string, string>> = {},
    /** What the code says beside its detail. */
    readonly more: Readonly<Record<string, unknown>> = {},
    /** Where the table of codes does not say it. */
    readonly status: number = statusOfCode(refusals[0].code) ?? REFUSED_STATUS,
  ) {
    super(refusals.map(({ message }) => message).join(' '));
  }
}

/** A problem with one reason. */
export function problem(
  code: string,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): ProblemRaised {
  return new ProblemRaised([refuse(code, detail)], headers);
}

export const PROBLEM_TYPE = 'application/problem+json';
const TYPE_PREFIX = 'urn:wayledger:problem:';

const factSchema = shape.object(
  {
    event: shape.eventId(),
    type: Type.String(),
    version: Type.Integer({ minimum: 0 }),
    occurredOn: shape.date(),
    recordedAt: shape.instant(),
    sentence: Type.String({ description: 'what happened, without anything personal' }),
  },
  { additionalProperties: false },
);

/** RFC 9457. */
export const problemSchema = shape.object(
  {
    type: Type.String({ pattern: `^${TYPE_PREFIX}[a-z0-9-]+$` }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'what was wrong, and what to do' }),
    code: Type.String({ description: 'stable, for programs; the last part of the type' }),
    instance: Type.String({ description: 'the id of the request, as it stands in the log' }),
    errors: shape.array(
      shape.object(
        {
          code: Type.String(),
          field: shape.optional(Type.String()),
          detail: Type.String(),
          data: shape.optional(
            Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
              description: 'the figures behind it',
            }),
          ),
        },
        { additionalProperties: false },
      ),
      { description: 'every reason', minItems: 1, maxItems: REASONS_TOLD_MAX },
    ),
    currentVersion: shape.optional(
      Type.Integer({ minimum: 0, description: 'of version-changed: where the referral is now' }),
    ),
    between: shape.optional(
      shape.array(factSchema, {
        description: 'of version-changed: what happened since, the newest where it is a lot',
      }),
    ),
  },
  { additionalProperties: false },
);

export function problemBody(
  { refusals, more: besides, status }: Pick<ProblemRaised, 'refusals' | 'more' | 'status'>,
  requestId: string,
): object {
  const [{ code }] = refusals;
  const told = refusals.slice(0, REASONS_TOLD_MAX);
  const left = refusals.length - told.length;
  const more = left > 0 ? [`And ${left} more reasons.`] : [];
  const detail = [...told.map(({ message }) => message), ...more].join(' ');
  const errors = told.map(({ code, field, message, data }) => ({
    ...{ code, ...(field !== undefined && { field }), detail: message },
    ...(data !== undefined && { data }),
  }));
  const type = `${TYPE_PREFIX}${code}`;
  const instance = `urn:uuid:${requestId}`;
  return { type, title: titleOf(code), status, detail, code, instance, errors, ...besides };
}

function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
