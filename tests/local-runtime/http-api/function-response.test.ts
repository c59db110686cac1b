/** The response to a function's result: payload format 2.0 (PLATFORM_FACTS 1.3). */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { functionResponse } from '../../../infra/local/http-api/function-response.ts';
import { send } from '../../harness/http-client.ts';
import { serve } from '../../harness/test-stack.ts';
import { responseCases, text } from './function-response.cases.ts';

const stack = await serve({
  returns: { code: ({ body = '' }) => JSON.parse(body), route: 'POST /returns' },
  returnsNothing: { code: () => {} },
});
after(() => stack[Symbol.asyncDispose]());

/** Returns the response to a result, without the headers that every response has. */
async function responseTo(result: unknown) {
  const headers = { 'content-type': 'application/json' };
  const response = await send(`${stack.url}/returns`, { method: 'POST', headers, body: JSON.stringify(result) });
  const { date, connection, 'apigw-requestid': requestId, 'content-length': length, ...rest } = response.headers;
  assert(date && connection && requestId);
  if (length !== undefined) assert.equal(Number(length), Buffer.byteLength(response.body));
  return { ...response, headers: rest };
}

describe('a result that is', () => {
  for (const { is, result, response } of responseCases) {
    test(`${is}: ${response.status}`, async () => assert.deepEqual(await responseTo(result), response));
  }

  test('undefined: 200 with null', async () => {
    const { status, body } = await send(`${stack.url}/returnsNothing`);
    assert.deepEqual({ status, body }, { status: 200, body: 'null' });
  });
});

/** @aws 1.4: The gateway sets the headers of the connection itself. */
test('the gateway overrides headers of the connection', async () => {
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
  const response = await send(`${stack.url}/returns`, request);
  assert.equal(response.body, 'four');
  const { date = '', 'apigw-requestid': requestId, ...rest } = response.headers;
  assert.notEqual(Date.parse(String(date)), Number.NaN);
  assert.match(String(requestId), /^.{15}=$/);
  assert.deepEqual(rest, { ...text, 'content-length': '4', connection: 'keep-alive' });
});

test('a base64 body keeps every byte', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const result = { statusCode: 200, body: bytes.toString('base64'), isBase64Encoded: true };
  assert.deepEqual(functionResponse(Buffer.from(JSON.stringify(result))).body, bytes);
});

// The Node.js runtime writes neither of these: JSON.stringify adds no white space and writes valid JSON.
for (const payload of ['{ "name":\t"John" }\n', '{"name": "John", "age":']) {
  /** @aws 1.3: A payload that is no JSON is the body of a 200. */
  test(`the payload ${JSON.stringify(payload)} is the body`, () => {
    assert.deepEqual(functionResponse(Buffer.from(payload)), {
      status: 200,
      headers: [['content-type', 'application/json']],
      body: Buffer.from(payload),
    });
  });
}
