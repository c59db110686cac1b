/** The sentences of a validation error, for each keyword that a schema of the contract may use. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { useOwnMessages, withOwnTypeMessages } from '../../infra/contract/validation-messages.ts';

const ajv = new Ajv({ allErrors: true, code: { process: withOwnTypeMessages } });
useOwnMessages(ajv);

const cases: [message: string, schema: object, value: unknown][] = [
  ['is required', { type: 'object', required: ['a'] }, {}],
  ['must be a number', { type: 'number' }, '1'],
  ['must be a string', { type: 'string' }, 1],
  ['must be a boolean', { type: 'boolean' }, 1],
  ['must be an integer', { type: 'integer' }, 1.5],
  ['must be an array', { type: 'array' }, {}],
  ['must be an object', { type: 'object' }, []],
  ['must be a string', { type: 'string', nullable: true }, 1],
  ["must be one of 'positive', 'neutral'", { type: 'string', enum: ['positive', 'neutral'] }, 'happy'],
  ["must be one of 1, '1', null", { enum: [1, '1', null] }, 2],
  ["must be 'a'", { const: 'a' }, 'b'],
  ['must have at least 1 character', { type: 'string', minLength: 1 }, ''],
  ['must have at most 65,536 characters', { type: 'string', maxLength: 65_536 }, 'x'.repeat(65_537)],
  ['must match the pattern ^[a-z]+$', { type: 'string', pattern: '^[a-z]+$' }, '1'],
  ['must be at least -0.5', { type: 'number', minimum: -0.5 }, -1],
  ['must be at most 10000', { type: 'number', maximum: 10_000 }, 10_001],
  ['must be more than 0', { type: 'number', exclusiveMinimum: 0 }, 0],
  ['must be less than 1', { type: 'number', exclusiveMaximum: 1 }, 1],
  ['must be a multiple of 5', { type: 'number', multipleOf: 5 }, 7],
  ['must have at least 2 items', { type: 'array', minItems: 2 }, [1]],
  ['must have at most 1,000 items', { type: 'array', maxItems: 1000 }, Array.from({ length: 1001 }, () => 0)],
  ['must not have the same item twice', { type: 'array', uniqueItems: true }, [1, 1]],
  ['must have at least 1 member', { type: 'object', minProperties: 1 }, {}],
  ['must have at most 1 member', { type: 'object', maxProperties: 1 }, { a: 1, b: 2 }],
  [
    'must not have members that the schema does not name',
    { type: 'object', properties: {}, additionalProperties: false },
    { a: 1 },
  ],
  ['must match exactly one of the schemas', { oneOf: [{}, {}] }, 1],
  ['must match at least one of the schemas', { anyOf: [{ not: {} }] }, 1],
  ['must not match the schema', { not: {} }, 1],
];

describe('a validation error', () => {
  for (const [message, schema, value] of cases) {
    test(`says "${message}" for ${JSON.stringify(schema)}`, () => {
      const validate = ajv.compile(schema);
      assert.equal(validate(value), false);
      const messages = validate.errors?.map((error) => error.message) ?? [];
      assert(messages.includes(message), messages.join('; '));
      for (const seen of messages)
        assert.doesNotMatch(seen ?? '', /NOT|must be (?!an? )(?:number|string|object|array)/);
    });
  }

  test('of another validator keeps its own words', () => {
    const validate = new Ajv().compile({ type: 'string', maxLength: 1 });
    assert.equal(validate('ab'), false);
    assert.equal(validate.errors?.[0]?.message, 'must NOT have more than 1 characters');
  });
});
