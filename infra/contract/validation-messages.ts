import type { Ajv } from 'ajv';
import type { KeywordErrorCxt } from 'ajv/dist/types/index.js';

/** The sentences that complete "The member …", by keyword of JSON Schema. They are written for the value's sender. */
const messages: Record<string, string | ((context: KeywordErrorCxt) => string)> = {
  required: 'is required',
  enum: ({ schema }) => `must be one of ${schema.map(quoted).join(', ')}`,
  const: ({ schema }) => `must be ${quoted(schema)}`,
  minLength: ({ schema }) => `must have at least ${counted(schema, 'character')}`,
  maxLength: ({ schema }) => `must have at most ${counted(schema, 'character')}`,
  pattern: ({ schema }) => `must match the pattern ${schema}`,
  format: ({ schema }) => `must have the format ${schema}`,
  minimum: ({ schema }) => `must be at least ${schema}`,
  maximum: ({ schema }) => `must be at most ${schema}`,
  exclusiveMinimum: ({ schema }) => `must be more than ${schema}`,
  exclusiveMaximum: ({ schema }) => `must be less than ${schema}`,
  multipleOf: ({ schema }) => `must be a multiple of ${schema}`,
  minItems: ({ schema }) => `must have at least ${counted(schema, 'item')}`,
  maxItems: ({ schema }) => `must have at most ${counted(schema, 'item')}`,
  uniqueItems: 'must not have the same item twice',
  minProperties: ({ schema }) => `must have at least ${counted(schema, 'member')}`,
  maxProperties: ({ schema }) => `must have at most ${counted(schema, 'member')}`,
  additionalProperties: 'must not have members that the schema does not name',
  anyOf: 'must match at least one of the schemas',
  oneOf: 'must match exactly one of the schemas',
  not: 'must not match the schema',
};

/**
 * Replaces ajv's messages, such as "must NOT have more than 65536 characters", by sentences. They become literals of
 * the compiled code, so that a function carries no text but its own and formats nothing.
 * @param ajv a validator factory that has compiled nothing yet
 * @throws {Error} when ajv has no such keyword
 */
export function useOwnMessages(ajv: Ajv): void {
  for (const [keyword, message] of Object.entries(messages)) {
    const definition = ajv.getKeyword(keyword);
    // ajv keeps a definition per instance, not the one of its module.
    if (typeof definition !== 'object') throw new Error(`ajv has no keyword ${keyword}`);
    definition.error = { ...definition.error, message };
  }
}

/** Returns compiled code with "must be a number" for ajv's "must be number": ajv cannot change messages of `type`. */
export function withOwnTypeMessages(code: string): string {
  return code.replaceAll(
    /message:"must be (array|boolean|integer|null|number|object|string)"/g,
    (_, type: string) => `message:"must be ${type === 'null' ? '' : /^[aio]/.test(type) ? 'an ' : 'a '}${type}"`,
  );
}

function counted(limit: number, noun: string): string {
  return `${limit.toLocaleString('en')} ${noun}${limit === 1 ? '' : 's'}`;
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}
