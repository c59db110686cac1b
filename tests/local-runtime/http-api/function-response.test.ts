/** What the gateway makes of a function's result: payload format 2.0 (PLATFORM_FACTS 1.3). */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { functionResponse } from '../../../infra/local/http-api/function-response.ts';
import { send } from '../../harness/http-client.ts';
import { serve } from '../../harness/test-stack.ts';

const stack = await serve({
  returns: { code: ({ body = '' }) => JSON.parse(body), route: 'POST /returns' },
  returnsNothing: { code: () => {} },
});
after(() => stack[Symbol.asyncDispose]());

/** What the client sees of a result, but for the headers that each answer has. */
async function responseTo(result: unknown) {
  const headers = { 'content-type': 'application/json' };
  const answer = await send(`${stack.url}/returns`, { method: 'POST', headers, body: JSON.stringify(result) });
  const { date, connection, 'apigw-requestid': requestId, 'content-length': length, ...rest } = answer.headers;
  assert(date && connection && requestId);
  if (length !== undefined) assert.equal(Number(length), Buffer.byteLength(answer.body));
  return { ...answer, headers: rest };
}

const json = { 'content-type': 'application/json' };
const text = { 'content-type': 'text/plain; charset=utf-8' };
const internalServerError = { status: 500, headers: json, body: '{"message":"Internal Server Error"}' };

const table: { is: string; result: unknown; answer: Awaited<ReturnType<typeof responseTo>> }[] = [
  {
    is: 'a whole response',
    result: { statusCode: 201, headers: { 'Content-Type': 'text/html', 'X-Own': 'yes' }, body: '<p>é</p>' },
    answer: { status: 201, headers: { 'content-type': 'text/html', 'x-own': 'yes' }, body: '<p>é</p>' },
  },
  {
    is: 'an object without a statusCode',
    result: { name: 'é', body: 'kept', headers: {} },
    answer: { status: 200, headers: json, body: '{"name":"é","body":"kept","headers":{}}' },
  },
  { is: 'an empty object', result: {}, answer: { status: 200, headers: json, body: '{}' } },
  {
    is: 'an array',
    result: [1, { statusCode: 404 }],
    answer: { status: 200, headers: json, body: '[1,{"statusCode":404}]' },
  },
  { is: 'a number', result: 42, answer: { status: 200, headers: json, body: '42' } },
  { is: 'a boolean', result: true, answer: { status: 200, headers: json, body: 'true' } },
  { is: 'a string', result: 'te"st\n', answer: { status: 200, headers: json, body: 'te"st\n' } },
  {
    is: 'a string of JSON',
    result: '{"statusCode":404}',
    answer: { status: 200, headers: json, body: '{"statusCode":404}' },
  },
  { is: 'an empty string', result: '', answer: { status: 200, headers: json, body: '' } },
  { is: 'null', result: null, answer: { status: 200, headers: json, body: 'null' } },
  {
    is: 'a response without a content-type',
    result: { statusCode: 200, body: '{"a":1}' },
    answer: { status: 200, headers: text, body: '{"a":1}' },
  },
  { is: 'a response without a body', result: { statusCode: 404 }, answer: { status: 404, headers: text, body: '' } },
  {
    is: 'a response whose members are null',
    result: { statusCode: 200, headers: null, cookies: null, body: null, isBase64Encoded: null },
    answer: { status: 200, headers: text, body: '' },
  },
  {
    is: 'a response with a status of digits',
    result: { statusCode: '202', body: 'taken' },
    answer: { status: 202, headers: text, body: 'taken' },
  },
  {
    is: 'a response whose body is in base64',
    result: { statusCode: 200, headers: json, body: 'eyJhIjoxfQ==', isBase64Encoded: true },
    answer: { status: 200, headers: json, body: '{"a":1}' },
  },
  {
    is: 'a response with cookies, in both ways',
    result: { statusCode: 200, cookies: ['a=1; Path=/', 'b=2'], headers: { 'set-cookie': 'c=3' } },
    answer: { status: 200, headers: { ...text, 'set-cookie': ['a=1; Path=/', 'b=2', 'c=3'] }, body: '' },
  },
  {
    is: 'a response whose header values are a number and a boolean',
    result: { statusCode: 200, headers: { 'x-number': 1.5, 'x-boolean': false } },
    answer: { status: 200, headers: { ...text, 'x-number': '1.5', 'x-boolean': 'false' }, body: '' },
  },
  {
    is: 'a response with members that format 2.0 does not know',
    result: { statusCode: 200, body: 'b', multiValueHeaders: { 'x-many': ['1'] }, statusDescription: 'Fine', other: 1 },
    answer: { status: 200, headers: text, body: 'b' },
  },
  {
    is: 'a response of 204 with a body',
    result: { statusCode: 204, body: 'lost' },
    answer: { status: 204, headers: text, body: '' },
  },
  {
    is: 'a redirection',
    result: { statusCode: 302, headers: { Location: 'https://example.com/' } },
    answer: { status: 302, headers: { ...text, location: 'https://example.com/' }, body: '' },
  },
  { is: 'a response of 599', result: { statusCode: 599 }, answer: { status: 599, headers: text, body: '' } },
  ...[200.5, 0, 99, 600, '', 'OK', '200.5', null, true, [200]].map((statusCode) => ({
    is: `a response whose status is ${JSON.stringify(statusCode)}`,
    result: { statusCode, body: 'b' },
    answer: internalServerError,
  })),
  {
    is: 'a response whose body is an object',
    result: { statusCode: 200, body: { a: 1 } },
    answer: internalServerError,
  },
  {
    is: 'a response with a line break in a header',
    result: { statusCode: 200, headers: { 'x-a': 'a\r\nx-b: b' } },
    answer: internalServerError,
  },
  {
    is: 'a response with a header value beyond Latin-1',
    result: { statusCode: 200, headers: { 'x-a': '😀' } },
    answer: internalServerError,
  },
  {
    is: 'a response with a space in a header name',
    result: { statusCode: 200, headers: { 'x a': '1' } },
    answer: internalServerError,
  },
  {
    is: 'a response with a line break in a cookie',
    result: { statusCode: 200, cookies: ['a=1\r\nx-b: b'] },
    answer: internalServerError,
  },
];

describe('a result that is', () => {
  for (const { is, result, answer } of table) {
    test(`${is}: ${answer.status}`, async () => assert.deepEqual(await responseTo(result), answer));
  }

  test('undefined: 200 with null', async () => {
    const { status, body } = await send(`${stack.url}/returnsNothing`);
    assert.deepEqual({ status, body }, { status: 200, body: 'null' });
  });
});

test('headers that are the gateway’s to set are not the function’s', async () => {
  const headers = {
    'Content-Length': '1',
    Date: 'yesterday',
    Connection: 'close',
    'Keep-Alive': 'timeout=1',
    'Transfer-Encoding': 'chunked',
    'Apigw-Requestid': 'mine',
    Trailer: 'X-End',
    Upgrade: 'h2c',
  };
  const body = JSON.stringify({ statusCode: 200, headers, body: 'four' });
  const request = { method: 'POST', headers: { 'content-type': 'application/json', connection: 'keep-alive' }, body };
  const answer = await send(`${stack.url}/returns`, request);
  assert.equal(answer.body, 'four');
  const { date = '', 'apigw-requestid': requestId, ...rest } = answer.headers;
  assert.notEqual(Date.parse(String(date)), Number.NaN);
  assert.match(String(requestId), /^.{15}=$/);
  assert.deepEqual(rest, { ...text, 'content-length': '4', connection: 'keep-alive' });
});

test('a base64 body keeps every byte', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const result = { statusCode: 200, body: bytes.toString('base64'), isBase64Encoded: true };
  assert.deepEqual(functionResponse(Buffer.from(JSON.stringify(result))).body, bytes);
});

// The Node.js runtime writes neither of these: JSON.stringify has no white space, and is JSON.
for (const payload of ['{ "name":\t"John" }\n', '{"name": "John", "age":']) {
  test(`the payload ${JSON.stringify(payload)} is passed on as it is`, () => {
    assert.deepEqual(functionResponse(Buffer.from(payload)), {
      status: 200,
      headers: [['content-type', 'application/json']],
      body: Buffer.from(payload),
    });
  });
}
