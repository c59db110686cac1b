/** Which bodies have the type of a schema: every keyword that the typed client reads, also those that no response has yet. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matchesSchema, type ResponseSchema } from '../../shared/client/schema-match.ts';

const schemas: Record<string, ResponseSchema> = { Name: { type: 'string' } };
const name: ResponseSchema = { $ref: 'Name' };

interface Case {
  what: string;
  schema: ResponseSchema;
  matching: unknown[];
  others: unknown[];
}

const cases: Case[] = [
  { what: 'no keyword', schema: {}, matching: [null, 0, '', false, [], [1], { a: 1 }], others: [] },
  { what: 'a $ref', schema: name, matching: ['a'], others: [1, null] },
  { what: 'a $ref to nothing', schema: { $ref: 'Other' }, matching: [1, null], others: [] },
  { what: 'string', schema: { type: 'string' }, matching: ['', 'a'], others: [null, 1, {}, []] },
  { what: 'number', schema: { type: 'number' }, matching: [0, 1.5], others: [null, '1'] },
  { what: 'integer', schema: { type: 'integer' }, matching: [0, -1], others: [1.5, '1', null] },
  { what: 'boolean', schema: { type: 'boolean' }, matching: [false, true], others: [0, null] },
  { what: 'object', schema: { type: 'object' }, matching: [{}, { a: 1 }], others: [null, [], 'a'] },
  { what: 'array', schema: { type: 'array' }, matching: [[], [1, 'a']], others: [null, {}, 'a'] },
  { what: 'nullable', schema: { type: 'string', nullable: true }, matching: [null, 'a'], others: [1, {}] },
  { what: 'enum', schema: { enum: ['a', 1] }, matching: ['a', 1], others: ['b', null, '1'] },
  { what: 'items', schema: { items: name }, matching: [[], ['a', 'b']], others: [[1], ['a', null]] },
  {
    what: 'allOf',
    schema: { allOf: [{ required: ['a'] }, { required: ['b'] }] },
    matching: [{ a: 1, b: 1 }],
    others: [{ a: 1 }, { b: 1 }, {}],
  },
  { what: 'anyOf', schema: { anyOf: [name, { type: 'integer' }] }, matching: ['a', 1], others: [1.5, null] },
  { what: 'required', schema: { required: ['toString'] }, matching: [{ toString: 1 }], others: [{}, { a: 1 }] },
  {
    what: 'properties',
    schema: { properties: { a: name } },
    matching: [{}, { a: 'a' }, { b: 1 }, { constructor: 1 }],
    others: [{ a: 1 }],
  },
  {
    what: 'additionalProperties',
    schema: { properties: { a: { type: 'integer' } }, additionalProperties: name },
    matching: [{}, { a: 1 }, { a: 1, b: 'b' }],
    others: [{ b: 1 }, { a: 'a' }],
  },
];

for (const { what, schema, matching, others } of cases) {
  describe(what, () => {
    for (const value of matching) {
      test(`${JSON.stringify(value)} matches`, () => assert.equal(matchesSchema(value, schema, schemas), true));
    }
    for (const value of others) {
      test(`${JSON.stringify(value)} does not match`, () => assert.equal(matchesSchema(value, schema, schemas), false));
    }
  });
}
