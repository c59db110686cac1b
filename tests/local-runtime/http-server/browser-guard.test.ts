/** A web page in a developer's browser can reach the API of the runtime and nothing else. */
import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http';
import { after, describe, test } from 'node:test';
import { type Reply, send } from '../../harness/http-client.ts';
import { type Handler, serve } from '../../harness/test-stack.ts';

const tellsRuntimeApi: Handler = () => process.env['AWS_LAMBDA_RUNTIME_API'];
const stack = await serve({
  counts: { code: 'let count = 0; export const handler = () => ++count;' },
  tells: { code: tellsRuntimeApi },
});
after(() => stack[Symbol.asyncDispose]());
const { lambdaUrl } = stack.runtime;
const { port } = new URL(lambdaUrl);

const path = `${lambdaUrl}/2015-03-31/functions/counts/invocations`;
const invoke = (headers: OutgoingHttpHeaders = {}) => send(path, { method: 'POST', headers, body: '{}' });
const count = async () => Number((await invoke()).body);

function assertNoCors({ headers }: Reply): void {
  assert.deepEqual(
    Object.keys(headers).filter((name) => name.startsWith('access-control-')),
    [],
  );
}

/** Headers as browsers send them. No page can change them. */
const pages: Record<string, OutgoingHttpHeaders> = {
  'of another site': { origin: 'https://evil.example' },
  'of another site that hides its origin': { origin: 'null' },
  'of another site with a form': {
    origin: 'https://evil.example',
    'content-type': 'text/plain',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
  },
  'of another site with a request without an origin': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  'on another port of this machine': { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' },
  'on its own address': { origin: lambdaUrl, 'sec-fetch-site': 'same-origin' },
  'with an empty origin': { origin: '' },
  'on a name that resolves to this machine': { host: `evil.example:${port}` },
  'on such a name without a port': { host: 'evil.example' },
  'on a name that starts like this machine': { host: `127.0.0.1.evil.example:${port}` },
  'on a name that ends like this machine': { host: `evil.localhost:${port}` },
  'on a name with a dot at its end': { host: `localhost.:${port}` },
  'on another address of this machine': { host: `0.0.0.0:${port}` },
  'on an address in another form': { host: `2130706433:${port}` },
};

describe('the Lambda API refuses a page and invokes nothing', () => {
  for (const [which, headers] of Object.entries(pages)) {
    test(which, async () => {
      const before = await count();
      for (const more of [{}, { 'x-amz-invocation-type': 'Event' }]) {
        const response = await invoke({ ...headers, ...more });
        assert.equal(response.status, 403);
        assert.equal(response.headers['x-amzn-errortype'], 'AccessDeniedException');
        assertNoCors(response);
      }
      assert.equal(await count(), before + 1);
    });
  }

  test('that sends a preflight', async () => {
    const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const headers = { ...preflight, 'access-control-request-private-network': 'true' };
    const response = await send(path, { method: 'OPTIONS', headers });
    assert.equal(response.status, 403);
    assertNoCors(response);
  });

  test('but serves programs on each name of this machine', async () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]', 'LocalHost']) {
      const response = await invoke({ host: `${host}:${port}` });
      assert.equal(response.status, 200, host);
      assertNoCors(response);
    }
  });
});

test('the runtime API refuses a page, which could take an event and respond to it', async () => {
  const url = `http://${(await send(`${stack.url}/tells`)).body}`;
  const next = `${url}/2018-06-01/runtime/invocation/next`;
  for (const [which, headers] of Object.entries(pages)) {
    const response = await send(next, { headers });
    assert.equal(response.status, 403, which);
    assertNoCors(response);
    const failed = await send(`${url}/2018-06-01/runtime/init/error`, { method: 'POST', headers, body: '{}' });
    assert.equal(failed.status, 403, which);
  }
  for (const host of ['user@127.0.0.1', '127.0.0.1@evil.example', '127.0.0.1.evil.example']) {
    assert.equal((await send(next, { headers: { host } })).status, 403, host);
  }
  assert.equal((await send(`${stack.url}/tells`)).status, 200);
});
