import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Compile, type Validator } from 'typebox/schema';
import { deriveId, toJson } from '#kernel';
import { Generations } from '#projection';
import { projections } from '#engine';
import { HOSTILE, hurt, validFor, type Known, type Schema } from './testing/inputs.js';
import { postLines, scenarioLines, type Posted } from './testing/scenario.js';
import { startService, type Answer, type Service } from './testing/service.js';

const RUNS = 12;
const TIMEOUT_MS = 240_000;

interface Operation {
  readonly operationId: string;
  readonly path: string;
  readonly method: string;
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: Schema }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> };
  readonly responses: Readonly<Record<string, Schema>>;
}

let service: Service;
let document: Schema;
let operations: Operation[];
let posted: Posted[];
let known: Known;
const succeeded = new Set<string>();

beforeAll(async () => {
  service = await startService();
  const { status, body } = await service.ask('/v1/openapi.json');
  expect(status).toBe(200);
  document = body;
  operations = Object.entries(body['paths'] as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, one]) => ({
        ...one,
        path,
        method: method.toUpperCase(),
      })),
  );
  posted = await postLines(service, scenarioLines());
  known = knownFrom(posted);
}, TIMEOUT_MS);
afterAll(() => service.close());

/** Ids and slugs of what was given: with others alone nothing but "no such" would be seen. */
function knownFrom(all: readonly Posted[]): Known {
  const text = JSON.stringify(all.map(({ body, answer }) => [body, answer.body]));
  const found = (pattern: RegExp) => [
    ...new Set([...text.matchAll(pattern)].map(([, one]) => one!)),
  ];
  return {
    referrals: found(/"referral-([0-9a-f-]{36})"/gu),
    uuids: found(/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/gu),
    slugs: [
      'north',
      'allot',
      'lw-a',
      'lottery',
      'spring',
      'gardening',
      'prescribing',
      'allot-2024',
    ],
    days: ['2024-05-08', '2024-06-03', '2026-05-31', '2028-01-15'],
  };
}

const validators = new Map<string, Validator>();

/** No answer refers to another schema. */
function validatorOf({ responses }: Operation, status: number): Validator {
  const schema = schemaOf(responses[String(status)]!);
  const name = String(schema['$ref']);
  const before = validators.get(name);
  if (before !== undefined) return before;
  const validator = Compile(referred('schemas', schema));
  validators.set(name, validator);
  return validator;
}

function schemaOf(response: Schema): Schema {
  const whole = '$ref' in response ? referred('responses', response) : response;
  const [content] = Object.values(whole['content'] as Record<string, { schema: Schema }>);
  return content!.schema;
}

function referred(part: string, { $ref }: Schema): Schema {
  const parts = (document['components'] as Record<string, Record<string, Schema>>)[part]!;
  return parts[String($ref).split('/').at(-1)!]!;
}

/** What holds of every answer, whatever was asked. */
function checkAnswer(operation: Operation, { status, type, body, text }: Answer): void {
  const told = `${operation.operationId} ${status} ${text.slice(0, 400)}`;
  expect({ told, known: Object.keys(operation.responses) }).toMatchObject({
    known: expect.arrayContaining([String(status)]),
  });
  expect({ told, status: status < 500 }).toEqual({ told, status: true });
  expect({ told, type }).toEqual({
    told,
    type: status < 400 ? 'application/json' : 'application/problem+json',
  });
  const validator = validatorOf(operation, status);
  const [isValid, errors] = validator.Errors(body);
  expect({ told, errors: isValid ? [] : errors }).toEqual({ told, errors: [] });
  if (status >= 400) expect(body).toMatchObject({ status, code: expect.any(String) });
  else succeeded.add(operation.operationId);
}

interface Request {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

async function ask(operation: Operation, { path, headers, body }: Request): Promise<Answer> {
  const { method } = operation;
  const before = await service.wayledger.log.head();
  const answer = await service.ask(path, { method, headers, ...(body !== undefined && { body }) });
  checkAnswer(operation, answer);
  if (answer.status >= 400) expect(await service.wayledger.log.head()).toBe(before);
  return answer;
}

const JSON_HEADERS = { 'Content-Type': 'application/json' };
let keys = 0;
const newKey = () => deriveId('test', String((keys += 1)));

function pathOf(operation: Operation, given: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  let path = operation.path;
  for (const { name, in: place } of operation.parameters) {
    const value = given[name];
    if (value === undefined) continue;
    const text = typeof value === 'string' ? value : toJson(value);
    if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(text.toWellFormed()));
    else if (place === 'query') query.set(name, text);
  }
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

function requestOf(operation: Operation, given: Readonly<Record<string, unknown>>): Request {
  const headers = Object.fromEntries(
    ['Idempotency-Key', 'If-Match']
      .filter((name) => given[name] !== undefined)
      .map((name) => [name, String(given[name])]),
  );
  return { path: pathOf(operation, given), headers };
}

/** With only what a schema says, next to nothing would be found. */
const TELLING: Readonly<Record<string, readonly string[]>> = {
  anchor: ['north'],
  provider: ['allot', 'north'],
  month: ['2026-04', '2026-05'],
  linkWorker: ['lw-a'],
  knownAt: ['2026-05-31', '2026-05-31T17:00:00+01:00', '12'],
};

function ofParameter(name: string, any: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  if (name === 'minPosition') return fc.nat(150);
  if (name === 'knownAt') return fc.constantFrom(...TELLING[name]!);
  const telling = name === 'referral' ? known.referrals : TELLING[name];
  if (telling === undefined) return any;
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...telling) },
    { weight: 1, arbitrary: any },
  );
}

/** Parameters that the document allows; a key is never used twice. */
function parametersOf({ parameters }: Operation) {
  const of = validFor(document, known);
  const record = Object.fromEntries(
    parameters
      .filter(({ in: place, name }) => name !== 'cursor' && place !== 'header')
      .map(({ name, schema }) => [name, ofParameter(name, of(schema))]),
  );
  const has = (header: string) => parameters.some(({ name }) => name === header);
  const requiredKeys = parameters
    .filter(({ required, name }) => required && Object.hasOwn(record, name))
    .map(({ name }) => name);
  return fc.record(record, { requiredKeys }).map((given) => ({
    ...given,
    ...(has('Idempotency-Key') && { 'Idempotency-Key': newKey() }),
    ...(has('If-Match') && { 'If-Match': '*' }),
  }));
}

async function hashes(): Promise<string[]> {
  await service.wayledger.catchUp();
  const generations = new Generations(service.wayledger.views);
  const all: string[] = [];
  for (const { name, tables } of projections) {
    all.push(await generations.hash(tables, (await generations.active(name))!.number));
  }
  return all;
}

/** One that the document allows, by the operation's own number. */
function allowed(operation: Operation, count: number) {
  const body = operation.requestBody?.content['application/json']!.schema;
  const bodies = body === undefined ? fc.constant(undefined) : validFor(document, known)(body);
  const both = fc.tuple(parametersOf(operation), bodies);
  return fc.sample(both, { numRuns: count, seed: operations.indexOf(operation) });
}

function askWith(operation: Operation, given: Readonly<Record<string, unknown>>, body?: string) {
  const { path, headers } = requestOf(operation, given);
  if (body === undefined) return ask(operation, { path, headers });
  return ask(operation, { path, headers: { ...headers, ...JSON_HEADERS }, body });
}

const textOf = (body: unknown) => (body === undefined ? undefined : JSON.stringify(body));

describe('the service keeps what its document promises', () => {
  test('of the commands of whole histories', () => {
    for (const { command, answer } of posted) {
      checkAnswer(
        operations.find(({ operationId }) => operationId === command)!,
        answer,
      );
    }
  });

  test(
    'of what it allows',
    async () => {
      for (const operation of operations) {
        for (const [given, body] of allowed(operation, RUNS)) {
          await askWith(operation, given, textOf(body));
        }
      }
    },
    TIMEOUT_MS,
  );

  test(
    'with one value made hostile, anywhere',
    async () => {
      const seed = 7;
      for (const operation of operations) {
        const inputs = allowed(operation, RUNS);
        const places = fc.sample(fc.nat(), { numRuns: RUNS, seed });
        for (const [index, [given, body]] of inputs.entries()) {
          const hostile = HOSTILE[(index * 7 + operations.indexOf(operation)) % HOSTILE.length];
          if (body !== undefined) {
            await askWith(operation, given, JSON.stringify(hurt(body, hostile, places[index]!)));
            continue;
          }
          const names = operation.parameters.map(({ name }) => name);
          const name = names[places[index]! % names.length]!;
          // A very long address is refused before it comes to a route.
          const text = typeof hostile === 'string' ? hostile.slice(0, 5_000) : hostile;
          await askWith(operation, { ...given, [name]: text });
        }
      }
    },
    TIMEOUT_MS,
  );

  test(
    'and nothing is changed by what it refuses',
    async () => {
      const before = await hashes();
      for (const operation of operations) {
        const [[given, body] = [{}, undefined]] = allowed(operation, 1);
        for (const [sent, text, status] of wrongOnes(operation, given, body)) {
          const answer = await askWith(operation, sent, text);
          expect([operation.operationId, text?.slice(0, 80), answer.status]).toEqual([
            ...[operation.operationId, text?.slice(0, 80), status],
          ]);
        }
      }
      expect(await hashes()).toEqual(before);
    },
    TIMEOUT_MS,
  );

  test('and every operation was seen to succeed', () => {
    // No scheme that is shipped lets an offered place lapse.
    const never = operations
      .map(({ operationId }) => operationId)
      .filter((id) => !succeeded.has(id));
    expect(never).toEqual(['LapsePlace']);
  });

  test('and a hash tells what was changed', async () => {
    const before = await hashes();
    const [first] = posted.filter(({ command }) => command === 'Refer');
    const { status } = await service.post('/v1/referral/refer', newKey(), {
      ...(first!.body as { data: object }),
      data: { anchor: 'north', scheme: 'spring', route: 'gp', name: 'A', contact: 'B' },
    });
    expect(status).toBe(200);
    expect(await hashes()).not.toEqual(before);
  });
});

type Wrong = readonly [Readonly<Record<string, unknown>>, string | undefined, number];

/** What each operation must refuse, and how. */
function wrongOnes(
  operation: Operation,
  given: Readonly<Record<string, unknown>>,
  body: unknown,
): Wrong[] {
  if (body === undefined) {
    return [
      [{ ...given, minPosition: '-1' }, undefined, 400],
      [{ ...given, minPosition: 'NaN' }, undefined, 400],
      [{ ...given, minPosition: 10n ** 15n }, undefined, 422],
    ];
  }
  const text = JSON.stringify(body);
  const isVersioned = operation.parameters.some(({ name }) => name === 'If-Match');
  const { 'Idempotency-Key': _key, ...keyless } = given as Record<string, unknown>;
  const { 'If-Match': _version, ...versionless } = given as Record<string, unknown>;
  const broken = [
    ...['', '{', 'null', '[]', '"text"', '1e999', 'NaN', `${text}x`, `[${text}]`],
    `${'{"data":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
    text.replace('"data":{', '"data":{"__proto__":{"a":1},'),
    text.replace('"data":{', '"data":{"constructor":{"prototype":1},'),
    text.replace('"data":{', '"data":{"toString":1,'),
    text.replace('{', '{"id":"mine",'),
    text.replace('{', '{"recordedAt":"2020-01-01",'),
  ];
  return [
    ...broken.map((wrong): Wrong => [given, wrong, 400]),
    [given, `"${'x'.repeat(300_000)}"`, 413],
    [keyless, text, 400],
    [{ ...given, 'Idempotency-Key': 'x'.repeat(201) }, text, 400],
    isVersioned ? [versionless, text, 428] : [{ ...given, 'If-Match': '"v1"' }, text, 400],
    [{ ...given, 'If-Match': 'W/"v1"' }, text, 400],
    [{ ...given, 'If-Match': '"v1", "v2"' }, text, 400],
  ];
}
