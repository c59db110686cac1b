import type { Ajv } from 'ajv';

/** The formats of text that a validator checks. A date may be one that its month does not have. */
const formats: Record<string, RegExp> = {
  date: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
  'date-time':
    /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i,
  uuid: /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i,
  email: /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/,
  uri: /^[a-z][a-z\d+.-]*:\S+$/i,
};
/** Formats that say how a value is meant and restrict nothing. */
const annotations = ['int64', 'float', 'double', 'byte', 'binary', 'password'];

/** Makes a validator factory take the formats and the words of OpenAPI 3.0. It reports any other format. */
export function useOpenApiWords(ajv: Ajv): void {
  for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format);
  for (const name of annotations) ajv.addFormat(name, true);
  ajv.addVocabulary(['example', 'externalDocs', 'xml']);
}

/**
 * Returns a schema of OpenAPI 3.0 as JSON Schema: the bound of a boolean `exclusiveMinimum` is `minimum`, and the format
 * `int32` is a range.
 */
export function jsonSchemaOf(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(jsonSchemaOf);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, format, ...others }: Record<string, unknown> = {
    ...schema,
  };
  const isInt32 = format === 'int32';
  const isChanged = isInt32 || typeof exclusiveMinimum === 'boolean' || typeof exclusiveMaximum === 'boolean';
  if (!isChanged) return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, jsonSchemaOf(value)]));
  const low = minimum ?? (isInt32 ? -(2 ** 31) : undefined);
  const high = maximum ?? (isInt32 ? 2 ** 31 - 1 : undefined);
  const bounds = {
    ...(low !== undefined && { [exclusiveMinimum === true ? 'exclusiveMinimum' : 'minimum']: low }),
    ...(high !== undefined && { [exclusiveMaximum === true ? 'exclusiveMaximum' : 'maximum']: high }),
  };
  return { ...others, ...bounds, ...(!isInt32 && format !== undefined && { format }) };
}
