/** CORS that is configured on the API (PLATFORM_FACTS 1.6). */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import request from 'supertest';
import { preflightResponse, withCors } from '../../../infra/local/http-api/cors.ts';
import { Duration } from '../../harness/duration.ts';
import { serve, type TestCors, type TestFunction } from '../../harness/test-stack.ts';

const origin = 'https://app.example';
const cors: TestCors = {
  allowOrigins: [origin, 'http://localhost:5173'],
  allowMethods: ['GET', 'POST'],
  allowHeaders: ['content-type', 'x-own'],
  exposeHeaders: ['apigw-requestid'],
  allowCredentials: true,
  maxAge: Duration.hours(1),
};
const functions: Record<string, TestFunction> = {
  fine: {
    code: () => ({
      statusCode: 200,
      headers: { 'Access-Control-Allow-Origin': '*', 'access-control-max-age': '1', 'x-own': 'kept' },
    }),
  },
  refuses: { code: () => ({ statusCode: 400 }) },
  throws: { code: () => Promise.reject(new Error('boom')) },
};
const stack = await serve(functions, { cors });
after(() => stack[Symbol.asyncDispose]());

const corsHeaders = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));

const actual = {
  'access-control-allow-origin': origin,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'apigw-requestid',
};

describe('a preflight', () => {
  const preflight = (path: string) => request(stack.url).options(path).set('access-control-request-method', 'POST');

  for (const path of ['/fine', '/throws', '/nowhere']) {
    /** @aws 1.6: The gateway answers a preflight itself: 204, on any path, without the function. */
    test(`for ${path} gets the allowed methods and headers from the gateway`, async () => {
      const { status, text, headers } = await preflight(path).set('origin', origin);
      assert.deepEqual({ status, text }, { status: 204, text: '' });
      assert.deepEqual(corsHeaders(headers), {
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET,POST',
        'access-control-allow-headers': 'content-type,x-own',
        'access-control-max-age': '3600',
      });
      assert(headers['apigw-requestid'] && headers['date']);
      assert.equal(headers['content-type'], undefined);
      assert.equal(headers['content-length'], undefined);
    });
  }

  for (const foreign of ['https://evil.example', 'https://app.example.evil.example', 'http://app.example', 'null']) {
    /** @aws 1.6: A preflight of an origin that is not allowed: 204 without CORS headers. @unknown */
    test(`from ${foreign} gets no CORS headers`, async () => {
      const { status, headers } = await preflight('/fine').set('origin', foreign);
      assert.equal(status, 204);
      assert.deepEqual(corsHeaders(headers), {});
    });
  }

  /** @aws 1.6: OPTIONS without an `Origin`: 204 without CORS headers. @unknown */
  test('without an Origin gets a 204 without CORS headers', async () => {
    const { status, headers } = await preflight('/fine');
    assert.equal(status, 204);
    assert.deepEqual(corsHeaders(headers), {});
  });

  test('without a method gets a 204 without CORS headers', async () => {
    const { status, headers } = await request(stack.url).options('/fine').set('origin', origin);
    assert.equal(status, 204);
    assert.deepEqual(corsHeaders(headers), {});
  });
});

describe('a request', () => {
  const responses: [path: string, status: number][] = [
    ['/fine', 200],
    ['/refuses', 400],
    ['/throws', 500],
    ['/nowhere', 404],
  ];
  for (const [path, expected] of responses) {
    /** @aws 1.6: The gateway replaces the CORS headers of a function. */
    test(`with an Origin gets the gateway’s CORS headers with its ${expected}, not the function’s`, async () => {
      const { status, headers } = await request(stack.url).get(path).set('origin', origin);
      assert.equal(status, expected);
      assert.deepEqual(corsHeaders(headers), actual);
    });

    /** @aws 1.6: A request without an `Origin` gets no CORS headers. */
    test(`without an Origin gets no CORS headers with its ${expected}`, async () => {
      const { status, headers } = await request(stack.url).get(path);
      assert.equal(status, expected);
      assert.deepEqual(corsHeaders(headers), {});
    });
  }

  test('from a foreign Origin is served without CORS headers', async () => {
    const { status, headers } = await request(stack.url).get('/fine').set('origin', 'https://evil.example');
    assert.equal(status, 200);
    assert.deepEqual(corsHeaders(headers), {});
    assert.equal(headers['x-own'], 'kept');
  });
});

describe('allowed origins', () => {
  const configuration = {
    allowOrigins: ['*'],
    allowMethods: [],
    allowHeaders: [],
    exposeHeaders: [],
    allowCredentials: false,
  };

  /** @aws 1.6: `*` in the configuration is `*` in the response. */
  test('with * lead to *', () => {
    const { headers } = preflightResponse(configuration, origin, 'GET');
    assert.deepEqual(headers, [['access-control-allow-origin', '*']]);
  });

  /** @aws 1.6: `https://*` allows every origin of that scheme. */
  test('with https://* are every origin of that scheme', () => {
    const secure = { ...configuration, allowOrigins: ['https://*'] };
    const response = { status: 200, headers: [], body: '' };
    assert.deepEqual(withCors(response, secure, origin).headers, [['access-control-allow-origin', origin]]);
    assert.deepEqual(withCors(response, secure, 'http://app.example').headers, []);
  });
});

/** @aws 1.6: Without CORS, the headers of the function are kept. */
test('without CORS configured, OPTIONS is an ordinary method and the function’s CORS headers are kept', async () => {
  await using bare = await serve(functions);
  await request(bare.url)
    .options('/fine')
    .set('origin', origin)
    .set('access-control-request-method', 'GET')
    .expect(404, { message: 'Not Found' });
  const { headers } = await request(bare.url).get('/fine').set('origin', origin);
  assert.deepEqual(corsHeaders(headers), { 'access-control-allow-origin': '*', 'access-control-max-age': '1' });
});
