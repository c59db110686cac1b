/** An operation with parameters and an inline body of every type, added to a copy of the project, as clients see it. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Script } from '../../infra/scripts/running-script.ts';
import { send } from '../harness/http-client.ts';
import { copyOfProject, type ProjectCopy } from '../harness/project-copy.ts';
import { invalidCases, type ParameterCase, validCases } from './operation-parameters.cases.ts';

const code = `import middy from '@middy/core';
import { thingsParameters, validateThingsBody } from '../../shared/contract.gen.ts';
import { internalProblem } from '../middleware/internal-problem.ts';
import { jsonBody } from '../middleware/json-body.ts';
import { jsonResponse } from '../middleware/json-response.ts';
import { validBody } from '../middleware/valid-body.ts';
import { validParameters } from '../middleware/valid-parameters.ts';

export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(internalProblem())
  .use(validParameters(thingsParameters))
  .use(jsonBody({ example: '{"feelings":[]}' }))
  .use(validBody(validateThingsBody))
  .handler(async ({ parameters: { path, query, header }, json }) => {
    const limit: number = query.limit;
    return jsonResponse(200, { ...path, ...query, ...header, limit, count: json.feelings.length });
  });
`;
/** That of the operations without parameters and body. */
const plainCode = `import { jsonResponse } from '../middleware/json-response.ts';

export const handler = async () => jsonResponse(200, {});
`;
const environment = { PORT: '0', LAMBDA_PORT: '0', DOCS_PORT: '0' };
const serve = ['infra/local/cli/serve.ts', '--output', 'text'];

let project: ProjectCopy;
let script: Script;
let url: string;
let docsUrl: string;

before(async () => {
  project = await copyOfProject();
  const contract = join(project.directory, 'openapi.yaml');
  const [operation, text] = await Promise.all([
    readFile(join(import.meta.dirname, 'operation-parameters.yaml'), 'utf8'),
    readFile(contract, 'utf8'),
  ]);
  await writeFile(
    contract,
    text.replace('\ncomponents:\n', () => `\n${operation}components:\n`),
  );
  const generate = project.start(['infra/scripts/generate.ts']);
  assert.equal(await generate.ended(), 0, generate.output());

  const lacking = project.start(serve, { ...environment, TMPDIR: project.directory });
  assert.equal(await lacking.ended(), 1);
  assert.match(lacking.output(), /has an operation without a function .*: create functions\/first\/http\.ts/);

  for (const [name, source] of Object.entries({ things: code, first: plainCode, last: plainCode })) {
    await mkdir(join(project.directory, 'functions', name));
    await writeFile(join(project.directory, 'functions', name, 'http.ts'), source);
  }
  script = project.start(serve, { ...environment, TMPDIR: project.directory });
  await script.says(/Ready in/);
  [, url = ''] = /curl -i -X POST '?(http:\/\/[^/]+)\/things/.exec(script.output()) ?? [];
  [, docsUrl = ''] = /page to try it is at (http:\/\/[\d.:]+)/.exec(script.output()) ?? [];
});
after(async () => {
  script.process.kill('SIGINT');
  await script.ended();
  await project[Symbol.asyncDispose]();
});

async function post({ path = '/things/7/true/a', query = 'min=0', headers = { 'x-tone': 'soft' } }: ParameterCase) {
  const { status, body } = await send(`${url}${path}?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"feelings":["positive"]}',
  });
  return { status, body: JSON.parse(body) };
}

const plain = { id: 7, flag: true, rest: 'a', min: 0, limit: 10, all: false, 'X-Tone': 'soft', count: 1 };

describe('a valid request', () => {
  for (const { values, ...request } of validCases) {
    test(`with ${request.what} reaches the function with converted values`, async () => {
      assert.deepEqual(await post(request), { status: 200, body: { ...plain, ...values } });
    });
  }
});

describe('an invalid request', () => {
  for (const { errors, ...request } of invalidCases) {
    test(`with ${request.what} gets 400 with a pointer to every invalid parameter`, async () => {
      const { status, body } = await post(request);
      assert.equal(status, 400);
      assert.equal(body.type, '/problems/invalid-parameters');
      assert.deepEqual(
        body.errors,
        errors.map(([pointer, detail]) => ({ pointer, detail })),
      );
    });
  }

  test('whose body does not match its inline schema gets the problem of a body', async () => {
    const { status, body } = await send(`${url}/things/7/true/a?min=0`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tone': 'soft' },
      body: '{"feelings":["happy"],"level":1.5,"ratio":0,"on":"true","nested":{"at":"now"}}',
    });
    assert.equal(status, 400);
    const { type, errors } = JSON.parse(body);
    assert.equal(type, '/problems/invalid-body');
    const pointers = errors.map(({ pointer }: { pointer: string }) => pointer);
    assert.deepEqual(pointers, ['#/feelings/0', '#/level', '#/ratio', '#/on', '#/nested/at']);
  });
});

test('npm start prints the route, and a command with an example of each required parameter', () => {
  assert.match(script.output(), /^ {2}POST \/things\/\{id\}\/\{flag\}\/\{rest\+\} {2}-> {2}things-http-dev:live$/m);
  const command = `curl -i -X POST '${url}/things/7/true/a/b?min=0.5' -H 'X-Tone: soft' -H 'content-type: application/json' -d '{"feelings":["positive"]}'`;
  assert(script.output().includes(command), script.output());
});

test('the page of the problem and the reference have it', async () => {
  const page = await fetch(`${docsUrl}/problems/invalid-parameters`);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /Correct every parameter/);
  const { paths } = JSON.parse(await (await fetch(`${docsUrl}/openapi.json`)).text());
  assert.equal(paths['/things/{id}/{flag}/{rest}'].post.parameters.length, 12);
});

test('a browser may send the header parameters', async () => {
  const headers = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
  const response = await send(`${url}/things/7/true/a`, { method: 'OPTIONS', headers });
  assert.equal(response.headers['access-control-allow-headers'], 'content-type,x-tone,x-levels');
});

describe('the client', () => {
  const load = (file: string) => import(pathToFileURL(join(project.directory, file)).href);
  const params = {
    path: { id: 7, flag: true, rest: 'a/b' },
    query: { min: 0, ids: [1, 2], csv: ['a', 'b,c'], pipes: [1, 2], spaces: [true, false] },
    header: { 'X-Tone': 'soft', 'X-Levels': [1, 2] },
  };

  test('writes each parameter in its style', async () => {
    const { createFeelingClient } = await load('shared/client.ts');
    const { data } = await createFeelingClient({ baseUrl: url }).POST('/things/{id}/{flag}/{rest}', {
      params,
      body: { feelings: ['positive'] },
    });
    assert.deepEqual(data, { ...plain, ...params.path, ...params.query, ...params.header });
  });

  test('takes an empty body where the contract has a success without one, and no other text', async () => {
    const { createFeelingClient, FeelingError } = await load('shared/client.ts');
    const post = (response: Response) =>
      createFeelingClient({ baseUrl: url, throwing: true, fetch: async () => response }).POST(
        '/things/{id}/{flag}/{rest}',
        { params, body: { feelings: [] } },
      );
    assert.equal(await post(new Response(null, { status: 204 })), undefined);
    await assert.rejects(post(new Response('mutant')), FeelingError);
  });

  test('gets from the mock what the API responds with', async () => {
    const [{ createFeelingClient }, { mockFetch }] = [await load('shared/client.ts'), await load('shared/mock.ts')];
    const client = createFeelingClient({ baseUrl: 'http://mock.invalid', fetch: mockFetch() });
    const body = { feelings: ['positive'] };
    const { data } = await client.POST('/things/{id}/{flag}/{rest}', { params, body });
    assert.deepEqual(data, {});
    const invalid = { ...params, query: { min: 2 } };
    const { error } = await client.POST('/things/{id}/{flag}/{rest}', { params: invalid, body });
    assert.equal(error.type, '/problems/invalid-parameters');
    assert.deepEqual(error.errors, [{ pointer: '#/query/min', detail: 'must be less than 1' }]);
  });

  test('gets from the mock the most specific path, wherever the contract has it', async () => {
    const { mockFetch } = await load('shared/mock.ts');
    const fetch: typeof globalThis.fetch = mockFetch();
    const response = await fetch('http://mock.invalid/things/7/true/first', { method: 'POST' });
    assert.deepEqual(await response.json(), { things: 'first' });
    const last = fetch('http://mock.invalid/things/7/true/last', { method: 'POST' });
    await assert.rejects(last, { message: 'mockFetch: openapi.yaml has no example of this response.' });
  });
});
