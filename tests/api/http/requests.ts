/** What the function responds to a request, by its body and its media type. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { needsToken } from '../../harness/deployed.ts';
import { invalidCases, validCases } from '../feeling.cases.ts';
import { json, post, problem } from './api-under-test.ts';
import { acceptedMediaTypes, notJsonBodies, refusedMediaTypes } from './request.cases.ts';

describe('a valid request', needsToken, () => {
  for (const { name, json, answer } of validCases) {
    test(`POST /feeling answers 200: ${name}`, async () => {
      const response = await post(json);
      assert.equal(response.status, 200);
      assert.equal(response.headers['content-type'], 'application/json');
      assert.deepEqual(JSON.parse(response.text), answer);
    });
  }

  test('POST /feeling answers with the headers of every response of the function', async () => {
    const { headers } = await post('{"emoji_type":0,"message":"hi"}');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['strict-transport-security'], 'max-age=31536000');
    assert.match(headers['apigw-requestid'] ?? '', /^[\w+/-]{15}=$/);
  });
});

describe('a body that does not match the schema', needsToken, () => {
  for (const { name, json, errors } of invalidCases) {
    test(`POST /feeling answers 400 with a pointer to each fault: ${name}`, async () => {
      assert.deepEqual(problem(await post(json), 400, '/problems/invalid-body').errors, errors);
    });
  }
});

describe('a body that is not JSON', needsToken, () => {
  for (const [name, body] of Object.entries(notJsonBodies)) {
    test(`POST /feeling answers 400 to a body that is not JSON: ${name}`, async () => {
      problem(await post(body), 400, '/problems/not-json');
    });
  }

  test('POST /feeling answers 400 to bytes that are not UTF-8, where the gateway passes them on', async () => {
    // A charset that it does not know makes the gateway pass the body on in base64.
    const body = Buffer.from('{"emoji_type":0,"message":"caf\xe9"}', 'latin1');
    problem(await post(body, { 'content-type': 'application/json; charset=utf8' }), 400, '/problems/not-json');
  });
});

describe('a byte order mark', needsToken, () => {
  for (const type of ['application/json', 'application/json; charset=utf8']) {
    test(`POST /feeling ignores a byte order mark in ${type}`, async () => {
      const response = await post('\ufeff{"emoji_type":0,"message":"hi"}', { 'content-type': type });
      assert.deepEqual(JSON.parse(response.text), { feeling: 'positive', message: 'hi' });
    });
  }
});

describe('the media type', needsToken, () => {
  for (const type of acceptedMediaTypes) {
    test(`POST /feeling answers 200 to ${type}`, async () => {
      const response = await post('{"emoji_type":1,"message":"é🎉"}', { 'content-type': type });
      assert.deepEqual(JSON.parse(response.text), { feeling: 'neutral', message: 'é🎉' });
    });
  }

  for (const type of refusedMediaTypes) {
    test(`POST /feeling answers 415 to ${type}`, async () => {
      const response = await post('{"emoji_type":0,"message":"hi"}', { 'content-type': type });
      problem(response, 415, '/problems/unsupported-media-type');
    });
  }

  test('POST /feeling answers 415 without a content type', async () => {
    problem(await post('{"emoji_type":0,"message":"hi"}', {}), 415, '/problems/unsupported-media-type');
  });

  test('POST /feeling answers 415 to what curl -d sends by itself', async () => {
    const response = await post('{"emoji_type":0,"message":"hi"}', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    problem(response, 415, '/problems/unsupported-media-type');
  });

  test('POST /feeling answers 415 to a compressed body', async () => {
    const response = await post('{"emoji_type":0,"message":"hi"}', { ...json, 'content-encoding': 'gzip' });
    problem(response, 415, '/problems/unsupported-media-type');
  });
});
