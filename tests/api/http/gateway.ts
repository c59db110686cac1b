/** What the gateway responds itself, and what it adds to a response. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import request from 'supertest';
import { operations } from '../../../shared/contract.ts';
import { authorization, deployedStage, needsStage, needsToken, withinThrottle } from '../../harness/deployed.ts';
import { apiUrl, checked, json, post, problem } from './api-under-test.ts';

describe('the gateway', () => {
  test('the gateway answers 404 to another method', async () => {
    const response = checked(await withinThrottle(async () => request(apiUrl()).put('/feeling')));
    assert.equal(response.status, 404);
    assert.equal(response.text, '{"message":"Not Found"}');
  });

  test('the gateway answers 404 to another path', async () => {
    const response = checked(await withinThrottle(async () => request(apiUrl()).post('/nope').set(json).send('{}')));
    assert.equal(response.status, 404);
    assert.equal(response.text, '{"message":"Not Found"}');
  });

  test('the gateway lets a body through that is too large for the function', needsToken, async () => {
    problem(await post('['.repeat(65_537)), 413, '/problems/too-large');
  });

  test('the gateway answers 413 to a body that no invocation can hold', needsToken, async () => {
    const response = await post(JSON.stringify({ emoji_type: 0, message: 'x'.repeat(6 * 1024 * 1024) }));
    assert.equal(response.status, 413);
  });

  test('the gateway answers 431 to headers of more than 10,240 bytes', needsToken, async () => {
    const response = await post('{"emoji_type":0,"message":"hi"}', { ...json, 'x-much': 'x'.repeat(10_240) });
    assert.equal(response.status, 431);
  });

  if (deployedStage?.requiresToken) {
    test('the gateway answers 401 without a token', async () => {
      const response = checked(
        await withinThrottle(async () => request(apiUrl()).post('/feeling').set(json).send('{}')),
      );
      assert.equal(response.status, 401);
      assert.equal(response.text, '{"message":"Unauthorized"}');
    });
  }

  const { allowedOrigins: [origin = '*'] = [], allowedHeaders = ['content-type'] } = deployedStage ?? {};
  const parameters = operations.flatMap((operation) => operation.headers);
  const page = origin === '*' ? 'https://app.example' : origin;

  test("the gateway answers a browser's preflight itself", needsStage, async () => {
    const preflight = { origin: page, 'access-control-request-method': 'POST' };
    const { status, headers, text } = await withinThrottle(async () =>
      request(apiUrl()).options('/feeling').set(preflight).set({ 'access-control-request-headers': 'content-type' }),
    );
    assert.equal(status, 204);
    assert.equal(text, '');
    assert.equal(headers['access-control-allow-origin'], origin);
    assert.equal(
      headers['access-control-allow-methods'],
      [...new Set(operations.map(({ method }) => method))].sort().join(),
    );
    assert.equal(headers['access-control-allow-headers'], [...new Set([...allowedHeaders, ...parameters])].join());
    assert.equal(headers['access-control-max-age'], '3600');
  });

  test("the gateway lets a browser's page read the answer, and the id of the request", needsStage, async () => {
    const send = () =>
      request(apiUrl())
        .post('/feeling')
        .set({ ...authorization, ...json, origin: page });
    const { headers } = checked(await withinThrottle(async () => send().send('{"emoji_type":0,"message":"hi"}')));
    assert.equal(headers['access-control-allow-origin'], origin);
    assert.equal(headers['access-control-expose-headers'], 'apigw-requestid,retry-after');
  });

  test('the gateway sends no CORS headers where there is no browser', async () => {
    const { headers } = await post('{"emoji_type":0,"message":"hi"}');
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith('access-control-')),
      [],
    );
  });
});
