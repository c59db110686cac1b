/** Pipelined requests, slow requests and connections that break. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { openGate } from '../../harness/gate.ts';
import { open } from '../../harness/http-client.ts';
import { serve } from '../../harness/test-stack.ts';
import { answersUntilClosed, exchange } from '../../harness/wire.ts';

const gate = await openGate();
after(() => gate[Symbol.asyncDispose]());

const functions = {
  post: { code: ({ body }) => ({ body }), route: 'POST /echo' },
  waits: {
    code: async ({ rawQueryString }) => {
      await (await fetch(process.env['GATE'] ?? '')).text();
      return { body: rawQueryString };
    },
    options: { environment: { GATE: gate.url } },
  },
  large: { code: ({ rawQueryString }) => rawQueryString.repeat(1_000_000) },
} satisfies Parameters<typeof serve>[0];
const stack = await serve(functions);
after(() => stack[Symbol.asyncDispose]());

const head = (start: string, more = '') => `${start} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;
const post = (body: string, more = '') =>
  head('POST /echo', `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}`) + body;
const close = 'Connection: close\r\n';

const seen = (responses: Awaited<ReturnType<typeof exchange>>) =>
  responses.map(({ status, body }) => `${status} ${status === 200 ? JSON.parse(body).body : JSON.parse(body).message}`);

async function assertServes(url = stack.url): Promise<void> {
  assert.deepEqual(seen(await exchange(url, post('still there', close))), ['200 still there']);
}

describe('a client that is still sending', () => {
  const starts = { '404': 'POST /no', '431': `POST /echo?${'x'.repeat(12_000)}`, '403': 'POST /echo' };
  for (const [status, start] of Object.entries(starts)) {
    test(`gets ${status} at once, and may send the rest`, async () => {
      const url = status === '403' ? stack.runtime.lambdaUrl : stack.url;
      const browser = status === '403' ? 'Sec-Fetch-Site: cross-site\r\n' : '';
      const socket = await open(url);
      socket.write(head(start, `Content-Length: 9000000\r\n${close}${browser}`));
      const [response] = await once(socket, 'data');
      assert.match(String(response), new RegExp(`^HTTP/1.1 ${status} `));
      socket.write(Buffer.alloc(9_000_000));
      // Rejects with EPIPE or ECONNRESET if the other side has closed the connection.
      await once(socket, 'close');
      assert.equal(socket.bytesWritten > 9_000_000, true);
    });
  }
});

describe('pipelined requests', () => {
  test('get their responses in order, although the first takes longest', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `message ${index}`);
    const requests = names.map((name, index) => post(name, index === names.length - 1 ? close : ''));
    const responses = exchange(stack.url, head('GET /waits?first') + requests.join(''));
    const { release } = await gate.arrival();
    await assertServes();
    release();
    assert.deepEqual(seen(await responses), ['200 first', ...names.map((name) => `200 ${name}`)]);
  });

  test('are kept apart by their lengths, even if a body looks like a request', async () => {
    const inner = post('inner', close);
    const chunked = `${head('POST /echo', 'Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n')}${Buffer.byteLength(inner).toString(16)}\r\n${inner}\r\n0\r\n\r\n`;
    const responses = await exchange(stack.url, post(inner) + chunked + post('last', close));
    assert.deepEqual(seen(responses), [`200 ${inner}`, `200 ${inner}`, '200 last']);
  });

  const malformed: [what: string, bytes: string, last: string[]][] = [
    ['nonsense', 'NONSENSE\r\n\r\n', ['400 Bad Request']],
    ['a malformed body', `${head('POST /echo', 'Transfer-Encoding: chunked\r\n')}zz\r\n`, ['400 Bad Request']],
    ['a malformed body for no route', `${head('POST /no', 'Transfer-Encoding: chunked\r\n')}zz\r\n`, ['404 Not Found']],
    ['CONNECT', head('CONNECT other:80'), ['400 Bad Request']],
    [
      'headers of 50,000 bytes',
      head('GET /no', `X: ${'x'.repeat(50_000)}\r\n`),
      ['431 Request Header Fields Too Large'],
    ],
  ];
  for (const [what, bytes, last] of malformed) {
    test(`get their responses before ${what} after them is refused`, async () => {
      const responses = exchange(stack.url, head('GET /waits?first') + post('second') + bytes, post('never', close));
      const { release } = await gate.arrival();
      // The gateway has read the second request, and with it the malformed one: both are in one segment.
      await assertServes();
      release();
      assert.deepEqual(seen(await responses), ['200 first', '200 second', ...last]);
    });
  }

  test('are not read after one with Connection: close, which gets its response', async () => {
    const responses = exchange(stack.url, head('GET /waits?first', close) + post('never', close));
    (await gate.arrival()).release();
    assert.deepEqual(seen(await responses), ['200 first']);
  });

  test('get large responses in full when the client reads late', async () => {
    const socket = await open(stack.url);
    socket.pause();
    const names = ['1', '2', '3', '4', '5'];
    socket.write(names.map((name) => head(`GET /large?${name}`, name === '5' ? close : '')).join(''));
    await assertServes();
    const responses = await answersUntilClosed(socket.resume());
    assert.deepEqual(
      responses.map(({ body }) => body),
      names.map((name) => name.repeat(1_000_000)),
    );
  });
});

describe('a client that closes its sending side', () => {
  test('after its requests still gets its responses', async () => {
    const socket = await open(stack.url);
    const responses = answersUntilClosed(socket);
    socket.end(head('GET /waits?first') + head('GET /waits?second'));
    for (const _ of [1, 2]) {
      const { release } = await gate.arrival();
      await turn();
      release();
    }
    assert.deepEqual(seen(await responses), ['200 first', '200 second']);
  });

  const halves: Record<string, string> = {
    'in its request line': 'GET /wai',
    'in its headers': 'GET /waits HTTP/1.1\r\nHost: h\r\nX: ',
    'in its body': head('POST /echo', 'Content-Length: 10\r\n').concat('half'),
    'in a chunk': `${head('POST /echo', 'Transfer-Encoding: chunked\r\n')}5\r\nab`,
  };
  for (const [where, bytes] of Object.entries(halves)) {
    test(`${where} is refused`, async () => {
      const socket = await open(stack.url);
      const responses = answersUntilClosed(socket);
      socket.end(bytes);
      assert.deepEqual(seen(await responses), ['400 Bad Request']);
    });

    test(`${where} with a reset does not harm other clients`, async () => {
      const socket = await open(stack.url);
      socket.write(bytes);
      await turn();
      socket.resetAndDestroy();
      await assertServes();
    });
  }

  test('without a request gets no response', async () => {
    const socket = await open(stack.url);
    const responses = answersUntilClosed(socket);
    socket.end();
    assert.deepEqual(await responses, []);
  });
});

describe('a client that takes too long', () => {
  const requestTimeoutMs = 50;
  const slow: Record<string, string> = {
    'with its first byte': '',
    'with its request line': 'POST /ec',
    'with its headers': 'POST /echo HTTP/1.1\r\nHost: h\r\nX: ',
    'with its body': head('POST /echo', 'Content-Length: 10\r\n').concat('half'),
    'with a chunk': `${head('POST /echo', 'Transfer-Encoding: chunked\r\n')}5\r\nab`,
  };

  test('gets a 408, and cannot keep the connection open', async () => {
    await using hurried = await serve({ post: functions.post }, { runtime: { requestTimeoutMs } });
    const { hostname, port } = new URL(hurried.url);
    for (const [where, bytes] of Object.entries({ ...slow, 'with anything sensible': 'NONSENSE\r\n\r\n' })) {
      const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      await once(socket, 'connect');
      const responses = answersUntilClosed(socket);
      socket.write(bytes);
      await once(socket, 'end');
      // It keeps sending and never closes its sending side.
      const sending = setInterval(() => socket.write('x'), 10);
      const got = await responses.finally(() => clearInterval(sending));
      assert.deepEqual(seen(got), [where in slow ? '408 Request Timeout' : '400 Bad Request'], where);
    }
    await assertServes(hurried.url);
  });
});
