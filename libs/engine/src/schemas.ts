import { createRequire } from 'node:module';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { ACTOR_ROLES } from '#kernel';
import { NAME_LENGTH_MAX } from '#interop';
import { commandCatalogue, eventCatalogue } from './wayledger.js';

// The library keeps what its decorators said in a module that it gives no types for.
const { defaultMetadataStorage } = createRequire(import.meta.url)(
  'class-transformer/cjs/storage',
) as {
  defaultMetadataStorage: NonNullable<
    NonNullable<
      Parameters<typeof validationMetadatasToSchemas>[0]
    >['classTransformerMetadataStorage']
  >;
};

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
export type Schema = Readonly<Record<string, unknown>>;

/**
 * Every class of checked fields that is loaded, by its name, as JSON Schema without anything beside
 * its own fields. `refs`: what goes before a name where one refers to another.
 */
export function fieldSchemas(refs: string): Record<string, Schema> {
  const schemas = validationMetadatasToSchemas({
    classTransformerMetadataStorage: defaultMetadataStorage,
    refPointerPrefix: refs,
  }) as unknown as Record<string, Schema>;
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      { ...withoutLooseRefs(schema, schemas), additionalProperties: false },
    ]),
  );
}

/** A line of a command file, and the data of each command, as JSON Schema. */
export function commandSchemas(): Schema {
  const closed = fieldSchemas('#/$defs/');
  const commands = Object.keys(commandCatalogue);
  return {
    $schema: DRAFT,
    title: 'A line of a Wayledger command file',
    type: 'object',
    required: ['id', 'command', 'at', 'actor', 'data'],
    additionalProperties: false,
    properties: {
      id: {
        type: 'string',
        minLength: 1,
        maxLength: NAME_LENGTH_MAX,
        description: 'a UUID, or any name that no other command of the file has',
      },
      command: { enum: commands },
      at: {
        type: 'string',
        description: 'when it happened: a date, or an instant with its offset',
      },
      recordedAt: {
        type: 'string',
        description: 'when it was learned: a date or an instant; only with --as-recorded',
      },
      actor: {
        type: 'object',
        required: ['id', 'role', 'organisation'],
        additionalProperties: false,
        properties: {
          id: { type: 'string' },
          role: { enum: [...ACTOR_ROLES] },
          organisation: { type: 'string', description: 'slug of an organisation' },
        },
      },
      data: { type: 'object' },
    },
    oneOf: commands.map((command) => ({
      properties: { command: { const: command }, data: { $ref: `#/$defs/${command}` } },
    })),
    $defs: closed,
  };
}

/** For our own checks the library refers to the field's built-in class, which is no schema. */
function withoutLooseRefs(schema: Schema, known: Record<string, Schema>): Schema {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
  const kept = properties.map(([field, given]): [string, Schema] => {
    const { $ref, ...rest } = given;
    const isLoose = typeof $ref === 'string' && !Object.hasOwn(known, $ref.split('/').at(-1) ?? '');
    return [field, isLoose ? rest : given];
  });
  return { ...schema, properties: Object.fromEntries(kept) };
}

/** The data of each event type as it lies in the log; protected fields apart. */
export function eventSchemas(): Schema {
  return {
    $schema: DRAFT,
    title: 'The events of Wayledger',
    $defs: Object.fromEntries(
      Object.entries(eventCatalogue).map(([type, { version, about, data, protectedData }]) => [
        type,
        {
          type: 'object',
          description: about,
          properties: {
            schemaVersion: { const: version },
            data,
            ...(protectedData !== undefined && { protected: protectedData }),
          },
        },
      ]),
    ),
  };
}
