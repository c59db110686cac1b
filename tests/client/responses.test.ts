/** What a call of the typed client makes of each response: exactly one of data and error, or one thrown error. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFeelingClient, FeelingError } from '../../shared/client.ts';

const body = { emoji_type: 0, message: 'hi' };
const baseUrl = 'http://api.example';
const feeling = { feeling: 'positive', message: 'hi' };
const html = '<!doctype html><title>Sign in</title>';

const json = (value: unknown, status = 200, type = 'application/json') =>
  new Response(JSON.stringify(value), { status, headers: { 'content-type': type, 'apigw-requestid': 'gw=' } });
const text = (value: string | null, status = 200) =>
  new Response(value, { status, headers: { 'content-type': 'text/html', 'content-length': `${value?.length ?? 0}` } });

/** Calls both clients with the same response. */
async function call(response: () => Response) {
  const options = { baseUrl, retries: 0, fetch: async () => response() };
  const result = await createFeelingClient(options).POST('/feeling', { body });
  const throwing = createFeelingClient({ ...options, throwing: true }).POST('/feeling', { body });
  const thrown = await throwing.then(
    (data) => ({ data }),
    (error: unknown) => ({ error }),
  );
  return { ...result, thrown };
}

/** The size of the longest body that is read. */
const tenMegabytes = 10_000_000;
const padded = (bytes: number) => text(JSON.stringify(feeling).padEnd(bytes));
const redirected = (response: Response) => Object.defineProperty(response, 'redirected', { value: true });

const problems = {
  'not JSON': { type: '/problems/not-json', title: 'The body is not JSON', status: 400, detail: 'Send JSON.' },
  'an invalid body': {
    type: '/problems/invalid-body',
    title: 'The body does not match the schema',
    status: 400,
    detail: 'Correct it.',
    errors: [{ pointer: '#/message', detail: 'is required' }],
  },
  'another media type': { type: '/problems/unsupported-media-type', title: 'No', status: 415, detail: 'Send JSON.' },
  'a failure': { type: 'about:blank', title: 'Internal Server Error', status: 500, request_id: 'lambda' },
  'a member that a later API adds': {
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    request_id: 'lambda',
    instance: '/feeling',
  },
};

/** The messages of the errors that are thrown for them. */
const said: Record<string, string> = {
  'not JSON': '400 The body is not JSON: Send JSON.',
  'an invalid body': '400 #/message is required',
  'another media type': '415 No: Send JSON.',
  'a failure': '500 Internal Server Error',
  'a member that a later API adds': '500 Internal Server Error',
};

describe("the contract's responses", () => {
  for (const [what, value] of Object.entries({ 'the object': feeling, 'more members': { ...feeling, since: 2026 } })) {
    test(`${what}: data`, async () => {
      const { data, error, thrown } = await call(() => json(value));
      assert.deepEqual([data, error, thrown], [value, undefined, { data: value }]);
    });
  }

  for (const [what, problem] of Object.entries(problems)) {
    test(`a problem, ${what}: error, with the request ID`, async () => {
      const { data, error, thrown } = await call(() => json(problem, problem.status, 'application/problem+json'));
      assert.deepEqual([data, error], [undefined, problem]);
      assert('error' in thrown && thrown.error instanceof FeelingError);
      assert.deepEqual([thrown.error.status, thrown.error.problem], [problem.status, problem]);
      assert.equal(thrown.error.requestId, 'request_id' in problem ? 'lambda' : 'gw=');
      assert.equal(thrown.error.message, said[what]);
      assert.equal(thrown.error.response.status, problem.status);
    });
  }

  test('two errors of a body: both in the message', async () => {
    const errors = ['#/emoji_type', '#/message'].map((pointer) => ({ pointer, detail: 'is required' }));
    const { thrown } = await call(() => json({ ...problems['an invalid body'], errors }, 400));
    assert('error' in thrown && thrown.error instanceof FeelingError);
    assert.equal(thrown.error.message, '400 #/emoji_type is required, #/message is required');
  });

  test('a problem after a redirect: error', async () => {
    const { error } = await call(() => redirected(json(problems['a failure'], 500)));
    assert.deepEqual(error, problems['a failure']);
  });

  test('a body of 10 MB: data', async () => {
    assert.deepEqual((await call(() => padded(tenMegabytes))).data, feeling);
  });

  test('a character whose bytes come one by one: data', async () => {
    const message = 'é 🎉';
    const bytes = Buffer.from(JSON.stringify({ ...feeling, message }));
    const { data } = await call(() => new Response(ReadableStream.from([...bytes].map((byte) => Uint8Array.of(byte)))));
    assert.deepEqual(data, { ...feeling, message });
  });

  for (const status of [401, 403, 404, 413, 429, 431, 500, 502, 503, 504]) {
    test(`${status} with the gateway's message: error, and no problem`, async () => {
      const { data, error, thrown } = await call(() => json({ message: 'Sorry' }, status));
      assert.deepEqual([data, error], [undefined, { message: 'Sorry' }]);
      assert('error' in thrown && thrown.error instanceof FeelingError);
      assert.deepEqual(
        [thrown.error.name, thrown.error.message, thrown.error.problem, thrown.error.requestId],
        ['FeelingError', `${status} Sorry`, undefined, 'gw='],
      );
    });
  }
});

describe('any other response is an unexpected one', () => {
  const successes: Record<string, () => Response> = {
    'an empty body': () => text(''),
    'no body': () => text(null),
    null: () => json(null),
    'a page': () => text(html),
    'half of an object': () => text('{"feeling":"positive"'),
    "the gateway's message": () => json({ message: 'Not Found' }),
    'another object': () => json({ emoji_type: 0, message: 'hi' }),
    'no such feeling': () => json({ feeling: 'happy', message: 'hi' }),
    'a member of another type': () => json({ feeling: 'positive', message: null }),
    'a list': () => json([feeling]),
    'a string': () => json('positive'),
    'an inherited member': () => json(JSON.parse('{"__proto__":{"feeling":"positive","message":"hi"}}')),
    'more than 10 MB': () => padded(tenMegabytes + 1),
    'no body with 204': () => new Response(null, { status: 204 }),
    'no body with 205': () => new Response(null, { status: 205 }),
  };
  const failures: Record<string, () => Response> = {
    'an empty body with 502': () => text('', 502),
    'a page with 502': () => text(html, 502),
    'a list with 400': () => json([], 400),
    'a string with 500': () => json('no', 500),
    'null with 500': () => json(null, 500),
    'another error with 400': () => json({ error: 'no' }, 400),
    'a message that is no string': () => json({ message: null }, 403),
    'half of a problem': () => json({ type: '/problems/not-json', status: 400 }, 400),
    'a problem without its errors': () => json({ ...problems['an invalid body'], errors: undefined }, 400),
    'a problem whose errors are no objects': () => json({ ...problems['an invalid body'], errors: ['no'] }, 400),
    'a message after a redirect': () => redirected(json({ message: 'Not Found' }, 404)),
    'a problem of another API': () => json({ type: '/problems/other', title: 'No', status: 422, detail: 'No.' }, 422),
    'no body with 304': () => new Response(null, { status: 304 }),
    'status 0': () => Response.error(),
  };
  for (const [what, response] of Object.entries({ ...successes, ...failures })) {
    test(what, async () => {
      const result = await call(response);
      assert.equal(result.data, undefined);
      assert(result.error && 'type' in result.error && result.error.type === 'unexpected-response');
      const { status } = response();
      assert.equal(result.error.status, status);
      assert.match(result.error.message, new RegExp(`^openapi.yaml has no such response: status ${status}[.,]`));
      assert.equal(result.response.status, status);
      assert('error' in result.thrown && result.thrown.error instanceof FeelingError);
      assert.deepEqual([result.thrown.error.status, result.thrown.error.problem], [status, undefined]);
      assert.deepEqual(result.thrown.error.body, result.error);
    });
  }

  const check = 'Check that baseUrl is the address of the Feeling API.';
  const messages: [what: string, response: () => Response, message: string][] = [
    ['a page', () => text(html), `status 200, text/html. ${check}`],
    ['an empty body', () => text('', 502), `status 502, text/html. The body is empty. ${check}`],
    ['no body and no type', () => new Response(null, { status: 304 }), `status 304. The body is empty. ${check}`],
    [
      'a response that the browser hides',
      Response.error,
      `status 0. The browser hides it, as it does a redirect that is not followed. The body is empty. ${check}`,
    ],
    [
      'more than 10 MB',
      () => padded(tenMegabytes + 1),
      `status 200, text/html. The body is longer than 10 MB. ${check}`,
    ],
  ];
  for (const [what, response, message] of messages) {
    test(`its message says what came: ${what}`, async () => {
      const { error } = await call(response);
      assert(error && 'type' in error && error.type === 'unexpected-response');
      assert.equal(error.message, `openapi.yaml has no such response: ${message}`);
    });
  }

  test('its body is there to look at, parsed if it is JSON', async () => {
    const bodies = await Promise.all([call(() => json({ error: 'no' }, 400)), call(() => text(html))]);
    const seen = bodies.map(({ error }) => error && 'body' in error && error.body);
    assert.deepEqual(seen, [{ error: 'no' }, html]);
  });

  test('React Native, whose responses have no stream, is read too', async () => {
    const streamless = (response: Response) => Object.defineProperty(response, 'body', { value: undefined });
    assert.deepEqual((await call(() => streamless(json(feeling)))).data, feeling);
  });
});

describe('openapi-fetch', () => {
  test('its middlewares see the request and the response', async () => {
    const client = createFeelingClient({ baseUrl, fetch: async () => json(feeling) });
    const seen: string[] = [];
    client.use({
      onRequest: ({ request }) => void seen.push(`${request.method} ${request.url}`),
      onResponse: async ({ response }) => void seen.push(await response.clone().text()),
    });
    assert.deepEqual((await client.POST('/feeling', { body })).data, feeling);
    assert.deepEqual(seen, [`POST ${baseUrl}/feeling`, JSON.stringify(feeling)]);
  });

  test('the response of a middleware is checked against the contract too', async () => {
    for (const value of [feeling, { message: 'hi' }]) {
      const client = createFeelingClient({ baseUrl, fetch: () => assert.fail('sent') });
      client.use({ onRequest: () => json(value) });
      const { data, error } = await client.POST('/feeling', { body });
      assert.deepEqual(data, value === feeling ? feeling : undefined);
      assert.equal(error && 'type' in error && error.type, value === feeling ? undefined : 'unexpected-response');
    }
  });

  test('parseAs gives a success as it came', async () => {
    const client = createFeelingClient({ baseUrl, fetch: async () => json(feeling) });
    assert.equal((await client.POST('/feeling', { body, parseAs: 'text' })).data, JSON.stringify(feeling));
    assert.deepEqual((await client.request('post', '/feeling', { body })).data, feeling);
  });
});
