/** A request that follows a malformed one in the same packet. It must get no response. */
export const smuggled = 'GET /echo?smuggled HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n';
/** Returns a GET request that closes its connection. */
export const get = (target: string, more = '') =>
  `GET ${target} HTTP/1.1\r\nHost: h\r\n${more}Connection: close\r\n\r\n`;

/** Malformed bodies with `Transfer-Encoding: chunked`. */
export const malformedChunks = [
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

const chunks = `0\r\n\r\n${smuggled}`;

/** Headers and bodies whose end two servers would find at different places. */
export const ambiguousBodies: [headers: string, body: string][] = [
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

/** Malformed request lines and headers. */
export const malformedHeads: Record<string, string> = {
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
  'a method with @': 'G@T /echo HTTP/1.1\r\nHost: h\r\n\r\n',
  'an unknown method': 'FEEL /echo HTTP/1.1\r\nHost: h\r\n\r\n',
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

/** Request targets, and the path and the query that the function sees; undefined where no route has the path. */
export const targets: [target: string, rawPath: string | undefined, rawQueryString?: string][] = [
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
