import { ACTOR_ROLES, idFieldsOf } from '#kernel';
import { NAME_LENGTH_MAX } from '#interop';
import type { Schema } from '#engine';
import { commandRoutes, type CommandRoute } from '../commands/routes.js';
import { IDEMPOTENCY_KEY_LENGTH_MAX } from '../limits.js';
import { codesOfStatus } from '../problems/codes.js';
import { PROBLEM_TYPE } from '../problems/problem.js';
import type { QueryRoute } from '../queries/route.js';

export const REFS = '#/components/schemas/';
export const refTo = (name: string): Schema => ({ $ref: `${REFS}${name}` });

type Fields = Readonly<Record<string, Schema>>;
export const propertiesOf = (schema: Schema | undefined) =>
  (schema?.['properties'] ?? {}) as Fields;
const requiredOf = (schema: Schema | undefined) => (schema?.['required'] ?? []) as string[];

const ETAG = {
  schema: { type: 'string', pattern: '^"v-?\\d+"$' },
  description: 'the version, for If-Match',
};

const KEY_HEADER: Schema = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  schema: {
    type: 'string',
    minLength: 1,
    maxLength: IDEMPOTENCY_KEY_LENGTH_MAX,
    pattern: '^[ !#-\\[\\]-~]*[!#-\\[\\]-~][ !#-\\[\\]-~]*$',
  },
  description:
    'A new one for each command, best a random UUID: that is the id of the command. The same ' +
    'command sent again with it is carried out once, and answered as the first time.',
};

const VERSION_HEADER: Schema = {
  name: 'If-Match',
  in: 'header',
  // Its absence has its own status, so that nobody forgets it.
  required: true,
  schema: { type: 'string', pattern: '^(\\*|"v\\d{1,9}")$' },
  description: 'The ETag of the referral that this was decided on; `*`: whatever it is.',
};

/** What can go wrong with every request. */
const EVERYWHERE = [400, 401, 403, 406, 421, 500, 503];

const WHAT: Readonly<Record<number, string>> = {
  400: 'Something in the request cannot be read; every reason is named.',
  401: 'The token is missing or wrong.',
  403: 'Somebody else may do this.',
  404: 'What it is about is not there.',
  406: 'The answer is JSON, and that was not accepted.',
  409: 'Something came in between: give it again as a new command.',
  412: 'It was decided on another version; what happened in between is told.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  421: 'The service does not answer under this host name.',
  422: 'It was understood, decided and refused; nothing was written.',
  428: 'If-Match is missing.',
  500: 'Nobody foresaw this.',
  503: 'The store or its read models cannot be used just now: try again.',
};
/** More of them are told in one line than help. */
const CODES_TOLD_MAX = 30;

const nameOfProblem = (status: number | string) => `Problem${status}`;

function problems(statuses: readonly number[]): Fields {
  const sorted = [...statuses].sort((a, b) => a - b);
  return Object.fromEntries(
    sorted.map((status) => [status, { $ref: `#/components/responses/${nameOfProblem(status)}` }]),
  );
}

/** Every answer that is no success, once. */
export const SHARED_RESPONSES: Fields = Object.fromEntries(
  Object.entries(WHAT).map(([status, what]) => {
    const codes = codesOfStatus(Number(status));
    const told = codes.length > CODES_TOLD_MAX ? [] : [`Codes: ${codes.join(', ')}.`];
    const response = {
      description: [what, ...told].join(' '),
      ...(status === '503' && { headers: { 'Retry-After': { schema: { type: 'string' } } } }),
      content: { [PROBLEM_TYPE]: { schema: refTo('Problem') } },
    };
    return [nameOfProblem(status), response];
  }),
);

function answered(description: string, schema: Schema, headers: Fields): Schema {
  return { description, headers, content: { 'application/json': { schema } } };
}

export function commandOperation(route: CommandRoute, data: Schema | undefined): Schema {
  const { name, slice, versioned } = route;
  const begins = slice === 'referral' && !versioned;
  const more = versioned ? [404, 409, 412, 413, 415, 422, 428] : [404, 409, 413, 415, 422];
  const location = { schema: { type: 'string' }, description: 'where the referral can be read' };
  return {
    operationId: name,
    tags: [`${slice}: commands`],
    summary: data?.['description'],
    parameters: [KEY_HEADER, ...(versioned ? [VERSION_HEADER] : [])],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: refTo(`${name}Request`) } },
    },
    responses: {
      200: answered('Written, or known already.', refTo('CommandAnswer'), {
        ETag: ETAG,
        ...(begins && { Location: location }),
      }),
      ...problems([...EVERYWHERE, ...more]),
    },
  };
}

/** What the body of a command holds. */
export function requestSchema(name: string): Schema {
  return {
    type: 'object',
    required: ['at', 'actor', 'data'],
    additionalProperties: false,
    properties: { at: refTo('When'), actor: refTo('Actor'), data: refTo(name) },
  };
}

export const SHARED_SCHEMAS: Fields = {
  When: {
    description: 'when it happened: a date, or an instant with its offset',
    anyOf: [
      { type: 'string', format: 'date' },
      { type: 'string', format: 'date-time' },
    ],
  },
  Actor: {
    description: 'who gives the command, and for which organisation',
    type: 'object',
    required: ['id', 'role', 'organisation'],
    additionalProperties: false,
    properties: {
      id: { type: 'string', minLength: 1, maxLength: NAME_LENGTH_MAX, pattern: '\\S' },
      role: { enum: [...ACTOR_ROLES] },
      organisation: { type: 'string', pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 64 },
    },
  },
};

/** Over HTTP ids are UUIDs: what a file may call things stays in the file. */
export function withUuids(name: string, schema: Schema): Schema {
  const route = commandRoutes.find((one) => one.name === name);
  const ids = route === undefined ? new Map<string, string>() : idFieldsOf(route.command);
  const properties = Object.entries(propertiesOf(schema)).map(([field, given]) => {
    const kind = ids.get(field);
    if (kind === undefined) return [field, given];
    const what = kind === 'entry' ? 'an event, or of the command that recorded it' : `a ${kind}`;
    const uuid = { type: 'string', format: 'uuid', description: `id of ${what}` };
    const { items, ...list } = given;
    return [field, items === undefined ? uuid : { ...list, items: uuid }];
  });
  return { ...schema, properties: Object.fromEntries(properties) as Fields };
}

export function queryOperation(route: QueryRoute, parameters: Schema | undefined): Schema {
  const { name, path, summary, description, refuses = [], hasVersion } = route;
  const needed = requiredOf(parameters);
  return {
    operationId: name,
    tags: [`${path.split('/')[2] ?? ''}: queries`],
    ...{ summary, ...(description !== undefined && { description }) },
    parameters: Object.entries(propertiesOf(parameters)).map(([field, given]) => {
      const { description: told, ...schema } = given;
      const isInPath = path.includes(`{${field}}`);
      return {
        name: field,
        in: isInPath ? 'path' : 'query',
        required: isInPath || needed.includes(field),
        schema,
        ...(told !== undefined && { description: told }),
      };
    }),
    responses: {
      200: answered('Found.', refTo(`${name}Answer`), hasVersion === true ? { ETag: ETAG } : {}),
      ...problems([...EVERYWHERE, ...refuses, 422]),
    },
  };
}
