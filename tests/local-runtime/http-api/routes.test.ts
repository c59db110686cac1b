/** Which route takes a request, and what the event says of it (PLATFORM_FACTS 1.7). */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { send } from '../../harness/http-client.ts';
import { type Handler, serve, type TestFunction } from '../../harness/test-stack.ts';
import { type RoutedRequest, routeCases, routeKeys } from './routes.cases.ts';

const echo: Handler = ({ routeKey, rawPath, pathParameters, requestContext }) => ({
  statusCode: requestContext.http.method === 'HEAD' ? 418 : 200,
  headers: { 'content-type': 'application/json', 'access-control-allow-origin': 'https://function.example' },
  body: JSON.stringify({ routeKey, sameKey: requestContext.routeKey === routeKey, rawPath, pathParameters }),
});

/** Returns a function that echoes its route for each route key. */
function functionsFor(keys: readonly NonNullable<TestFunction['route']>[]): Record<string, TestFunction> {
  return Object.fromEntries(keys.map((route, index) => [`fn${index}`, { code: echo, route }]));
}

async function routed(url: string, { method = 'GET', path }: RoutedRequest) {
  const { status, body } = await send(`${url}${path}`, { method });
  return { status, ...JSON.parse(body) };
}

// The order of the routes must not matter.
for (const [order, keys] of Object.entries({ 'as they are': routeKeys, reversed: routeKeys.toReversed() })) {
  describe(`of routes in an order ${order},`, async () => {
    const stack = await serve(functionsFor(keys));
    after(() => stack[Symbol.asyncDispose]());
    for (const { title, request, routeKey, pathParameters } of routeCases) {
      test(title, async () => {
        assert.deepEqual(await routed(stack.url, request), {
          status: 200,
          routeKey,
          sameKey: true,
          rawPath: decodeURIComponent(decodeURIComponent(request.path)),
          ...(pathParameters && { pathParameters }),
        });
      });
    }
  });
}

describe('without $default', async () => {
  const stack = await serve(functionsFor(['GET /things/{id}', 'POST /files/{path+}', 'HEAD /things/{id}', 'ANY /any']));
  after(() => stack[Symbol.asyncDispose]());

  const unrouted: RoutedRequest[] = [
    { path: '/things' },
    { path: '/things/1/more' },
    { path: '/things/1%2Fmore' },
    { path: '/Things/1' },
    { method: 'POST', path: '/files' },
    { method: 'POST', path: '/things/1' },
    { method: 'OPTIONS', path: '/things/1' },
  ];
  for (const { method = 'GET', path } of unrouted) {
    /** @aws 1.7: A request that no route matches, by its path or its method, gets 404. */
    test(`${method} ${path} gets 404`, async () => {
      assert.deepEqual(await routed(stack.url, { method, path }), { status: 404, message: 'Not Found' });
    });
  }

  /** @aws 1.7: HEAD takes a route for HEAD or ANY, never one for GET. */
  test('HEAD takes a route for HEAD or ANY', async () => {
    for (const path of ['/things/1', '/any']) {
      assert.equal((await send(`${stack.url}${path}`, { method: 'HEAD' })).status, 418);
    }
  });

  test('the report has the path of the request', async () => {
    stack.access.splice(0);
    await send(`${stack.url}/things/a%20b`);
    assert.equal(stack.access[0]?.path, '/things/a b');
  });
});

describe('with CORS configured, OPTIONS', async () => {
  const cors = { allowOrigins: ['https://app.example'], allowMethods: ['GET'], allowHeaders: ['x-own'] };
  const stack = await serve(functionsFor(['OPTIONS /own', 'ANY /any/{id}', 'GET /get']), { cors });
  after(() => stack[Symbol.asyncDispose]());
  const preflight = { origin: 'https://app.example', 'access-control-request-method': 'GET' };

  for (const path of ['/own', '/any/1']) {
    /** @aws 1.7: A route for OPTIONS or ANY takes OPTIONS before CORS does. */
    test(`${path} reaches the function of its route`, async () => {
      const { status, body } = await send(`${stack.url}${path}`, { method: 'OPTIONS' });
      assert.equal(status, 200);
      assert.match(body, /"routeKey":"(OPTIONS|ANY) /);
    });

    /** @aws 1.7: The gateway adds its CORS headers to the response of a function to a preflight. @unknown */
    test(`${path} gets the CORS headers of the API, not those of the function`, async () => {
      const { headers } = await send(`${stack.url}${path}`, { method: 'OPTIONS', headers: preflight });
      assert.equal(headers['access-control-allow-origin'], 'https://app.example');
      assert.equal(headers['access-control-allow-methods'], 'GET');
      assert.equal(headers['access-control-allow-headers'], 'x-own');
      const plain = await send(`${stack.url}${path}`, { method: 'OPTIONS' });
      assert.equal(plain.headers['access-control-allow-origin'], undefined);
    });
  }

  test('/get has no route of its own, so that the gateway responds', async () => {
    const { status, headers } = await send(`${stack.url}/get`, { method: 'OPTIONS', headers: preflight });
    assert.equal(status, 204);
    assert.equal(headers['access-control-allow-methods'], 'GET');
  });

  /** @aws 1.7: `$default` takes OPTIONS too. */
  test('takes $default where there is one', async () => {
    await using other = await serve(functionsFor(['$default']), { cors });
    const { status, body } = await send(`${other.url}/x`, { method: 'OPTIONS', headers: preflight });
    assert.equal(status, 200);
    assert.match(body, /"routeKey":"\$default"/);
  });
});
