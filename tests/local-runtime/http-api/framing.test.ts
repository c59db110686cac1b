/** Requests on raw connections that HTTP clients do not send: their framing and their targets. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Handler, serve } from '../../harness/test-stack.ts';
import { exchange, onlyResponse } from '../../harness/wire.ts';
import { ambiguousBodies, get, malformedChunks, malformedHeads, smuggled, targets } from './framing.cases.ts';

const echo: Handler = ({ rawPath, rawQueryString, headers, body, isBase64Encoded }) => {
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8').toString('base64');
  return { rawPath, rawQueryString, headers, bytes, isBase64Encoded };
};
const stack = await serve({
  get: { code: echo, route: 'GET /echo' },
  post: { code: echo, route: 'POST /echo' },
});
after(() => stack[Symbol.asyncDispose]());

const post = (headers: string, body = '') =>
  `POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nConnection: close\r\n${headers}\r\n${body}`;
const bytes = (text: string) => Buffer.from(text, 'latin1');

async function echoed(...pieces: (string | Buffer)[]) {
  const { status, body } = await onlyResponse(stack.url, ...pieces);
  assert.equal(status, 200, body);
  const { bytes, ...event } = JSON.parse(body);
  return { ...event, text: Buffer.from(bytes, 'base64').toString('latin1') };
}

async function assertRefused(sent: string, status = 400, message = 'Bad Request'): Promise<void> {
  const { status: seen, headers, body } = await onlyResponse(stack.url, bytes(sent));
  assert.deepEqual({ status: seen, body }, { status, body: JSON.stringify({ message }) });
  assert.equal(headers['connection'], 'close');
  assert.equal(headers['content-type'], 'application/json');
  assert.match(headers['apigw-requestid'] ?? '', /^.{15}=$/);
}

describe('a body in chunks', () => {
  // The emoji's four bytes are in two chunks.
  const chunks = '3\r\na\xf0\x9f\r\n00A;x="y;z";w\r\n\x8e\x8912345678\r\n0\r\nX-End: 1\r\n\r\n';
  const chunked = post('Transfer-Encoding: chunked\r\n', chunks);

  test('arrives without extensions and trailers, wherever it is cut', async () => {
    for (const size of [1, 2, 3, 5, 7, 11, chunked.length]) {
      const pieces = chunked.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      const { text, headers } = await echoed(...pieces.map(bytes));
      assert.equal(text, 'a\xf0\x9f\x8e\x8912345678', `cut after each ${size} bytes`);
      assert.equal(headers['content-length'], '13');
      assert.equal(headers['transfer-encoding'], undefined);
      assert.equal(headers['x-end'], undefined);
    }
  });

  test('is accepted in any case of the word, and in HTTP/1.0', async () => {
    assert.equal((await echoed(post('transfer-encoding: CHUNKED\r\n', '1\r\na\r\n0\r\n\r\n'))).text, 'a');
    const old = 'POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n';
    assert.equal((await echoed(old)).text, 'a');
  });

  for (const body of malformedChunks) {
    test(`is refused, and nothing after it is read: ${JSON.stringify(body.slice(0, 40))}`, () =>
      assertRefused(post('Transfer-Encoding: chunked\r\n', body + smuggled)));
  }

  test('is refused with 431 for trailers of more than the headers may have', () =>
    assertRefused(
      post('Transfer-Encoding: chunked\r\n', `0\r\nX: ${'x'.repeat(50_000)}\r\n\r\n`),
      431,
      'Request Header Fields Too Large',
    ));
});

describe('a request with an ambiguous end is refused, and nothing after it is read', () => {
  for (const [headers, body] of ambiguousBodies)
    test(JSON.stringify(headers), () => assertRefused(post(headers, body)));
});

describe('a malformed head is refused', () => {
  for (const [what, head] of Object.entries(malformedHeads)) test(what, () => assertRefused(head));
});

describe('a target', () => {
  for (const [target, rawPath, rawQueryString = ''] of targets) {
    test(`${target.slice(0, 40)} ${rawPath ? `reaches ${rawPath}` : 'reaches no route'}`, async () => {
      if (!rawPath) return assert.equal((await onlyResponse(stack.url, get(target))).status, 404);
      const event = await echoed(get(target));
      assert.deepEqual([event.rawPath, event.rawQueryString], [rawPath, rawQueryString]);
    });
  }
});

describe('a request is served with', () => {
  test('headers with bytes that are not ASCII: each byte is a character', async () => {
    const { headers } = await echoed(bytes(get('/echo', 'X: \xff\xc3\xbc\x80\r\n')));
    assert.equal(headers.x, '\xff\xc3\xbc\x80');
  });

  test('empty lines before its request line', async () => {
    assert.equal((await echoed(`\r\n\r\n${get('/echo')}`)).rawPath, '/echo');
  });

  test('as many headers as fit into the quota', async () => {
    const { headers } = await echoed(get('/echo', `${'a:\r\n'.repeat(2020)}X-Last: here\r\n`));
    assert.equal(headers['x-last'], 'here');
    assert.equal(headers.a, ','.repeat(2019));
  });

  test('an offer to upgrade, which is not accepted', async () => {
    for (const protocol of ['websocket', 'h2c']) {
      const upgrade = `Connection: Upgrade\r\nUpgrade: ${protocol}\r\nContent-Length: 3\r\n`;
      const { text, headers } = await echoed(post(upgrade, 'abc'));
      assert.deepEqual([text, headers.upgrade, headers.connection], ['abc', undefined, undefined]);
    }
  });

  test('Expect: 100-continue before its body', async () => {
    const head = post('Expect: 100-continue\r\nContent-Length: 3\r\n');
    const [goOn, response, ...more] = await exchange(stack.url, head, 'abc');
    assert.deepEqual([goOn?.status, response?.status, more], [100, 200, []]);
    assert.equal(Buffer.from(JSON.parse(response?.body ?? '').bytes, 'base64').toString(), 'abc');
  });
});

describe('a body reaches the function unchanged', () => {
  const text = '{"ü":"🎉\\u0000"}';
  const bodies: Record<string, Buffer> = {
    gzip: gzipSync(text),
    'a byte order mark': Buffer.from(`\ufeff${text}`),
    'UTF-16': Buffer.from(text, 'utf16le'),
    'every byte': Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte)),
    'a request': Buffer.from(smuggled),
    'a response': Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  };
  // Not text for the gateway: it arrives in base64 (PLATFORM_FACTS 1.2).
  const types = ['application/octet-stream', 'application/json; charset=utf-16', 'text/plain; charset=iso-8859-1', ''];
  for (const [what, body] of Object.entries(bodies)) {
    test(what, async () => {
      for (const type of types) {
        const headers = `Content-Encoding: gzip\r\n${type && `Content-Type: ${type}\r\n`}Content-Length: ${body.length}`;
        const head = `POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${headers}\r\n\r\n`;
        const event = await echoed(head, body);
        assert.deepEqual([event.isBase64Encoded, event.text], [true, body.toString('latin1')], type);
      }
    });
  }

  test('text with a replacement for each byte that is not UTF-8', async () => {
    for (const type of ['application/json', 'application/xml; charset=UTF-8', 'text/plain']) {
      const head = `POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: 5\r\n\r\n`;
      const event = await echoed(head, bytes('a\xff\xfe\xc3b'));
      assert.deepEqual(
        [event.isBase64Encoded, event.text],
        [false, bytes('a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdb').toString('latin1')],
      );
    }
  });
});
