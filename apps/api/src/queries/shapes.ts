import Type, { type TProperties, type TSchema } from 'typebox';
import { shape } from '#kernel';

/** An object with these fields and no other. */
export const closed = <P extends TProperties>(properties: P, description?: string) =>
  shape.object(properties, {
    additionalProperties: false,
    ...(description !== undefined && { description }),
  });

export const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

export const count = (description?: string) =>
  Type.Integer({ minimum: 0, ...(description !== undefined && { description }) });

export const position = (description: string) => Type.Integer({ minimum: 0, description });

export const freshnessShape = closed(
  {
    position: position('how far in the log the read models were, at least'),
    head: position('where the log ended then'),
  },
  'how fresh the answer is',
);

/** What the answer to a cut query says of the cut. */
export const knownBy = {
  knownAt: shape.optional(Type.String({ description: 'as it was asked for' })),
  knownBy: position('the place in the log that all of it is answered as of'),
};
