/** The payload of an invocation: what it may be, and how large. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { InvokeCommand, type InvokeCommandInput, LambdaServiceException } from '@aws-sdk/client-lambda';
import { send } from '../../harness/http-client.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { serve } from '../../harness/test-stack.ts';

const stack = await serve({ echo: { code: (event) => event }, nothing: { code: () => undefined } });
const { lambdaUrl } = stack.runtime;
const client = localClient(lambdaUrl);
after(async () => {
  client.destroy();
  await stack[Symbol.asyncDispose]();
});

async function invoke(FunctionName: string, more: Partial<InvokeCommandInput> = {}) {
  const output = await client.send(new InvokeCommand({ FunctionName, ...more }));
  const text = output.Payload?.transformToString();
  return { ...output, value: text ? JSON.parse(text) : undefined };
}

async function refusal(promise: Promise<unknown>): Promise<LambdaServiceException> {
  const error = await promise.then(
    () => assert.fail('It was not refused.'),
    (reason: unknown) => reason,
  );
  assert(error instanceof LambdaServiceException);
  return error;
}

const path = (name: string) => `${lambdaUrl}/2015-03-31/functions/${name}/invocations`;

describe('a payload', () => {
  test('may be any JSON', async () => {
    for (const json of ['null', '0', '"text"', '[1,{"é":"🎉"}]']) {
      assert.deepEqual((await invoke('echo', { Payload: json })).value, JSON.parse(json));
    }
  });

  /** @aws 3.2: A missing payload is `{}`. */
  test('that is missing becomes an empty object', async () => {
    assert.deepEqual((await invoke('echo')).value, {});
  });

  test('is accepted on a path with a slash at its end and a host in capitals', async () => {
    const headers = { host: 'LOCALHOST:3001' };
    const { status } = await send(`${path('echo')}/`, { method: 'POST', headers, body: '{}' });
    assert.equal(status, 200);
  });

  test('is accepted without a signature and a content type', async () => {
    const { status, body, headers } = await send(path('echo'), { method: 'POST', body: '{"a":1}' });
    assert.equal(status, 200);
    assert.equal(body, '{"a":1}');
    assert.equal(headers['content-type'], 'application/json');
    assert(!Number.isNaN(Date.parse(String(headers['date']))));
  });

  for (const [what, payload] of Object.entries({
    'is not JSON': '{"a":',
    'is not UTF-8': Buffer.from([0x22, 0xff, 0x22]),
  })) {
    /** @aws 3.3: A payload that is not JSON: 400 `Could not parse request body into json: Could not parse payload into json: …`. @here the reason behind the two prefixes is V8's, not Jackson's. */
    test(`that ${what} is refused`, async () => {
      for (const InvocationType of ['RequestResponse', 'Event'] as const) {
        const error = await refusal(invoke('echo', { Payload: payload, InvocationType }));
        assert.equal(error.name, 'InvalidRequestContentException');
        assert.equal(error.$metadata.httpStatusCode, 400);
        assert.match(error.message, /^Could not parse request body into json: Could not parse payload into json: ./);
      }
    });
  }

  const json = (bytes: number) => JSON.stringify('x'.repeat(bytes - 2));
  const limits = [
    ['RequestResponse', 6_291_456],
    ['Event', 1_048_576],
  ] as const;
  for (const [InvocationType, limit] of limits) {
    /** @aws 3.1: A payload has at most 6 MB, and 1 MB for `Event`. */
    test(`of ${limit} bytes is accepted for ${InvocationType}, and no byte more`, async () => {
      const { StatusCode } = await invoke('nothing', { Payload: json(limit), InvocationType });
      assert.equal(StatusCode, InvocationType === 'Event' ? 202 : 200);
      const error = await refusal(invoke('nothing', { Payload: json(limit + 1), InvocationType }));
      assert.equal(error.name, 'RequestTooLargeException');
      assert.equal(error.$metadata.httpStatusCode, 413);
    });
  }
});
