import { createRequire } from 'node:module';
import { DocumentBuilder, type OpenAPIObject } from '@nestjs/swagger';
import Type from 'typebox';
import { shape } from '#kernel';
import { fieldSchemas, type Schema } from '#engine';
import { commandRoutes } from '../commands/routes.js';
import { problemSchema } from '../problems/problem.js';
import { PagedReading } from '../queries/parameters.js';
import type { QueryRoute } from '../queries/route.js';
import { queryRoutes } from '../queries/routes.js';
import { closed, freshnessShape, position } from '../queries/shapes.js';
import {
  REFS,
  SHARED_RESPONSES,
  SHARED_SCHEMAS,
  commandOperation,
  queryOperation,
  requestSchema,
  withUuids,
} from './operations.js';

const { version: VERSION } = createRequire(import.meta.url)('../../../../../package.json') as {
  version: string;
};

const DESCRIPTION = `
The engine under social prescribing: referrals as facts, and the money that follows the person.

**Commands** say what happened: \`POST /v1/<slice>/<command>\` with when (\`at\`), by whom
(\`actor\`) and what (\`data\`). Each needs an \`Idempotency-Key\`; those on a referral that is there
already need \`If-Match\` with its ETag, and who decided on an older version hears what happened in
between. The key belongs to what the command is about: on another referral it is another command.

**Queries** answer from read models. \`freshness\` says how far those were; with \`minPosition\` (the
\`position\` of a command's answer) a query waits until that can be seen. \`knownAt\` asks for what was
known then, \`occurredBy\` for what had happened by a day, \`postedBy\` for what the books carried.

**Money** is whole pence. **Problems** are RFC 9457, with a stable \`code\` and every reason.
`;

const commandAnswer = closed({
  stream: Type.String({ description: 'which history it was written to' }),
  version: Type.Integer({ minimum: -1, description: 'of that history, after it' }),
  position: position('its place in the log: what minPosition takes'),
  events: shape.array(closed({ id: shape.eventId(), type: Type.String() })),
  unchanged: Type.Boolean({ description: 'nothing was written: known already, or nothing to do' }),
  notes: shape.optional(shape.array(Type.String(), { description: 'said once, kept nowhere' })),
});

/** All that the service offers, from the very tables and classes that it runs by. */
export function apiDocument(): OpenAPIObject {
  const fields = fieldSchemas(REFS);
  const commands = commandRoutes.map((route): [string, Schema] => [
    route.path,
    { post: commandOperation(route, fields[route.name]) },
  ]);
  const queries = queryRoutes.map((route): [string, Schema] => [
    route.path,
    { get: queryOperation(route, fields[route.parameters.name]) },
  ]);
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Wayledger')
    .setDescription(DESCRIPTION.trim())
    .setVersion(VERSION)
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'token')
    .addSecurityRequirements('token')
    .build();
  const schemas = { ...SHARED_SCHEMAS, ...commandParts(fields), ...answers() };
  // The library's types know version 3.0, in which a schema says less.
  return {
    ...base,
    paths: Object.fromEntries([...commands, ...queries]),
    components: { ...base.components, schemas, responses: SHARED_RESPONSES },
  } as unknown as OpenAPIObject;
}

/** The data of each command, and whatever they are made of. */
function commandParts(fields: Readonly<Record<string, Schema>>): Record<string, Schema> {
  const parts: Record<string, Schema> = {};
  const take = (name: string) => {
    const schema = fields[name];
    if (schema === undefined || Object.hasOwn(parts, name)) return;
    parts[name] = withUuids(name, schema);
    const refs = JSON.stringify(schema).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/gu);
    for (const [, part = ''] of refs) take(part);
  };
  for (const { name } of commandRoutes) {
    take(name);
    parts[`${name}Request`] = requestSchema(name);
  }
  return parts;
}

function answers(): Record<string, unknown> {
  return {
    CommandAnswer: commandAnswer,
    Problem: problemSchema,
    ...Object.fromEntries(queryRoutes.map((route) => [`${route.name}Answer`, answerOf(route)])),
  };
}

function answerOf({ answer, parameters }: QueryRoute) {
  const isPaged = parameters.prototype instanceof PagedReading;
  const next = Type.String({ description: 'the cursor of the next page; absent on the last' });
  return closed({
    ...answer.properties,
    ...(isPaged && { next: shape.optional(next) }),
    freshness: freshnessShape,
  });
}
