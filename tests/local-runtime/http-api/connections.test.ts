/** What comes after one another on a connection, comes slowly, or breaks off. */
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

const seen = (answers: Awaited<ReturnType<typeof exchange>>) =>
  answers.map(({ status, body }) => `${status} ${status === 200 ? JSON.parse(body).body : JSON.parse(body).message}`);

async function assertServes(url = stack.url): Promise<void> {
  assert.deepEqual(seen(await exchange(url, post('still there', close))), ['200 still there']);
}

describe('requests that do not wait for each other', () => {
  test('are answered in their order, though the first takes longest, and each by its own answer', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `message ${index}`);
    const requests = names.map((name, index) => post(name, index === names.length - 1 ? close : ''));
    const answers = exchange(stack.url, head('GET /waits?first') + requests.join(''));
    const { release } = await gate.arrival();
    await assertServes();
    release();
    assert.deepEqual(seen(await answers), ['200 first', ...names.map((name) => `200 ${name}`)]);
  });

  test('are kept apart by their lengths, even where a body looks like a request', async () => {
    const inner = post('inner', close);
    const chunked = `${head('POST /echo', 'Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n')}${Buffer.byteLength(inner).toString(16)}\r\n${inner}\r\n0\r\n\r\n`;
    const answers = await exchange(stack.url, post(inner) + chunked + post('last', close));
    assert.deepEqual(seen(answers), [`200 ${inner}`, `200 ${inner}`, '200 last']);
  });

  const malformed: [what: string, bytes: string, last: string[]][] = [
    ['nonsense', 'NONSENSE\r\n\r\n', ['400 Bad Request']],
    ['a malformed body', `${head('POST /echo', 'Transfer-Encoding: chunked\r\n')}zz\r\n`, ['400 Bad Request']],
    [
      'a malformed body that nobody wants',
      `${head('POST /no', 'Transfer-Encoding: chunked\r\n')}zz\r\n`,
      ['404 Not Found'],
    ],
    ['CONNECT', head('CONNECT other:80'), ['400 Bad Request']],
    [
      'headers of 50,000 bytes',
      head('GET /no', `X: ${'x'.repeat(50_000)}\r\n`),
      ['431 Request Header Fields Too Large'],
    ],
  ];
  for (const [what, bytes, last] of malformed) {
    test(`are answered before ${what} that comes after them is refused`, async () => {
      const answers = exchange(stack.url, head('GET /waits?first') + post('second') + bytes, post('never', close));
      const { release } = await gate.arrival();
      // The gateway has the second, and with it what comes after: it stands in the same segment.
      await assertServes();
      release();
      assert.deepEqual(seen(await answers), ['200 first', '200 second', ...last]);
    });
  }

  test('are not read after one that closes the connection, which is answered', async () => {
    const answers = exchange(stack.url, head('GET /waits?first', close) + post('never', close));
    (await gate.arrival()).release();
    assert.deepEqual(seen(await answers), ['200 first']);
  });

  test('are answered in full where the answers are large and read late', async () => {
    const socket = await open(stack.url);
    socket.pause();
    const names = ['1', '2', '3', '4', '5'];
    socket.write(names.map((name) => head(`GET /large?${name}`, name === '5' ? close : '')).join(''));
    await assertServes();
    const answers = await answersUntilClosed(socket.resume());
    assert.deepEqual(
      answers.map(({ body }) => body),
      names.map((name) => name.repeat(1_000_000)),
    );
  });
});

describe('a client that ends its side', () => {
  test('after its request still gets its answer', async () => {
    const socket = await open(stack.url);
    const answers = answersUntilClosed(socket);
    socket.end(head('GET /waits?first') + head('GET /waits?second'));
    for (const _ of [1, 2]) {
      const { release } = await gate.arrival();
      await turn();
      release();
    }
    assert.deepEqual(seen(await answers), ['200 first', '200 second']);
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
      const answers = answersUntilClosed(socket);
      socket.end(bytes);
      assert.deepEqual(seen(await answers), ['400 Bad Request']);
    });

    test(`${where}, by a reset, harms nobody`, async () => {
      const socket = await open(stack.url);
      socket.write(bytes);
      await turn();
      socket.resetAndDestroy();
      await assertServes();
    });
  }

  test('without a word is let go', async () => {
    const socket = await open(stack.url);
    const answers = answersUntilClosed(socket);
    socket.end();
    assert.deepEqual(await answers, []);
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

  test('is told so, and does not hold the connection by never closing it', async () => {
    await using hurried = await serve({ post: functions.post }, { runtime: { requestTimeoutMs } });
    const { hostname, port } = new URL(hurried.url);
    for (const [where, bytes] of Object.entries({ ...slow, 'with anything sensible': 'NONSENSE\r\n\r\n' })) {
      const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      await once(socket, 'connect');
      const answers = answersUntilClosed(socket);
      socket.write(bytes);
      await once(socket, 'end');
      // It goes on sending, and never ends its side.
      const sending = setInterval(() => socket.write('x'), 10);
      const got = await answers.finally(() => clearInterval(sending));
      assert.deepEqual(seen(got), [where in slow ? '408 Request Timeout' : '400 Bad Request'], where);
    }
    await assertServes(hurried.url);
  });
});
