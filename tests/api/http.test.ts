/** POST /feeling as a client sees it: on the stack served here, or on the deployed one of `npm run test:deployed`. */
import assert from 'node:assert/strict';
import { copyFile, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import request, { type Response } from 'supertest';
import { readAssembly } from '../../infra/local/cloud-assembly/read-assembly.ts';
import { operations } from '../../shared/contract.ts';
import { Contract } from '../harness/contract.ts';
import {
  authorization,
  deployedStage,
  deployedUrl,
  localOnly,
  needsStage,
  needsToken,
  withinThrottle,
} from '../harness/deployed.ts';
import { type ServedStack, type SynthesisedStack, serveStack, synthesiseStack } from '../harness/feeling-api.ts';
import { invalidCases, validCases } from './feeling.cases.ts';

const contract = await Contract.read('feeling');
let stack: SynthesisedStack | undefined;
let api: ServedStack | undefined;
let url = deployedUrl ?? '';

before(async () => {
  if (deployedUrl) return;
  stack = await synthesiseStack();
  api = await serveStack(stack.directory);
  url = api.url;
});
after(async () => {
  await api?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

/** Sends a body as it is, and holds whatever comes back against the contract. */
async function post(body: string | Buffer, headers: Record<string, string> = json, at = url): Promise<Response> {
  const asItIs = () =>
    request(at)
      .post('/feeling')
      .serialize((bytes) => bytes);
  const all = { ...authorization, ...headers };
  const response = await withinThrottle(async () => asItIs().set(all).send(Buffer.from(body)));
  return checked(response);
}

const json = { 'content-type': 'application/json' };

function checked(response: Response): Response {
  contract.check({ status: response.status, headers: response.headers, text: response.text });
  return response;
}

function problem(response: Response, status: number, type: string) {
  assert.equal(response.status, status);
  assert.equal(response.headers['content-type'], 'application/problem+json');
  const body = JSON.parse(response.text);
  assert.equal(body.type, type);
  return body;
}

describe('a valid request', needsToken, () => {
  for (const { name, json, answer } of validCases) {
    test(name, async () => {
      const response = await post(json);
      assert.equal(response.status, 200);
      assert.equal(response.headers['content-type'], 'application/json');
      assert.deepEqual(JSON.parse(response.text), answer);
    });
  }

  test('answers with the headers of every answer of the function', async () => {
    const { headers } = await post('{"emoji_type":0,"message":"hi"}');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['strict-transport-security'], 'max-age=31536000');
    assert.match(headers['apigw-requestid'] ?? '', /^[\w+/-]{15}=$/);
  });
});

describe('a body that does not match the schema', needsToken, () => {
  for (const { name, json, errors } of invalidCases) {
    test(`answers 400 with a pointer to each fault: ${name}`, async () => {
      assert.deepEqual(problem(await post(json), 400, '/problems/invalid-body').errors, errors);
    });
  }
});

describe('a body that is not JSON', needsToken, () => {
  const bodies: Record<string, string | Buffer> = {
    'no body': '',
    'white space': ' \n',
    text: 'not json',
    'a truncated object': '{"emoji_type":0,"message":"h',
    'single quotes': "{'emoji_type':0,'message':'hi'}",
    NaN: '{"emoji_type":NaN,"message":"hi"}',
    'a leading zero': '{"emoji_type":01,"message":"hi"}',
    'two values': '{"emoji_type":0,"message":"hi"}{}',
    'UTF-16': Buffer.from('{"emoji_type":0,"message":"hi"}', 'utf16le'),
    'a control character in a string': '{"emoji_type":0,"message":"a\nb"}',
  };
  for (const [name, body] of Object.entries(bodies)) {
    test(`answers 400: ${name}`, async () => {
      problem(await post(body), 400, '/problems/not-json');
    });
  }

  test('answers 400 to bytes that are not UTF-8, where the gateway passes them on', async () => {
    // A charset that it does not know makes the gateway pass the body on in base64.
    const body = Buffer.from('{"emoji_type":0,"message":"caf\xe9"}', 'latin1');
    problem(await post(body, { 'content-type': 'application/json; charset=utf8' }), 400, '/problems/not-json');
  });
});

describe('a byte order mark', needsToken, () => {
  for (const type of ['application/json', 'application/json; charset=utf8']) {
    test(`is ignored in ${type}`, async () => {
      const response = await post('\ufeff{"emoji_type":0,"message":"hi"}', { 'content-type': type });
      assert.deepEqual(JSON.parse(response.text), { feeling: 'positive', message: 'hi' });
    });
  }
});

describe('the media type', needsToken, () => {
  const taken = [
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json ; charset="utf-8"',
    'application/json; charset=utf8',
    'application/json; profile="https://example.com/a"',
  ];
  for (const type of taken) {
    test(`answers 200 to ${type}`, async () => {
      const response = await post('{"emoji_type":1,"message":"é🎉"}', { 'content-type': type });
      assert.deepEqual(JSON.parse(response.text), { feeling: 'neutral', message: 'é🎉' });
    });
  }

  const refused = [
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'application/xml',
    'application/jsonp',
    'application/problem+json',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    'application/json, application/json',
  ];
  for (const type of refused) {
    test(`answers 415 to ${type}`, async () => {
      const response = await post('{"emoji_type":0,"message":"hi"}', { 'content-type': type });
      problem(response, 415, '/problems/unsupported-media-type');
    });
  }

  test('answers 415 without a content type', async () => {
    problem(await post('{"emoji_type":0,"message":"hi"}', {}), 415, '/problems/unsupported-media-type');
  });

  test('answers 415 to what curl -d sends by itself', async () => {
    const response = await post('{"emoji_type":0,"message":"hi"}', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    problem(response, 415, '/problems/unsupported-media-type');
  });

  test('answers 415 to a compressed body', async () => {
    const response = await post('{"emoji_type":0,"message":"hi"}', { ...json, 'content-encoding': 'gzip' });
    problem(response, 415, '/problems/unsupported-media-type');
  });
});

describe('the gateway', () => {
  test('answers 404 to another method', async () => {
    const response = checked(await withinThrottle(async () => request(url).get('/feeling')));
    assert.equal(response.status, 404);
    assert.equal(response.text, '{"message":"Not Found"}');
  });

  test('answers 404 to another path', async () => {
    const response = checked(await withinThrottle(async () => request(url).post('/nope').set(json).send('{}')));
    assert.equal(response.status, 404);
    assert.equal(response.text, '{"message":"Not Found"}');
  });

  test('lets a body through that is too large for the function', needsToken, async () => {
    problem(await post('['.repeat(65_537)), 413, '/problems/too-large');
  });

  test('answers 413 to a body that no invocation can hold', needsToken, async () => {
    const response = await post(JSON.stringify({ emoji_type: 0, message: 'x'.repeat(6 * 1024 * 1024) }));
    assert.equal(response.status, 413);
  });

  test('answers 431 to headers of more than 10,240 bytes', needsToken, async () => {
    const response = await post('{"emoji_type":0,"message":"hi"}', { ...json, 'x-much': 'x'.repeat(10_240) });
    assert.equal(response.status, 431);
  });

  if (deployedStage?.requiresToken) {
    test('answers 401 without a token', async () => {
      const response = checked(await withinThrottle(async () => request(url).post('/feeling').set(json).send('{}')));
      assert.equal(response.status, 401);
      assert.equal(response.text, '{"message":"Unauthorized"}');
    });
  }

  const { allowedOrigins: [origin = '*'] = [], allowedHeaders = ['content-type'] } = deployedStage ?? {};
  const page = origin === '*' ? 'https://app.example' : origin;

  test("answers a browser's preflight itself", needsStage, async () => {
    const preflight = { origin: page, 'access-control-request-method': 'POST' };
    const { status, headers, text } = await withinThrottle(async () =>
      request(url).options('/feeling').set(preflight).set({ 'access-control-request-headers': 'content-type' }),
    );
    assert.equal(status, 204);
    assert.equal(text, '');
    assert.equal(headers['access-control-allow-origin'], origin);
    assert.equal(headers['access-control-allow-methods'], [...new Set(operations.map(({ method }) => method))].join());
    assert.equal(headers['access-control-allow-headers'], allowedHeaders.join());
    assert.equal(headers['access-control-max-age'], '3600');
  });

  test("lets a browser's page read the answer, and the id of the request", needsStage, async () => {
    const send = () =>
      request(url)
        .post('/feeling')
        .set({ ...authorization, ...json, origin: page });
    const { headers } = checked(await withinThrottle(async () => send().send('{"emoji_type":0,"message":"hi"}')));
    assert.equal(headers['access-control-allow-origin'], origin);
    assert.equal(headers['access-control-expose-headers'], 'apigw-requestid,retry-after');
  });

  test('sends no CORS headers where there is no browser', async () => {
    const { headers } = await post('{"emoji_type":0,"message":"hi"}');
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith('access-control-')),
      [],
    );
  });
});

describe('the log', localOnly, () => {
  const messages = () => (api?.log ?? []).map((line) => JSON.parse(line).message);

  test('has one line for an answered request, without the message', async () => {
    api?.log.splice(0);
    await post('{"emoji_type":5,"message":"secret 🎉"}');
    assert.deepEqual(messages(), [{ emoji_type: 5, feeling: 'negative', message_length: 9 }]);
  });

  test('has one line for a refused request, without the body', async () => {
    api?.log.splice(0);
    await post('secret');
    await post('{"emoji_type":"secret","message":"secret"}');
    assert.deepEqual(
      messages().map(({ refused }) => refused.type),
      ['/problems/not-json', '/problems/invalid-body'],
    );
    assert.doesNotMatch(api?.log.join() ?? '', /secret/);
  });

  test('has the message at DEBUG', async () => {
    await using stack = await synthesiseStack({ logLevel: 'DEBUG' });
    await using api = await serveStack(stack.directory);
    await post('{"emoji_type":0,"message":"not secret"}', json, api.url);
    assert.deepEqual(
      api.log.map((line) => JSON.parse(line).message),
      [{ emoji_type: 0, feeling: 'positive', message_length: 10 }, { message: 'not secret' }],
    );
  });
});

/** The deployed stack with other code for feeling-http and another timeout of the integrations. */
async function brokenStack(code: string, integrationTimeoutMs?: number): Promise<SynthesisedStack> {
  const directory = await mkdtemp(join(tmpdir(), 'feeling-api-test-'));
  await cp(stack?.directory ?? '', directory, { recursive: true });
  const fn = (await readAssembly(directory)).functions.find(({ name }) => name === 'feeling-http-dev');
  assert(fn);
  const bundle = join(fn.directory, 'index.mjs');
  await copyFile(bundle, join(fn.directory, 'deployed.mjs'));
  await writeFile(bundle, code);
  if (integrationTimeoutMs) {
    const template = join(directory, 'Feeling.template.json');
    const text = await readFile(template, 'utf8');
    await writeFile(template, text.replaceAll(/"TimeoutInMillis": \d+/g, `"TimeoutInMillis": ${integrationTimeoutMs}`));
  }
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
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

describe('the contract', () => {
  for (const [name, example] of Object.entries(contract.requestExamples)) {
    test(`answers the example "${name}" with the example of the same name`, needsToken, async () => {
      const response = await post(JSON.stringify(example));
      assert(contract.seenExamples.has(`${response.status} application/json ${name}`), response.text);
    });
  }

  test('documents no answer and no example that these tests have not seen', localOnly, () => {
    for (const { answer, examples } of contract.documentedAnswers()) {
      assert(contract.seen.has(answer), `no test has seen the documented answer ${answer}`);
      for (const name of Object.keys(examples)) {
        assert(contract.seenExamples.has(`${answer} ${name}`), `no test has seen the example "${name}" of ${answer}`);
      }
    }
  });
});
