/** `mockFetch`: a front end's tests get the examples of openapi.yaml, and what the API refuses is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFeelingClient } from '../../shared/client.ts';
import { type MockAnswers, mockFetch } from '../../shared/mock.ts';
import { Contract } from '../harness/contract.ts';

const contract = await Contract.read('feeling');
const documented = [...contract.documentedAnswers()];
const successes = documented.find(({ answer }) => answer === '200 application/json')?.examples ?? {};
const body = { emoji_type: 0, message: 'hi' };

/** Sends a request past the client, holds the response against the contract, and returns status and body. */
async function send(fetch: ReturnType<typeof mockFetch>, init: RequestInit = {}, url = 'http://any.example/feeling') {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), ...init });
  const text = await response.text();
  contract.check({ status: response.status, headers: Object.fromEntries(response.headers), text });
  return { status: response.status, body: JSON.parse(text) };
}

describe('without answers of the test', () => {
  for (const [name, example] of Object.entries(contract.requestExamples)) {
    test(`the example "${name}" gets the example of the same name`, async () => {
      const { status, body } = await send(mockFetch(), { body: JSON.stringify(example) });
      assert.deepEqual([status, body], [200, successes[name]]);
    });
  }

  test('any other valid body gets the first example of success', async () => {
    const { status, body } = await send(mockFetch());
    assert.deepEqual([status, body], [200, Object.values(successes)[0]]);
  });

  const refused: [string, RequestInit, number, string | undefined][] = [
    ['a body that does not match', { body: '{"emoji_type":"0"}' }, 400, '/problems/invalid-body'],
    [
      'a message that is too long',
      { body: JSON.stringify({ ...body, message: 'x'.repeat(65_537) }) },
      400,
      '/problems/invalid-body',
    ],
    ['a body that is not JSON', { body: '{' }, 400, '/problems/not-json'],
    ['no body', { body: null }, 400, '/problems/not-json'],
    ['another media type', { headers: { 'content-type': 'text/plain' } }, 415, '/problems/unsupported-media-type'],
    ['another method', { method: 'PUT' }, 404, undefined],
  ];
  for (const [what, init, status, type] of refused) {
    test(`${what} is refused as the API does`, async () => {
      const seen = await send(mockFetch(), init);
      assert.deepEqual([seen.status, seen.body.type], [status, type]);
    });
  }

  for (const type of ['application/json; charset=utf-8', 'Application/JSON ;charset=utf-8']) {
    test(`the media type ${type} is taken as the API does`, async () => {
      assert.equal((await send(mockFetch(), { headers: { 'content-type': type } })).status, 200);
    });
  }

  test('the errors of a body are those of this body', async () => {
    const { error } = await createFeelingClient({ baseUrl: 'http://mock', fetch: mockFetch() }).POST('/feeling', {
      body: { emoji_type: 0, message: 'x'.repeat(65_537) },
    });
    assert(error && 'errors' in error);
    assert.deepEqual(error.errors, [{ pointer: '#/message', detail: 'must have at most 65,536 characters' }]);
  });

  test('another path is not found; a path below a prefix, or a relative one, is', async () => {
    assert.equal((await send(mockFetch(), {}, 'http://any.example/feelings')).status, 404);
    assert.equal((await send(mockFetch(), {}, 'http://any.example/api/feeling')).status, 200);
    assert.equal((await send(mockFetch(), {}, '/feeling?x=1')).status, 200);
  });
});

describe('with an answer of the test', () => {
  const answers = documented.flatMap(({ answer, examples }) =>
    Object.entries(examples).map(([name, example]) => ({ name, example, status: Number(answer.slice(0, 3)) })),
  );
  for (const { name, example, status } of answers) {
    test(`"${name}" gets that example of the contract`, async () => {
      assert.deepEqual(await send(mockFetch(Object.fromEntries([['feeling', name]]))), { status, body: example });
    });
  }

  test('a function makes the response, and a test can change its mind', async () => {
    const answers: MockAnswers = {
      feeling: async (request) => Response.json({ feeling: 'neutral', message: await request.text() }),
    };
    const fetch = mockFetch(answers);
    const client = createFeelingClient({ baseUrl: 'http://mock', fetch, retries: 0 });
    const { data } = await client.POST('/feeling', { body });
    assert.deepEqual(data, { feeling: 'neutral', message: JSON.stringify(body) });
    answers.feeling = 'unavailable';
    assert.equal((await client.POST('/feeling', { body })).response.status, 503);
  });

  test('an example that is not there is refused with those that are', async () => {
    const fetch = mockFetch(Object.fromEntries([['feeling', 'happy']]));
    await assert.rejects(send(fetch), /feeling has no example "happy"\. Write one of positive, neutral, /);
  });
});

test('an aborted call rejects', async () => {
  const client = createFeelingClient({ baseUrl: 'http://mock', fetch: mockFetch() });
  await assert.rejects(client.POST('/feeling', { body, signal: AbortSignal.abort(new Error('enough')) }), /enough/);
  await assert.rejects(send(mockFetch(), { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
});
