/** A request without a valid Host is refused with 400 on every port (RFC 9112, 3.2; RFC 3986, 3.2.2). */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { DocsServer } from '../../../infra/local/docs/docs-server.ts';
import type { LocalRuntimeEvent } from '../../../infra/local/runtime-event.ts';
import { sendBytes } from '../../harness/http-client.ts';
import { serve } from '../../harness/test-stack.ts';
import { invalidHosts, validHosts } from './valid-host.cases.ts';

/** Requests and calls that reached the API or the Lambda API. */
const served: LocalRuntimeEvent[] = [];
const stack = await serve(
  { fine: { code: () => 1 } },
  { runtime: { report: (event) => event.event !== 'log' && served.push(event) } },
);
const docs = await DocsServer.start(stack.url, 0);
after(async () => {
  await docs.stop();
  await stack[Symbol.asyncDispose]();
});

const ports: [port: string, url: string, start: string][] = [
  ['the API', stack.url, 'GET /fine'],
  ['the Lambda API', stack.runtime.lambdaUrl, 'POST /2015-03-31/functions/fine/invocations'],
  ['the docs', docs.url, 'GET /'],
];
const statusOf = (response: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(response)?.[1]);
const send = (url: string, start: string, headers: string) =>
  sendBytes(url, Buffer.from(`${start}\r\n${headers}Connection: close\r\n\r\n`, 'latin1'));
for (const [port, url, start] of ports) {
  /** @aws 1.3: A request without a valid `Host` gets 400. The body is not recorded. @unknown */
  describe(`${port} refuses a request with`, () => {
    for (const [what, headers] of Object.entries(invalidHosts)) {
      test(what, async () => {
        served.splice(0);
        const response = await send(url, `${start} HTTP/1.1`, headers);
        assert.equal(statusOf(response), 400, response);
        assert.match(response, /\r\nConnection: close\r\n/i);
        assert.deepEqual(served, []);
      });
    }

    test('an invalid Host in HTTP/1.0', async () => {
      assert.equal(statusOf(await send(url, `${start} HTTP/1.0`, 'Host: a/b\r\n')), 400);
    });

    test('an invalid Host and a body, and reads nothing after it', async () => {
      const body = 'Content-Length: 40\r\n';
      const response = await sendBytes(
        url,
        `${start} HTTP/1.1\r\nHost: \r\n${body}\r\n${'x'.repeat(40)}${start} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      );
      assert.equal(statusOf(response), 400);
      assert.equal(response.match(/HTTP\/1\.1 /g)?.length, 1, response);
    });
  });

  // The Lambda API and the docs serve only names of this machine: 403 for another one.
  const accepted = port === 'the API' ? [200] : [200, 403];
  describe(`${port} accepts a request with`, () => {
    for (const host of validHosts) {
      test(`Host: ${host}`, async () => {
        assert(accepted.includes(statusOf(await send(url, `${start} HTTP/1.1`, `Host: ${host}\r\n`))));
      });
    }

    test('no Host in HTTP/1.0', async () => {
      assert.equal(statusOf(await send(url, `${start} HTTP/1.0`, '')), 200);
    });
  });
}
