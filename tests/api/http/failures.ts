/** What the log holds, and what a client sees if the function or the stage fails. */
import assert from 'node:assert/strict';
import { copyFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readAssembly } from '../../../infra/local/cloud-assembly/read-assembly.ts';
import { localOnly } from '../../harness/deployed.ts';
import { type SynthesisedStack, serveStack, synthesiseStack } from '../../harness/feeling-api.ts';
import { json, local, post, problem } from './api-under-test.ts';

describe('the log', localOnly, () => {
  const messages = () => (local.api?.log ?? []).map((line) => JSON.parse(line).message);

  test('the log has one line for an answered request, without the message', async () => {
    local.api?.log.splice(0);
    await post('{"emoji_type":5,"message":"secret 🎉"}');
    assert.deepEqual(messages(), [{ emoji_type: 5, feeling: 'negative', message_length: 9 }]);
  });

  test('the log has one line for a refused request, without the body', async () => {
    local.api?.log.splice(0);
    await post('secret');
    await post('{"emoji_type":"secret","message":"secret"}');
    assert.deepEqual(
      messages().map(({ refused }) => refused.type),
      ['/problems/not-json', '/problems/invalid-body'],
    );
    assert.doesNotMatch(local.api?.log.join() ?? '', /secret/);
  });

  test('the log has the message at DEBUG', async () => {
    await using stack = await synthesiseStack({ logLevel: 'DEBUG' });
    await using api = await serveStack(stack.directory);
    await post('{"emoji_type":0,"message":"not secret"}', json, api.url);
    assert.deepEqual(
      api.log.map((line) => JSON.parse(line).message),
      [{ emoji_type: 0, feeling: 'positive', message_length: 10 }, { message: 'not secret' }],
    );
  });
});

/** Copies the stack and replaces the code of feeling-http, and the timeout of the integrations if it is given. */
async function brokenStack(code: string, integrationTimeoutMs?: number): Promise<SynthesisedStack> {
  const directory = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  await cp(local.stack?.directory ?? '', directory, { recursive: true });
  const fn = (await readAssembly(directory)).functions.find(({ name }) => name === 'feeling-http-dev');
  assert(fn);
  const bundle = join(fn.directory, 'index.mjs');
  await copyFile(bundle, join(fn.directory, 'deployed.mjs'));
  await writeFile(bundle, code);
  if (integrationTimeoutMs) await setInTemplate(directory, 'TimeoutInMillis', integrationTimeoutMs);
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}

/** Sets a number in every place where the template has it. */
async function setInTemplate(directory: string, key: string, value: number): Promise<void> {
  const file = join(directory, 'Feeling.template.json');
  const text = await readFile(file, 'utf8');
  const edited = text.replaceAll(new RegExp(`"${key}": [\\d.]+`, 'g'), `"${key}": ${value}`);
  assert.notEqual(edited, text, `the template has no ${key}`);
  await writeFile(file, edited);
}

describe('when something breaks', localOnly, () => {
  test('the function answers a bare 500 with the request id, and logs the whole error', async () => {
    await using broken = await brokenStack(`
      import { handler as deployed } from './deployed.mjs';
      export const handler = (event, context) => deployed({ ...event, get headers() {
        throw new Error('surprise', { cause: new TypeError('deep down') });
      } }, context);`);
    await using api = await serveStack(broken.directory);
    const response = await post('{}', json, api.url);

    const { request_id, ...body } = problem(response, 500, 'about:blank');
    assert.equal(response.headers['cache-control'], 'no-store');
    assert.equal(response.headers['x-content-type-options'], 'nosniff');
    assert.equal(response.headers['strict-transport-security'], 'max-age=31536000');
    assert.deepEqual(body, { type: 'about:blank', title: 'Internal Server Error', status: 500 });
    const [line, ...more] = api.log.map((text) => JSON.parse(text));
    assert.equal(more.length, 0);
    assert.equal(line.level, 'ERROR');
    assert.equal(line.requestId, request_id);
    assert.equal(line.message.errorType, 'Error');
    assert.equal(line.message.error.errorMessage, 'surprise');
    assert.equal(line.message.causes[0].errorMessage, 'deep down');
    assert.match(line.message.error.stackTrace[1], /at /);
  });

  test('the gateway answers 500 for a function that crashes', async () => {
    await using broken = await brokenStack('export const handler = async () => process.exit(1);');
    await using api = await serveStack(broken.directory);
    const response = await post('{"emoji_type":0,"message":"hi"}', json, api.url);
    assert.equal(response.status, 500);
    assert.equal(response.text, '{"message":"Internal Server Error"}');
  });

  test('the gateway answers 503 for a function that it cannot wait for', async () => {
    await using broken = await brokenStack(
      'export const handler = () => new Promise((done) => setTimeout(done, 500));',
      50,
    );
    await using api = await serveStack(broken.directory);
    const response = await post('{"emoji_type":0,"message":"hi"}', json, api.url);
    assert.equal(response.status, 503);
    assert.equal(response.text, '{"message":"Service Unavailable"}');
  });

  test('the gateway answers 429 past the throttle of the stage', async () => {
    await using throttled = await synthesiseStack({ throttleRate: '1', throttleBurst: '2' });
    // At one request a second, a busy machine would let the third through.
    await setInTemplate(throttled.directory, 'ThrottlingRateLimit', 0.001);
    await using api = await serveStack(throttled.directory);
    const send = () => post('{"emoji_type":0,"message":"hi"}', json, api.url);
    const statuses = (await Promise.all([send(), send(), send()])).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [200, 200, 429]);
  });

  test('the gateway answers 401 without a token, where the stage has an issuer of them', async () => {
    await using guarded = await synthesiseStack({ jwtIssuer: 'https://issuer.example', jwtAudience: 'feeling' });
    await using api = await serveStack(guarded.directory);
    const response = await post('{"emoji_type":0,"message":"hi"}', json, api.url);
    assert.equal(response.status, 401);
    assert.equal(response.text, '{"message":"Unauthorized"}');
  });
});
