/** The typed client as it is built: what calls give, what is tried again, and what does not compile. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { projectRoot } from '../../infra/project-root.ts';
import { runScript } from '../../infra/scripts/running-script.ts';
import type { createFeelingClient as CreateFeelingClient } from '../../shared/client.ts';
import { codeBlock } from '../harness/documents.ts';
import { serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { serve } from '../harness/test-stack.ts';

let folder: string;
let dist: string;
let createFeelingClient: typeof CreateFeelingClient;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feeling-client-'));
  // As npm would install it.
  const installed = join(folder, 'node_modules', 'feeling-api');
  dist = join(installed, 'dist');
  await mkdir(installed, { recursive: true });
  await cp(join(projectRoot, 'package.json'), join(installed, 'package.json'));
  const script = runScript('infra/scripts/build-client.ts', ['--out', dist]);
  assert.equal(await script.ended(), 0, script.output());
  assert.match(script.output(), /^client\.js: \d+ bytes, \d+ compressed\. Written to /);
  ({ createFeelingClient } = await import(pathToFileURL(join(dist, 'client.js')).href));
});
after(() => rm(folder, { recursive: true, force: true }));

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

  test('prints a feeling with the code of README.md', async () => {
    await using stack = await synthesiseStack();
    await using api = await serveStack(stack.directory);
    const code = await codeBlock('README.md', 'ts', 'createFeelingClient');
    const file = join(folder, 'readme.mts');
    await writeFile(file, code.replace('http://127.0.0.1:3000', api.url));
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    assert.equal(stdout, 'positive\n');
  });

  test("gives the gateway's own errors as they are", async () => {
    const code = () => {
      throw new Error('no');
    };
    await using stack = await serve({ feeling: { code, route: 'POST /feeling' } });
    const { error, response } = await createFeelingClient({ baseUrl: stack.url }).POST('/feeling', { body });
    assert.equal(response.status, 500);
    assert.deepEqual(error, { message: 'Internal Server Error' });
    assert.equal(stack.access.length, 1, 'it is not tried again');
  });

  test('gets through a throttle', async () => {
    await using stack = await serve(
      { feeling: { code: () => ({ feeling: 'neutral', message: '' }), route: 'POST /feeling' } },
      { throttle: { rateLimit: 20, burstLimit: 1 } },
    );
    const client = createFeelingClient({ baseUrl: stack.url });
    const answers = await Promise.all([1, 2, 3].map(() => client.POST('/feeling', { body })));
    for (const { data } of answers) assert(data);
    const statuses = stack.access.map(({ status }) => status);
    assert(statuses.includes(429));
    assert.equal(statuses.filter((status) => status === 200).length, 3);
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

describe('what is tried again', () => {
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

  for (const [what, text] of [
    ['an answer without a body', ''],
    ['a page', '<h1>502</h1>'],
    ['JSON that is no object', '"no"'],
  ] as const) {
    test(`not ${what} of something before the API, which is given as an error of the gateway's`, async () => {
      await using server = await answering([502, { 'content-type': 'text/html' }, text]);
      const { data, error, response } = await createFeelingClient(server).POST('/feeling', { body });
      assert.deepEqual([data, error, response.status], [undefined, { message: 'Bad Gateway' }, 502]);
    });
  }

  for (const status of [400, 401, 404, 413, 415, 500, 502, 504]) {
    test(`not ${status}`, async () => {
      await using server = await answering([status, atOnce]);
      assert.equal((await createFeelingClient(server).POST('/feeling', { body })).response.status, status);
      assert.equal(server.bodies.length, 1);
    });
  }

  // The wait is longer than the test may take: to give up is not to wait for it.
  test('not a call that was given up while it waited', { timeout: 30_000 }, async () => {
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

describe('what is built', () => {
  test('is one small file that imports nothing', async () => {
    const code = await readFile(join(dist, 'client.js'), 'utf8');
    assert.doesNotMatch(code, /\bimport\b|\brequire\b/);
    assert(code.length <= 8_000, `${code.length} bytes`);
  });

  test('has types: right calls compile, wrong ones do not', async () => {
    // Of a browser: those of Node are tried where `npm run types` compiles shared/client.ts.
    const compilerOptions = {
      target: 'es2022',
      lib: ['es2023', 'dom'],
      module: 'esnext',
      moduleResolution: 'bundler',
      strict: true,
      noEmit: true,
      types: [],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
    await writeFile(join(folder, 'consumer.ts'), consumer);
    const tsc = join(projectRoot, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [tsc, '--project', folder]).catch(({ stdout }) => assert.fail(stdout));
  });
});

const consumer = `
import { createFeelingClient, type ValidationError, type Feeling, type GatewayError, type Problem } from 'feeling-api/client';

const client = createFeelingClient({ baseUrl: 'http://127.0.0.1:3000', retries: 1, timeoutMs: 1000 });
export async function right(signal: AbortSignal): Promise<Feeling | ValidationError[] | string> {
  const { data, error } = await client.POST('/feeling', { body: { emoji_type: 0, message: 'hi' }, signal });
  if (data) return data.feeling;
  const every: Problem | GatewayError = error;
  if ('message' in every) return every.message;
  if ('errors' in every) return every.errors;
  return every.type;
}
// @ts-expect-error there is no such path
await client.POST('/feelings', { body: { emoji_type: 0, message: 'hi' } });
// @ts-expect-error there is no such method
await client.GET('/feeling');
// @ts-expect-error a string is no number
await client.POST('/feeling', { body: { emoji_type: '0', message: 'hi' } });
// @ts-expect-error the message is missing
await client.POST('/feeling', { body: { emoji_type: 0 } });
// @ts-expect-error the body is missing
await client.POST('/feeling');
// @ts-expect-error there is no such option
createFeelingClient({ baseUrl: '', retry: 3 });
// @ts-expect-error an address is needed
createFeelingClient({});
const { data } = await client.POST('/feeling', { body: { emoji_type: 0, message: 'hi' } });
// @ts-expect-error there may be no data
data.feeling;
// @ts-expect-error there is no such feeling
if (data?.feeling === 'happy') console.log();
`;
