/** Bodies that are held at a time have a bound in bytes: what is over gets what AWS says when there is no capacity. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import request from 'supertest';
import { openGate } from '../../harness/gate.ts';
import { open } from '../../harness/http-client.ts';
import { localClient } from '../../harness/lambda-client.ts';
import { queueClient } from '../../harness/queues.ts';
import { serve } from '../../harness/test-stack.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());
const stack = await serve(
  {
    waits: {
      code: async ({ body }) => {
        await (await fetch(process.env['GATE'] ?? '')).text();
        return String(body?.length);
      },
      route: 'POST /waits',
      options: { environment: { GATE: gate.url } },
    },
    large: { code: () => 'x'.repeat(1_500_000), route: 'GET /large', hasQueues: true },
  },
  { runtime: { bodyBytes: 1_000_000, maxEnvironments: 2 } },
);
after(() => stack[Symbol.asyncDispose]());
const client = localClient(stack.runtime.lambdaUrl);
after(() => client.destroy());

const text = 'x'.repeat(600_000);
const post = () => request(stack.url).post('/waits').set('content-type', 'text/plain').send(text);
const invoke = (name: string) =>
  client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify({ body: text }) }));
const overloaded = { name: 'TooManyRequestsException', Reason: 'ConcurrentInvocationLimitExceeded' };

describe('past the bound', () => {
  /** @aws 1.4: The memory of the gateway has no bound that a client sees. @here each server holds at most 256 MB of bodies; what is over gets 503, or 429 by Invoke. */
  test('a request gets 503, with and without a content-length, until another one has its response', async () => {
    const first = post().then((response) => response);
    const arrival = await gate.arrival();
    assert.equal((await post()).status, 503);

    const socket = await open(stack.url);
    socket.write('POST /waits HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n');
    socket.end(`${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`);
    assert.match(
      await socket.setEncoding('utf8').toArray().then(String),
      /^HTTP\/1.1 503 [\s\S]*"Service Unavailable"\}$/,
    );

    arrival.release();
    assert.equal((await first).text, String(text.length));
    const next = post().then((response) => response);
    (await gate.arrival()).release();
    assert.equal((await next).status, 200);
  });

  test('an invocation gets 429, until another one has its response', async () => {
    const first = invoke('waits');
    const arrival = await gate.arrival();
    await assert.rejects(invoke('waits'), overloaded);
    arrival.release();
    await first;
    const next = invoke('waits');
    (await gate.arrival()).release();
    assert.equal((await next).StatusCode, 200);
  });

  test('a response is replaced: 503 by HTTP, 429 by Invoke', async () => {
    const { status, body } = await request(stack.url).get('/large');
    assert.deepEqual({ status, body }, { status: 503, body: { message: 'Service Unavailable' } });
    await assert.rejects(client.send(new InvokeCommand({ FunctionName: 'large' })), overloaded);
  });

  test('messages are not received: 503 by SQS, until the response fits', async () => {
    using queues = queueClient(stack.runtime.lambdaUrl);
    for (let sent = 0; sent < 2; sent++) await queues.send('large-results', text);
    await assert.rejects(queues.receive('large-results'), { name: 'ServiceUnavailable' });
    await queues.send('large-results', text);
    const [message, ...more] = await queues.receive('large-results');
    assert.deepEqual([message?.Body?.length, more], [text.length, []]);
  });
});
