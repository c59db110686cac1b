/** The runtime takes over another assembly: what is served changes, and nothing in flight is lost. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import request from 'supertest';
import { readAssembly } from '../../infra/local/cloud-assembly/read-assembly.ts';
import type { LocalRuntime } from '../../infra/local/local-runtime.ts';
import { Duration } from '../harness/duration.ts';
import { openGate } from '../harness/gate.ts';
import { open } from '../harness/http-client.ts';
import { localClient } from '../harness/lambda-client.ts';
import { messages, serveByHand } from '../harness/serve-by-hand.ts';
import { isAlive, serve, synthesise, type TestApi, type TestFunction } from '../harness/test-stack.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());
const options = { environment: { GATE: gate.url } };

/** Waits at the gate, then returns its name and process id. */
const waits = (name: string) => `
  export const handler = async () => {
    await (await fetch(process.env.GATE + '?pid=' + process.pid)).text();
    return { name: ${JSON.stringify(name)}, pid: process.pid };
  };`;
const says = (name: string) => `export const handler = () => ({ name: ${JSON.stringify(name)}, pid: process.pid });`;

/** Has a runtime take over a stack. Its folder stays until the test ends. */
async function replace(
  runtime: LocalRuntime,
  functions: Record<string, TestFunction>,
  api: TestApi = {},
): Promise<{ other: string[] } & AsyncDisposable> {
  const assembly = await synthesise(functions, api);
  const other = await runtime.replace(await readAssembly(assembly.directory));
  return { other, [Symbol.asyncDispose]: () => assembly[Symbol.asyncDispose]() };
}

test('the next request runs the new code, at the same address', async () => {
  await using stack = await serve({ tells: { code: says('old') } });
  const { body: old } = await request(stack.url).get('/tells').expect(200);
  await using next = await replace(stack.runtime, { tells: { code: says('new') } });
  assert.deepEqual(next.other, ['tells']);
  const { body } = await request(stack.url).get('/tells').expect(200);
  assert.equal(body.name, 'new');
  assert.notEqual(body.pid, old.pid);
});

test('requests in flight and in the queue finish in the environments of the old code, which then end', async () => {
  await using stack = await serve({ waits: { code: waits('old'), options } }, { runtime: { maxEnvironments: 1 } });
  const first = request(stack.url).get('/waits').then();
  const one = await gate.arrival();
  const second = request(stack.url).get('/waits').then();
  await accepted(stack.url);
  await using next = await replace(stack.runtime, { waits: { code: waits('new'), options } });
  assert.deepEqual(next.other, ['waits']);

  const third = request(stack.url).get('/waits').then();
  const newcomer = await gate.arrival();
  assert.notEqual(newcomer.pid, one.pid);
  newcomer.release();
  assert.equal((await third).body.name, 'new');
  one.release();
  assert.equal((await first).body.name, 'old');
  const two = await gate.arrival();
  assert.equal(two.pid, one.pid);
  two.release();
  assert.equal((await second).body.name, 'old');
  await two.gone;
  while (isAlive(one.pid)) await new Promise(setImmediate);
});

test('an idle environment ends when its code is replaced', async () => {
  await using stack = await serve({ tells: { code: says('old') } });
  const { body } = await request(stack.url).get('/tells').expect(200);
  await using next = await replace(stack.runtime, { tells: { code: says('new') } });
  assert.deepEqual(next.other, ['tells']);
  while (isAlive(body.pid)) await new Promise(setImmediate);
});

test('an unchanged function keeps its environments, its module state and its throttle', async () => {
  const throttle = { burstLimit: 3, rateLimit: 0.001 };
  await using stack = await serve({ tells: { code: says('same') } }, { throttle });
  const { body: before } = await request(stack.url).get('/tells').expect(200);
  await using next = await replace(stack.runtime, { tells: { code: says('same') } }, { throttle });
  assert.deepEqual(next.other, []);
  const { body } = await request(stack.url).get('/tells').expect(200);
  assert.equal(body.pid, before.pid);
  await request(stack.url).get('/tells').expect(200);
  await request(stack.url).get('/tells').expect(429);
});

test('a changed configuration replaces a function too', async () => {
  const code = 'export const handler = () => ({ word: process.env.WORD });';
  await using stack = await serve({ tells: { code } });
  await request(stack.url).get('/tells').expect(200, {});
  await using next = await replace(stack.runtime, { tells: { code, options: { environment: { WORD: 'hi' } } } });
  assert.deepEqual(next.other, ['tells']);
  await request(stack.url).get('/tells').expect(200, { word: 'hi' });
});

test('routes, CORS, throttle and invoke targets are those of the new stack', async () => {
  await using stack = await serve({ tells: { code: says('old') }, goes: { code: says('goes') } });
  const origin = 'https://app.example';
  const plain = await request(stack.url).get('/tells').set('origin', origin).expect(200);
  assert.equal(plain.headers['access-control-allow-origin'], undefined);

  const api = { cors: { allowOrigins: [origin] }, throttle: { burstLimit: 1, rateLimit: 0.001 } };
  const functions = { tells: { code: says('new') }, comes: { code: says('comes') } };
  await using next = await replace(stack.runtime, functions, api);
  assert.deepEqual(next.other, ['tells', 'comes']);
  await request(stack.url).get('/goes').expect(404);
  const { headers } = await request(stack.url).get('/comes').set('origin', origin).expect(200);
  assert.equal(headers['access-control-allow-origin'], origin);
  await request(stack.url).get('/comes').expect(429);

  const lambda = localClient(stack.runtime.lambdaUrl);
  const invoke = async (name: string) => {
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: name }));
    return JSON.parse(Payload?.transformToString() ?? '');
  };
  assert.equal((await invoke('comes')).name, 'comes');
  await assert.rejects(invoke('goes'), { name: 'ResourceNotFoundException' });
  lambda.destroy();
});

describe('a request whose body ends after its function was removed', () => {
  /** @returns the response to a request whose body ends after its function was removed */
  async function responseTo(url: (runtime: LocalRuntime) => string, head: string): Promise<string> {
    await using stack = await serve({ goes: { code: says('goes') } });
    const address = url(stack.runtime);
    const host = `Host: ${new URL(address).host}\r\n`;
    const socket = await open(address);
    // The response to the first request shows that the start of the second has arrived.
    socket.write(`GET /nowhere HTTP/1.1\r\n${host}\r\n${head}${host}Connection: close\r\nContent-Length: 2\r\n\r\n{`);
    await once(socket, 'data');
    await using next = await replace(stack.runtime, { comes: { code: says('comes') } });
    assert.deepEqual(next.other, ['comes']);
    socket.write('}');
    return await text(socket);
  }

  test('a request for a removed function gets 503 from the API', async () => {
    const answer = await responseTo(({ url }) => url, 'GET /goes HTTP/1.1\r\n');
    assert.match(answer, /^HTTP\/1\.1 503 [\s\S]+\{"message":"Service Unavailable"\}$/);
  });

  for (const type of ['RequestResponse', 'Event']) {
    test(`a call of the type ${type} for a removed function gets 429 from the Lambda API`, async () => {
      const answer = await responseTo(
        ({ lambdaUrl }) => lambdaUrl,
        `POST /2015-03-31/functions/goes/invocations HTTP/1.1\r\nX-Amz-Invocation-Type: ${type}\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 429 [\s\S]+"Reason":"ConcurrentInvocationLimitExceeded"\}$/);
    });
  }
});

test('an invocation of the old code still counts towards reserved concurrency', async () => {
  const reserved = { ...options, reservedConcurrentExecutions: 1 };
  await using stack = await serve({ waits: { code: waits('old'), options: reserved } });
  const first = request(stack.url).get('/waits').then();
  const { release } = await gate.arrival();
  await using next = await replace(stack.runtime, { waits: { code: waits('new'), options: reserved } });
  assert.deepEqual(next.other, ['waits']);
  await request(stack.url).get('/waits').expect(503);
  release();
  assert.equal((await first).body.name, 'old');
});

test('an event that waits for a retry runs the new code', async () => {
  const fails = "export const handler = () => { throw new Error('old'); };";
  await using stack = await serveByHand({ works: { code: fails, hasQueues: true } });
  const id = await stack.accept('works', '{}');
  await stack.clock.waiting(1);
  await using next = await replace(stack.runtime, { works: { code: says('new'), hasQueues: true } });
  assert.deepEqual(next.other, ['works']);
  const end = stack.end();
  stack.clock.advance(60_000);
  const { condition, attempts, requestId } = await end;
  assert.deepEqual({ condition, attempts, requestId }, { condition: 'Success', attempts: 2, requestId: id });
  const [record = ''] = await messages(stack.runtime, 'works-results');
  assert.equal(JSON.parse(record).responsePayload.name, 'new');
});

test('an event that waits for a removed function is recorded', async () => {
  const maxEventAge = Duration.hours(1);
  const fails = "export const handler = () => { throw new Error('old'); };";
  await using stack = await serveByHand({ works: { code: fails, hasQueues: true, options: { maxEventAge } } });
  const id = await stack.accept('works', '{}');
  await stack.clock.waiting(1);
  const end = stack.end();
  await using next = await replace(stack.runtime, { rests: { code: says('rests') } });
  assert.deepEqual(next.other, ['rests']);
  assert.equal((await end).condition, 'RuntimeStopped');
  assert.deepEqual(await stack.runtime.stop(), []);
  const [record = ''] = await messages(stack.runtime, 'works-failures');
  assert.equal(JSON.parse(record).requestContext.requestId, id);
});

test('a stop waits for invocations of the old code, and leaves no process of it', async () => {
  await using stack = await serve({ waits: { code: waits('old'), options } });
  const first = request(stack.url).get('/waits').then();
  const { pid, release } = await gate.arrival();
  await using next = await replace(stack.runtime, { waits: { code: waits('new'), options } });
  assert.deepEqual(next.other, ['waits']);
  const stopped = stack.runtime.stop();
  release();
  assert.equal((await first).body.name, 'old');
  await stopped;
  assert.equal(isAlive(pid), false);
});

test('a kill ends invocations of the old code', async () => {
  await using stack = await serve({ waits: { code: waits('old'), options } });
  const first = request(stack.url).get('/waits').then();
  const { gone } = await gate.arrival();
  await using next = await replace(stack.runtime, { waits: { code: waits('new'), options } });
  assert.deepEqual(next.other, ['waits']);
  stack.runtime.kill();
  await gone;
  assert.equal((await first).status, 500);
});

/** Waits until earlier requests have arrived: a request without a function is answered after them. */
async function accepted(url: string): Promise<void> {
  await request(url).get('/nowhere').expect(404);
}
