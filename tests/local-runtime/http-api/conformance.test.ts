/** Requirements of HTTP/1.1 that a suite of others names, one by one: what is sent, and what may come back. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { open } from '../../harness/http-client.ts';
import { type Handler, serve } from '../../harness/test-stack.ts';
import { deviations, type Expected, requirements } from './conformance.cases.ts';

const code: Handler = ({ rawPath }) => ({ statusCode: 200, body: rawPath });
const stack = await serve({ get: { code, route: 'GET /echo' }, post: { code, route: 'POST /echo' } });
after(() => stack[Symbol.asyncDispose]());

/** Sends bytes and closes the sending side. @returns the status of each response, until the connection is closed */
async function statusesOf(sent: string): Promise<number[]> {
  const socket = await open(stack.url);
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => {
    received += text;
  });
  // The other side may close the connection while this one still sends.
  socket.on('error', () => socket.destroy());
  const closed = once(socket, 'close');
  socket.end(Buffer.from(sent, 'latin1'));
  await closed;
  return Array.from(received.matchAll(/^HTTP\/1\.1 (\d{3}) /gm), ([, status]) => Number(status));
}

async function assertResponds(sent: string, expected: Expected): Promise<void> {
  const [status = 'closed', ...more] = await statusesOf(sent);
  assert(expected.includes(status), `${status}, not ${expected.join(' or ')}`);
  // What follows a request that is refused is not read.
  if (status === 'closed' || status >= 400) assert.deepEqual(more, []);
}

describe('HTTP/1.1', { concurrency: 8 }, () => {
  for (const [name, [sent, expected]] of Object.entries(requirements)) {
    test(name, async (t) => {
      await assertResponds(sent, expected);
      t.diagnostic('evidence: requirements of HTTP/1.1 tried=1');
      t.diagnostic('evidence: requirements of HTTP/1.1 met=1');
    });
  }
  for (const [name, [sent, done, why]] of Object.entries(deviations)) {
    test(`${name} is not met: ${why}`, async (t) => {
      await assertResponds(sent, done);
      t.diagnostic('evidence: requirements of HTTP/1.1 tried=1');
    });
  }
});
