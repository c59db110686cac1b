/** Requests that no HTTP client would send, on raw connections: how they are framed, and where they are aimed at. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Handler, serve } from '../../harness/test-stack.ts';
import { exchange, onlyResponse } from '../../harness/wire.ts';

const echo: Handler = ({ rawPath, rawQueryString, headers, body, isBase64Encoded }) => {
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8').toString('base64');
  return { rawPath, rawQueryString, headers, bytes, isBase64Encoded };
};
const stack = await serve({
  get: { code: echo, route: 'GET /echo' },
  post: { code: echo, route: 'POST /echo' },
});
after(() => stack[Symbol.asyncDispose]());

/** What follows a malformed request in the same breath: it is never to be answered. */
const smuggled = 'GET /echo?smuggled HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n';
const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\nHost: h\r\n${more}Connection: close\r\n\r\n`;
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
  const answer = await onlyResponse(stack.url, bytes(sent));
  const { status: seen, headers, body } = answer;
  assert.deepEqual({ status: seen, body }, { status, body: JSON.stringify({ message }) });
  assert.equal(headers['connection'], 'close');
  assert.equal(headers['content-type'], 'application/json');
  assert.match(headers['apigw-requestid'] ?? '', /^.{15}=$/);
}

describe('a body in chunks', () => {
  // The emoji's four bytes are in two chunks.
  const chunks = '3\r\na\xf0\x9f\r\n00A;x="y;z";w\r\n\x8e\x8912345678\r\n0\r\nX-End: 1\r\n\r\n';
  const chunked = post('Transfer-Encoding: chunked\r\n', chunks);

  test('comes as it was, with extensions and trailers taken off, wherever it is cut', async () => {
    for (const size of [1, 2, 3, 5, 7, 11, chunked.length]) {
      const pieces = chunked.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      const { text, headers } = await echoed(...pieces.map(bytes));
      assert.equal(text, 'a\xf0\x9f\x8e\x8912345678', `cut after each ${size} bytes`);
      assert.equal(headers['content-length'], '13');
      assert.equal(headers['transfer-encoding'], undefined);
      assert.equal(headers['x-end'], undefined);
    }
  });

  test('is taken in any case of the word, and in HTTP/1.0', async () => {
    assert.equal((await echoed(post('transfer-encoding: CHUNKED\r\n', '1\r\na\r\n0\r\n\r\n'))).text, 'a');
    const old = 'POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n';
    assert.equal((await echoed(old)).text, 'a');
  });

  const malformed = [
    'g\r\nabc\r\n',
    '-3\r\nabc\r\n0\r\n\r\n',
    '+3\r\nabc\r\n0\r\n\r\n',
    '0x3\r\nabc\r\n0\r\n\r\n',
    ' 3\r\nabc\r\n0\r\n\r\n',
    '3 \r\nabc\r\n0\r\n\r\n',
    '3\nabc\n0\n\n',
    '3\r\nabcd\r\n0\r\n\r\n',
    '\r\n0\r\n\r\n',
    '10000000000000000\r\nabc\r\n0\r\n\r\n',
    '3\r\nabc\r\n0\r\nno trailer\r\n\r\n',
    '3\r\nabc\r\n0\r\nContent-Length: 40\r\n\r\n',
    `3;${'x'.repeat(20_000)}\r\nabc\r\n0\r\n\r\n`,
  ];
  for (const body of malformed) {
    test(`is refused, and what follows it is not read: ${JSON.stringify(body.slice(0, 40))}`, () =>
      assertRefused(post('Transfer-Encoding: chunked\r\n', body + smuggled)));
  }

  test('is refused with 431 for trailers of more than the headers may have', () =>
    assertRefused(
      post('Transfer-Encoding: chunked\r\n', `0\r\nX: ${'x'.repeat(50_000)}\r\n\r\n`),
      431,
      'Request Header Fields Too Large',
    ));
});

describe('a request of which two readers would find different ends is refused, and what follows it is not read', () => {
  const chunks = `0\r\n\r\n${smuggled}`;
  const bodies: [headers: string, body: string][] = [
    ['Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', chunks],
    ['Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', chunks],
    ['Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', chunks],
    ['Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', chunks],
    ['Transfer-Encoding: gzip, chunked\r\n', chunks],
    ['Transfer-Encoding: chunked, gzip\r\n', chunks],
    ['Transfer-Encoding: identity\r\n', chunks],
    ['Transfer-Encoding: xchunked\r\n', chunks],
    ['Transfer-Encoding:\x0bchunked\r\n', chunks],
    ['Transfer-Encoding : chunked\r\n', chunks],
    ['Transfer-Encoding\r\n : chunked\r\n', chunks],
    ['X: y\nTransfer-Encoding: chunked\r\n', chunks],
    ['Transfer-Encoding: "chunked"\r\n', chunks],
    ['Content-Length: 3\r\nContent-Length: 3\r\n', `abc${smuggled}`],
    ['Content-Length: 3\r\nContent-Length: 60\r\n', `abc${smuggled}`],
    ...['3, 3', '+3', '-3', '0x3', '3 3', '3;', '3e0', '', '³', '99999999999999999999'].map(
      (length): [string, string] => [`Content-Length: ${length}\r\n`, `abc${smuggled}`],
    ),
  ];
  for (const [headers, body] of bodies) test(JSON.stringify(headers), () => assertRefused(post(headers, body)));
});

describe('a head that is malformed is refused', () => {
  const heads: Record<string, string> = {
    'a folded header': get('/echo', 'X: a\r\n b\r\n'),
    'a header that starts with white space': get('/echo', ' X: a\r\n'),
    'white space before the colon': get('/echo', 'X : a\r\n'),
    'a header without a name': get('/echo', ': a\r\n'),
    'a header without a colon': get('/echo', 'X\r\n'),
    'NUL in a header': get('/echo', 'X: a\0b\r\n'),
    'NUL in a name': get('/echo', 'X\0: a\r\n'),
    'a carriage return alone': get('/echo', 'X: a\rb\r\n'),
    'a line feed alone': get('/echo', 'X: a\n'),
    'lines that end with line feeds alone': 'GET /echo HTTP/1.1\nHost: h\n\n',
    'a name that is not ASCII': get('/echo', 'X\xfc: a\r\n'),
    'two hosts': get('/echo', 'Host: other\r\n'),
    'a method that is none': 'G@T /echo HTTP/1.1\r\nHost: h\r\n\r\n',
    'a method that nobody has heard of': 'FEEL /echo HTTP/1.1\r\nHost: h\r\n\r\n',
    'a method in lower case': 'get /echo HTTP/1.1\r\nHost: h\r\n\r\n',
    'a method of 5,000 letters': `${'G'.repeat(5000)} /echo HTTP/1.1\r\nHost: h\r\n\r\n`,
    'a method with NUL': 'G\0T /echo HTTP/1.1\r\nHost: h\r\n\r\n',
    'no target': 'GET HTTP/1.1\r\nHost: h\r\n\r\n',
    'a target with a space': get('/echo a'),
    'a target with a tab': get('/echo?\t'),
    'a target with bytes that are not ASCII': get('/echo?\xc3\xbc'),
    'a target that is only a query': get('?a'),
    'a target in authority form': get('h:80'),
    'CONNECT, for this is no proxy': 'CONNECT other:80 HTTP/1.1\r\nHost: other:80\r\n\r\n',
    'HTTP/0.9': 'GET /echo\r\n\r\n',
    'HTTP/2, announced': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'HTTP/2.0, claimed': 'GET /echo HTTP/2.0\r\nHost: h\r\n\r\n',
    'a TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'a byte order mark': `\xef\xbb\xbf${get('/echo')}`,
    'UTF-16': Buffer.from(get('/echo'), 'utf16le').toString('latin1'),
  };
  for (const [what, head] of Object.entries(heads)) test(what, () => assertRefused(head));
});

describe('a target', () => {
  const targets: [target: string, rawPath: string | undefined, rawQueryString?: string][] = [
    ['http://other.example/echo?a=1', '/echo', 'a=1'],
    ['HTTPS://user:word@OTHER:99/echo', '/echo'],
    ['/%65%63%68%6F', '/echo'],
    ['/echo?%', '/echo', '%'],
    ['/echo?%zz=%ff&%c3%bc', '/echo', '%zz=%ff&%c3%bc'],
    ['/echo?a?b', '/echo', 'a?b'],
    ['/echo?', '/echo'],
    ['*', undefined],
    ['http://other.example', undefined],
    ['//echo', undefined],
    ['/./echo', undefined],
    ['/x/../echo', undefined],
    ['/echo%3Fa=1', undefined],
    ['/echo%00', undefined],
    ['/%zz', undefined],
    ['/%ff', undefined],
    ['/%c0%afecho', undefined],
    ['/echo\\', undefined],
    ['/echo#c', undefined],
    ['/echo;a=1', undefined],
    [`/${'%41'.repeat(3000)}`, undefined],
  ];
  for (const [target, rawPath, rawQueryString = ''] of targets) {
    test(`${target.slice(0, 40)} ${rawPath ? `leads to ${rawPath}` : 'leads nowhere'}`, async () => {
      if (!rawPath) return assert.equal((await onlyResponse(stack.url, get(target))).status, 404);
      const event = await echoed(get(target));
      assert.deepEqual([event.rawPath, event.rawQueryString], [rawPath, rawQueryString]);
    });
  }
});

describe('a request is served all the same with', () => {
  test('headers in bytes that are not ASCII: each byte a character', async () => {
    const { headers } = await echoed(bytes(get('/echo', 'X: \xff\xc3\xbc\x80\r\n')));
    assert.equal(headers.x, '\xff\xc3\xbc\x80');
  });

  test('empty lines before it', async () => {
    assert.equal((await echoed(`\r\n\r\n${get('/echo')}`)).rawPath, '/echo');
  });

  test('as many headers as fit into the quota, up to the last', async () => {
    const { headers } = await echoed(get('/echo', `${'a:\r\n'.repeat(2020)}X-Last: here\r\n`));
    assert.equal(headers['x-last'], 'here');
    assert.equal(headers.a, ','.repeat(2019));
  });

  test('an offer of another protocol, which is not taken', async () => {
    for (const protocol of ['websocket', 'h2c']) {
      const upgrade = `Connection: Upgrade\r\nUpgrade: ${protocol}\r\nContent-Length: 3\r\n`;
      const { text, headers } = await echoed(post(upgrade, 'abc'));
      assert.deepEqual([text, headers.upgrade, headers.connection], ['abc', undefined, undefined]);
    }
  });

  test('Expect: 100-continue, after which the body may come', async () => {
    const head = post('Expect: 100-continue\r\nContent-Length: 3\r\n');
    const [goOn, answer, ...more] = await exchange(stack.url, head, 'abc');
    assert.deepEqual([goOn?.status, answer?.status, more], [100, 200, []]);
    assert.equal(Buffer.from(JSON.parse(answer?.body ?? '').bytes, 'base64').toString(), 'abc');
  });
});

describe('a body comes to the function byte by byte', () => {
  const text = '{"ü":"🎉\\u0000"}';
  const bodies: Record<string, Buffer> = {
    gzip: gzipSync(text),
    'a byte order mark': Buffer.from(`\ufeff${text}`),
    'UTF-16': Buffer.from(text, 'utf16le'),
    'every byte': Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte)),
    'a request': Buffer.from(smuggled),
    'an answer': Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  };
  // Not text for the gateway, so that it comes in base64 (PLATFORM_FACTS 1.2).
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

  test('and one that is text for the gateway with a replacement for each byte that is not UTF-8', async () => {
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
