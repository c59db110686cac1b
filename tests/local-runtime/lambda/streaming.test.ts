/** Functions that stream their response: what they write, and how they fail. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import request from 'supertest';
import { send } from '../../harness/http-client.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { isLongForm } from '../../harness/long-form.ts';
import { messages, serveByHand } from '../../harness/serve-by-hand.ts';
import { serve, type TestFunction } from '../../harness/test-stack.ts';
import { streamingFailures } from './streaming.cases.ts';

/** The source of a module whose handler streams. */
const streams = (body: string) =>
  `export const handler = awslambda.streamifyResponse(async (event, stream) => { ${body} });`;

const failures = Object.entries(streamingFailures).map(([title, failure], index) => ({
  title,
  ...failure,
  name: `fails${index}`,
}));
const functions: Record<string, TestFunction> = Object.fromEntries(
  failures.map(({ name, body }) => [name, { code: streams(body) }]),
);

const stack = await serve({
  ...functions,
  writes: {
    code: streams("console.log('streams'); for (const part of event.parts) stream.write(part); stream.end();"),
  },
  writesText: { code: streams("stream.write('hello '); stream.end('wörld\\n\"');") },
  writesNothing: { code: streams('stream.end();') },
  hasPrelude: {
    code: streams(`
      const response = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
      response.write('hello');
      response.end();`),
  },
  waits: { code: streams('await new Promise(setImmediate); throw new RangeError(event.n);') },
});
after(() => stack[Symbol.asyncDispose]());
const client = localClient(stack.runtime.lambdaUrl);
after(() => client.destroy());

async function invoke(FunctionName: string, event: object = {}) {
  const output = await client.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), LogType: 'Tail' }),
  );
  return { ...output, text: output.Payload?.transformToString() ?? '' };
}

describe('Lambda reports a function error for a streaming function that', { concurrency: 2 }, () => {
  for (const { title, name, errorType, errorMessage } of failures) {
    /** @aws 8.4: A streaming function that throws, before or after a write, is a function error. */
    test(`${title}: Invoke returns an unhandled ${errorType}, and the tail its status`, async () => {
      const { FunctionError, text, LogResult = '' } = await invoke(name);
      assert.equal(FunctionError, 'Unhandled', text.slice(0, 100));
      const error = JSON.parse(text);
      assert.equal(error.errorType, errorType);
      if (typeof errorMessage === 'string') assert.equal(error.errorMessage, errorMessage);
      else assert.match(error.errorMessage, errorMessage);
      assert.match(Buffer.from(LogResult, 'base64').toString(), /Status: error/);
    });

    test(`${title}: the HTTP API answers 500`, async () => {
      await request(stack.url).get(`/${name}`).expect(500, { message: 'Internal Server Error' });
    });
  }
});

test('Lambda retries an asynchronous event whose streaming function fails, and records the error', async () => {
  const code = streams("stream.write('half'); throw new RangeError('boom');");
  await using stack = await serveByHand({ fails: { code, hasQueues: true, options: { retryAttempts: 1 } } });
  await stack.accept('fails', '{}');
  assert.deepEqual(await stack.clock.waiting(1), [60_000]);
  const end = stack.end();
  stack.clock.advance(60_000);
  const { condition, attempts } = await end;
  assert.deepEqual({ condition, attempts }, { condition: 'RetriesExhausted', attempts: 2 });
  const [record = ''] = await messages(stack.runtime, 'fails-failures');
  const { responseContext, responsePayload } = JSON.parse(record);
  assert.equal(responseContext.functionError, 'Unhandled');
  assert.equal(responsePayload.errorType, 'RangeError');
});

test('a streamed response arrives in one piece, and its environment continues', async () => {
  for (const parts of [['"äb', 'c', 'd"'], ['[1', ',2]'], ['']]) {
    const { text, FunctionError } = await invoke('writes', { parts });
    assert.deepEqual([text, FunctionError], [parts.join(''), undefined]);
  }
});

test('a failed stream does not end its environment', async () => {
  for (let n = 0; n < 3; n++) {
    await send(`${stack.url}/waits`);
    assert.equal(stack.access.at(-1)?.cold, n === 0);
  }
});

test('a streamed response that is not JSON arrives unchanged through Invoke and HTTP', async () => {
  const { text, FunctionError } = await invoke('writesText');
  assert.deepEqual([text, FunctionError], ['hello wörld\n"', undefined]);
  const { status, headers, body } = await send(`${stack.url}/writesText`);
  assert.deepEqual([status, headers['content-type'], body], [200, 'application/json', 'hello wörld\n"']);
  const { Payload } = await invoke('hasPrelude');
  assert.equal(Payload?.transformToString(), '{"statusCode":201}\0\0\0\0\0\0\0\0hello');
});

test('a streamed response may be empty', async () => {
  const { text, FunctionError } = await invoke('writesNothing');
  assert.deepEqual([text, FunctionError], ['', undefined]);
  await request(stack.url).get('/writesNothing').expect(200);
});

for (const [name, result] of Object.entries({
  text: 'hello world}',
  lines: 'a\nb\r\nc',
  nothing: '',
  half: '{"a":',
  quotes: '"',
  json: '{"a": 1.0,\n"b": []}',
})) {
  /** @aws 8.3: A result that is not JSON is a JSON string in its record. @unknown */
  test(`the record of a streamed result is one line of JSON: ${name}`, async () => {
    const code = streams(`stream.end(${JSON.stringify(result)});`);
    await using stack = await serveByHand({ writes: { code, hasQueues: true } });
    const end = stack.end();
    await stack.accept('writes', '{}');
    assert.equal((await end).condition, 'Success');
    const records = await messages(stack.runtime, 'writes-results');
    assert.equal(records.length, 1);
    const { responsePayload } = JSON.parse(records[0] ?? '');
    assert.deepEqual(responsePayload, name === 'json' ? { a: 1, b: [] } : result);
  });
}

test('many streaming invocations at a time: each gets its own error', async () => {
  const results = await Promise.all(Array.from({ length: isLongForm ? 100 : 20 }, (_, n) => invoke('waits', { n })));
  for (const [n, { FunctionError, text }] of results.entries()) {
    assert.equal(FunctionError, 'Unhandled');
    assert.equal(JSON.parse(text).errorMessage, String(n));
  }
});
