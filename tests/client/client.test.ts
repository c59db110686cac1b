/** The typed client with the API: what calls return, and which are retried. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { readAssembly } from '../../infra/local/cloud-assembly/read-assembly.ts';
import { createFeelingClient } from '../../shared/client.ts';
import { serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { serve, synthesise, type TestFunction } from '../harness/test-stack.ts';

const body = { emoji_type: 0, message: 'hi 🎉' };

describe('with the API', () => {
  test('gives the feeling, and the faults of a request that is refused', async () => {
    await using stack = await synthesiseStack();
    await using api = await serveStack(stack.directory);
    const client = createFeelingClient({ baseUrl: api.url });
    const { data, error, response } = await client.POST('/feeling', { body });
    assert.deepEqual(data, { feeling: 'positive', message: 'hi 🎉' });
    assert.equal(error, undefined);
    assert.match(response.headers.get('apigw-requestid') ?? '', /=$/);

    const refused = await client.POST('/feeling', { body: { emoji_type: 0, message: 'x'.repeat(65_537) } });
    assert.equal(refused.data, undefined);
    assert(refused.error && 'errors' in refused.error);
    assert.equal(refused.error.type, '/problems/invalid-body');
    assert.deepEqual(
      refused.error.errors.map(({ pointer }) => pointer),
      ['#/message'],
    );
  });

  test("gives the gateway's own errors as they are", async () => {
    const code = () => {
      throw new Error('no');
    };
    await using stack = await serve({ feeling: { code, route: 'POST /feeling' } });
    const { error, response } = await createFeelingClient({ baseUrl: stack.url }).POST('/feeling', { body });
    assert.equal(response.status, 500);
    assert.deepEqual(error, { message: 'Internal Server Error' });
    assert.equal(stack.access.length, 1, 'it is not retried');
  });

  test('gets through a throttle', async () => {
    const feeling: TestFunction = { code: () => ({ feeling: 'neutral', message: '' }), route: 'POST /feeling' };
    await using stack = await serve({ feeling }, { throttle: { rateLimit: 0.001, burstLimit: 0 } });
    await using unthrottled = await synthesise({ feeling });
    const statuses: number[] = [];
    const client = createFeelingClient({
      baseUrl: stack.url,
      async fetch(request, init) {
        const response = await fetch(request, init);
        statuses.push(response.status);
        // The throttle refuses everything until the client has seen a 429.
        if (response.status === 429) await stack.runtime.replace(await readAssembly(unthrottled.directory));
        return response;
      },
    });
    const { data } = await client.POST('/feeling', { body });
    assert.equal(data?.feeling, 'neutral');
    assert.deepEqual(statuses, [429, 200]);
  });

  test('sends the headers that it is given', async () => {
    const code = (event: { headers: Record<string, string | undefined> }) => ({
      feeling: 'neutral',
      message: event.headers['authorization'],
    });
    await using stack = await serve({ feeling: { code, route: 'POST /feeling' } });
    const client = createFeelingClient({ baseUrl: stack.url, headers: { authorization: 'Bearer token' } });
    assert.equal((await client.POST('/feeling', { body })).data?.message, 'Bearer token');
  });
});

// Each retry waits: the tests wait at the same time.
describe('the client retries', { concurrency: true }, () => {
  type Answer = [status: number, headers?: Record<string, string>, text?: string];

  /** A server that gives these answers, one after another, and the last one from then on. */
  async function answering(...answers: Answer[]) {
    const bodies: string[] = [];
    await using stack = new AsyncDisposableStack();
    const server = createServer(async (request, response: ServerResponse) => {
      bodies.push(String(Buffer.concat(await request.toArray())));
      const [status, headers, text = '{"message":"later"}'] = answers[Math.min(bodies.length, answers.length) - 1] ?? [
        500,
      ];
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(status === 200 ? '{"feeling":"positive","message":"hi"}' : text);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    stack.defer(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    const address = server.address();
    assert(typeof address === 'object' && address);
    const owned = stack.move();
    const baseUrl = `http://127.0.0.1:${address.port}/`;
    return { baseUrl, bodies, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  }
  const atOnce = { 'retry-after': '0' };

  for (const status of [429, 503]) {
    test(`${status}, with the same body, until there is another answer`, async () => {
      await using server = await answering([status, atOnce], [status, atOnce], [200]);
      const { data } = await createFeelingClient(server).POST('/feeling', { body });
      assert.equal(data?.feeling, 'positive');
      assert.deepEqual(server.bodies, Array(3).fill(JSON.stringify(body)));
    });

    test(`${status}, after a while of its own where the answer says nothing that can be read`, async () => {
      await using server = await answering([status], [status, { 'retry-after': 'soon' }], [200]);
      const { data } = await createFeelingClient(server).POST('/feeling', { body });
      assert.equal(data?.feeling, 'positive');
      assert.equal(server.bodies.length, 3);
    });

    test(`${status}, three times and no more`, async () => {
      await using server = await answering([status, atOnce]);
      const { error, response } = await createFeelingClient(server).POST('/feeling', { body });
      assert.equal(response.status, status);
      assert.deepEqual(error, { message: 'later' });
      assert.equal(server.bodies.length, 4);
    });
  }

  test('as often as it is asked to', async () => {
    await using server = await answering([503, atOnce]);
    await createFeelingClient({ ...server, retries: 1 }).POST('/feeling', { body });
    assert.equal(server.bodies.length, 2);
    await createFeelingClient({ ...server, retries: 0 }).POST('/feeling', { body });
    assert.equal(server.bodies.length, 3);
  });

  test('at the date that the answer names', async () => {
    // Later than the call may take, so that it shows that the date was read.
    const inAnHour = { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() };
    await using server = await answering([503, inAnHour], [200]);
    assert.equal((await createFeelingClient(server).POST('/feeling', { body })).response.status, 503);
    assert.equal(server.bodies.length, 1);
  });

  test('not where the wait would outlast the call: the answer is given as it is', async () => {
    await using server = await answering([503, { 'retry-after': '3600' }]);
    const { response } = await createFeelingClient(server).POST('/feeling', { body });
    assert.equal(response.status, 503);
    assert.equal(server.bodies.length, 1);
  });

  for (const status of [400, 401, 404, 413, 415, 500, 502, 504]) {
    test(`not ${status}`, async () => {
      await using server = await answering([status, atOnce]);
      assert.equal((await createFeelingClient(server).POST('/feeling', { body })).response.status, status);
      assert.equal(server.bodies.length, 1);
    });
  }

  // The delay is longer than the test may take: an aborted call must not wait for it.
  test('not a call that was aborted while it waited', { timeout: 30_000 }, async () => {
    await using server = await answering([503, { 'retry-after': '3600' }]);
    const controller = new AbortController();
    const answered = Promise.withResolvers<void>();
    const client = createFeelingClient({
      ...server,
      timeoutMs: 7_200_000,
      async fetch(request, init) {
        const response = await fetch(request, init);
        answered.resolve();
        return response;
      },
    });
    const call = client.POST('/feeling', { body, signal: controller.signal });
    await answered.promise;
    // A few turns of the event loop, by which the wait has begun.
    for (let turn = 0; turn < 50; turn++) await setImmediate();
    controller.abort(new Error('enough'));
    await assert.rejects(call, { message: 'enough' });
    assert.equal(server.bodies.length, 1);
  });
});

describe('without an answer', () => {
  test('a call that takes too long is rejected as such', async (t) => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    await once(server, 'listening');
    const address = server.address();
    assert(typeof address === 'object' && address);
    const client = createFeelingClient({ baseUrl: `http://127.0.0.1:${address.port}`, timeoutMs: 50 });
    await assert.rejects(client.POST('/feeling', { body }), { name: 'TimeoutError' });

    const controller = new AbortController();
    const arrived = once(server, 'request');
    const patient = createFeelingClient({ baseUrl: `http://127.0.0.1:${address.port}` });
    const call = patient.POST('/feeling', { body, signal: controller.signal });
    await arrived;
    controller.abort();
    await assert.rejects(call, { name: 'AbortError' });

    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    await assert.rejects(patient.POST('/feeling', { body }), TypeError);
  });
});
