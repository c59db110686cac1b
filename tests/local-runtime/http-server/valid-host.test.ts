/** A request without a valid Host is refused with 400 on every port (RFC 9112, 3.2; RFC 3986, 3.2.2). */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { DocsServer } from '../../../infra/local/docs/docs-server.ts';
import { sendBytes } from '../../harness/http-client.ts';
import { serve } from '../../harness/test-stack.ts';
import { invalidHosts, validHosts } from './valid-host.cases.ts';

const stack = await serve({ counts: { code: 'let count = 0; export const handler = () => ++count;' } });
const docs = await DocsServer.start(stack.url, 0);
after(async () => {
  await docs.stop();
  await stack[Symbol.asyncDispose]();
});

const invocation = '/2015-03-31/functions/counts/invocations';
const ports: [port: string, url: string, start: string][] = [
  ['the API', stack.url, 'GET /counts'],
  ['the Lambda API', stack.runtime.lambdaUrl, `POST ${invocation}`],
  ['the docs', docs.url, 'GET /'],
];
const statusOf = (response: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(response)?.[1]);
const send = (url: string, start: string, headers: string) =>
  sendBytes(url, Buffer.from(`${start}\r\n${headers}Connection: close\r\n\r\n`, 'latin1'));
const count = async () => {
  const response = await send(stack.runtime.lambdaUrl, `POST ${invocation} HTTP/1.1`, 'Host: localhost\r\n');
  return Number(response.split('\r\n\r\n')[1]);
};

for (const [port, url, start] of ports) {
  describe(`${port} refuses a request with`, () => {
    for (const [what, headers] of Object.entries(invalidHosts)) {
      test(what, async () => {
        const before = await count();
        const response = await send(url, `${start} HTTP/1.1`, headers);
        assert.equal(statusOf(response), 400, response);
        assert.match(response, /\r\nConnection: close\r\n/i);
        assert.equal(await count(), before + 1);
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
