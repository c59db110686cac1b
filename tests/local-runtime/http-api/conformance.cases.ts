/** What a response may be: one of these statuses, or no response and a closed connection. */
export type Expected = (number | 'closed')[];

const rejected: Expected = [400, 'closed'];
const served: Expected = [200];

const get = (more = '', target = '/echo', version = 'HTTP/1.1') =>
  `GET ${target} ${version}\r\nHost: h\r\n${more}Connection: close\r\n\r\n`;
const post = (more: string, body = '', version = 'HTTP/1.1') =>
  `POST /echo ${version}\r\nHost: h\r\nConnection: close\r\n${more}\r\n${body}`;
const length = (value: string, body = 'hello') => post(`Content-Length: ${value}\r\n`, body);
const chunked = (body: string, value = 'chunked') => post(`Transfer-Encoding: ${value}\r\n`, body);
const chunk = '5\r\nhello\r\n0\r\n\r\n';
const host = (...lines: string[]) => `GET /echo HTTP/1.1\r\n${lines.join('')}Connection: close\r\n\r\n`;
const upgrade = (more: string, method = 'GET') =>
  `${method} /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nUpgrade: ${more}\r\n\r\nGET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`;

/**
 * Requirements of RFC 9110 and RFC 9112, by the names that the suite Http11Probe (github.com/MDA2AV/Http11Probe) gives
 * them: what is sent, and what may come back. Where it must be refused, a response other than these is a fault.
 */
export const requirements: Record<string, [sent: string, expected: Expected]> = {
  // A server MUST reject it with 400.
  'RFC9110-5.6.2-SP-BEFORE-COLON': [get('X : a\r\n'), [400]],
  'RFC9112-5.1-OBS-FOLD': [get('X: a\r\n b\r\n'), [400]],
  'RFC9112-7.1-MISSING-HOST': [host(), [400]],
  'RFC9110-5.4-DUPLICATE-HOST': [host('Host: h\r\n', 'Host: other\r\n'), [400]],
  'COMP-DUPLICATE-HOST-SAME': [host('Host: h\r\n', 'Host: h\r\n'), [400]],
  'RFC9112-3-CR-ONLY-LINE-ENDING': ['GET /echo HTTP/1.1\rHost: h\r\r', [400]],
  'COMP-HOST-WITH-USERINFO': [host('Host: user@h\r\n'), [400]],
  'COMP-HOST-WITH-PATH': [host('Host: h/path\r\n'), [400]],
  'COMP-HOST-EMPTY-VALUE': [host('Host:\r\n'), [400]],
  'SMUG-MULTIPLE-HOST-COMMA': [host('Host: h, other\r\n'), [400]],
  'NORM-SP-BEFORE-COLON-CL': [post('Content-Length : 5\r\n', 'hello'), [400]],
  'SMUG-TE-SP-BEFORE-COLON': [post('Transfer-Encoding : chunked\r\n', chunk), [400]],
  // A server MUST reject it: with 400, or by closing the connection.
  'RFC9112-5-EMPTY-HEADER-NAME': [get(': a\r\n'), rejected],
  'RFC9112-5-INVALID-HEADER-NAME': [get('[X]: a\r\n'), rejected],
  'RFC9112-5-HEADER-NO-COLON': [get('X\r\n'), rejected],
  'COMP-WHITESPACE-BEFORE-HEADERS': [`GET /echo HTTP/1.1\r\n X: a\r\nHost: h\r\n\r\n`, rejected],
  'RFC9112-3-MISSING-TARGET': ['GET HTTP/1.1\r\nHost: h\r\n\r\n', rejected],
  'COMP-ASTERISK-WITH-GET': [get('', '*'), [400, 404, 'closed']],
  'COMP-VERSION-MISSING-MINOR': [get('', '/echo', 'HTTP/1'), rejected],
  'COMP-VERSION-LEADING-ZEROS': [get('', '/echo', 'HTTP/01.1'), rejected],
  'COMP-VERSION-WHITESPACE': [get('', '/echo', 'HTTP/ 1.1'), rejected],
  'RFC9112-6.1-CL-NON-NUMERIC': [length('abc'), rejected],
  'RFC9112-6.1-CL-PLUS-SIGN': [length('+5'), rejected],
  'SMUG-DUPLICATE-CL': [post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello'), rejected],
  'SMUG-CL-COMMA-DIFFERENT': [length('5, 6'), rejected],
  'SMUG-CL-NEGATIVE': [length('-5'), rejected],
  'SMUG-CL-NEGATIVE-ZERO': [length('-0', ''), rejected],
  'SMUG-CL-UNDERSCORE': [length('1_0'), rejected],
  'SMUG-CL-OCTAL': [length('0o5'), rejected],
  'SMUG-CL-HEX-PREFIX': [length('0x5'), rejected],
  'SMUG-CL-INTERNAL-SPACE': [length('1 0'), rejected],
  'MAL-CL-EMPTY': [length('', ''), rejected],
  'MAL-CL-OVERFLOW': [length('99999999999999999999'), rejected],
  'SMUG-TE-NOT-FINAL-CHUNKED': [chunked(chunk, 'chunked, gzip'), rejected],
  'SMUG-TE-EMPTY-VALUE': [post('Transfer-Encoding:\r\nContent-Length: 5\r\n', 'hello'), rejected],
  'SMUG-TE-DUPLICATE-HEADERS': [
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n', chunk),
    rejected,
  ],
  'SMUG-TE-IDENTITY': [post('Transfer-Encoding: identity\r\nContent-Length: 5\r\n', 'hello'), rejected],
  'SMUG-TE-VTAB': [chunked(chunk, '\x0bchunked'), rejected],
  'SMUG-TE-FORMFEED': [chunked(chunk, '\x0cchunked'), rejected],
  'SMUG-TE-NULL': [chunked(chunk, 'chunked\0'), rejected],
  'SMUG-TE-XCHUNKED': [post('Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n', 'hello'), rejected],
  'SMUG-TE-TRAILING-SPACE': [post('Transfer-Encoding: chunked \r\nContent-Length: 5\r\n', 'hello'), rejected],
  'SMUG-TE-OBS-FOLD': [post('Transfer-Encoding:\r\n chunked\r\n', chunk), rejected],
  'SMUG-BARE-CR-HEADER-VALUE': [get('X: a\rb\r\n'), rejected],
  'SMUG-CLTE-PIPELINE': [post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${get()}`), rejected],
  'SMUG-TECL-PIPELINE': [post('Transfer-Encoding: chunked\r\nContent-Length: 30\r\n', `0\r\n\r\n${get()}`), rejected],
  'SMUG-CHUNK-BARE-SEMICOLON': [chunked('5;\r\nhello\r\n0\r\n\r\n'), rejected],
  'SMUG-CHUNK-HEX-PREFIX': [chunked('0x5\r\nhello\r\n0\r\n\r\n'), rejected],
  'SMUG-CHUNK-UNDERSCORE': [chunked('1_0\r\nhello world 1234\r\n0\r\n\r\n'), rejected],
  'SMUG-CHUNK-LEADING-SP': [chunked(' 5\r\nhello\r\n0\r\n\r\n'), rejected],
  'SMUG-CHUNK-MISSING-TRAILING-CRLF': [chunked('5\r\nhello0\r\n\r\n'), rejected],
  'SMUG-CHUNK-SPILL': [chunked('5\r\nhello!!\r\n0\r\n\r\n'), rejected],
  'SMUG-CHUNK-NEGATIVE': [chunked('-1\r\nhello\r\n0\r\n\r\n'), rejected],
  'SMUG-CHUNK-EXT-CTRL': [chunked('5;a\0b\r\nhello\r\n0\r\n\r\n'), rejected],
  'SMUG-CHUNK-EXT-CR': [chunked('5;a\rb\r\nhello\r\n0\r\n\r\n'), rejected],
  'SMUG-CHUNK-BARE-CR-TERM': [chunked('5\rhello\r\n0\r\n\r\n'), rejected],
  'MAL-CHUNK-SIZE-OVERFLOW': [chunked('FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n'), rejected],
  'MAL-NUL-IN-URL': [get('', '/ec\0ho'), rejected],
  'MAL-CONTROL-CHARS-HEADER': [get('X: a\x01\x02b\r\n'), rejected],
  'MAL-NON-ASCII-HEADER-NAME': [get('X\xc3\xbc: a\r\n'), rejected],
  'MAL-NON-ASCII-URL': [get('', '/caf\xc3\xa9'), rejected],
  'MAL-NUL-IN-HEADER-VALUE': [get('X: a\0b\r\n'), rejected],
  'MAL-URL-OVERLONG-UTF8': [get('', '/%c0%af'), [400, 404, 'closed']],
  'NORM-TAB-IN-NAME': [get('X\t: a\r\n'), rejected],
  'COMP-UNKNOWN-TE-501': [chunked('hello', 'gzip'), [400, 501, 'closed']],
  'COMP-POST-CL-UNDERSEND': [length('10'), ['closed', 400, 408]],
  'COMP-CHUNKED-NO-FINAL': [chunked('5\r\nhello\r\n'), ['closed', 400, 408]],
  'MAL-POST-CL-HUGE-NO-BODY': [length('999999999', ''), ['closed', 400, 408, 413]],
  // A server MUST accept it.
  'SMUG-TE-HTTP10': [post('Transfer-Encoding: chunked\r\n', chunk, 'HTTP/1.0'), [200, 400, 'closed']],
  'COMP-CONNECTION-CLOSE': [get(), served],
  'COMP-OPTIONS-STAR': ['OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', [200, 204, 404, 405]],
  'COMP-POST-CL-BODY': [length('5'), served],
  'COMP-POST-CL-ZERO': [length('0', ''), served],
  'COMP-POST-NO-CL-NO-TE': [post(''), served],
  'COMP-CHUNKED-BODY': [chunked(chunk), served],
  'COMP-CHUNKED-MULTI': [chunked('5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'), served],
  'COMP-CHUNKED-EMPTY': [chunked('0\r\n\r\n'), served],
  'COMP-CHUNKED-HEX-UPPERCASE': [chunked('A\r\nhello worl\r\n0\r\n\r\n'), served],
  'COMP-CHUNKED-TRAILER-VALID': [chunked('5\r\nhello\r\n0\r\nX-End: 1\r\n\r\n'), served],
  'COMP-CHUNKED-EXTENSION': [chunked('5;a=b\r\nhello\r\n0\r\n\r\n'), served],
  'COMP-UPGRADE-POST': [upgrade('websocket\r\nConnection: Upgrade', 'POST'), [200, 400, 426]],
  'COMP-UPGRADE-MISSING-CONN': [upgrade('websocket'), [200, 400, 426]],
  'COMP-UPGRADE-UNKNOWN': [upgrade('unknown/1.0\r\nConnection: Upgrade'), [200, 400, 426]],
  'COMP-UPGRADE-INVALID-VER': [
    upgrade('websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 99'),
    [200, 400, 426],
  ],
  // A server SHOULD do so.
  'COMP-HTTP10-DEFAULT-CLOSE': ['GET /echo HTTP/1.0\r\nHost: h\r\n\r\n', served],
  'COMP-LEADING-CRLF': [`\r\n\r\n${get()}`, served],
  'RFC9112-2.3-HTTP09-REQUEST': ['GET /echo\r\n\r\n', rejected],
  'RFC9112-2.3-INVALID-VERSION': [get('', '/echo', 'HTTP/9.9'), [400, 505, 'closed']],
  'COMP-REQUEST-LINE-TAB': ['GET\t/echo\tHTTP/1.1\r\nHost: h\r\n\r\n', rejected],
  'COMP-METHOD-TRACE': ['TRACE /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', [400, 404, 405, 501]],
  'COMP-TRACE-WITH-BODY': [
    'TRACE /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello',
    [400, 404, 405, 501],
  ],
  'COMP-METHOD-CONNECT': ['CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n', [400, 405, 501]],
  'SMUG-CL-TRAILING-SPACE': [length('5 '), served],
  'SMUG-CL-EXTRA-LEADING-SP': [length('  5'), served],
  'SMUG-TE-DOUBLE-CHUNKED': [post('Transfer-Encoding: chunked, chunked\r\nContent-Length: 5\r\n', chunk), rejected],
  'SMUG-TE-CASE-MISMATCH': [chunked(chunk, 'Chunked'), served],
  'MAL-BINARY-GARBAGE': ['\x00\x01\x02\xff\xfe\r\n\r\n', rejected],
  'MAL-LONG-URL': [get('', `/${'a'.repeat(100_000)}`), [400, 414, 431, 'closed']],
  'MAL-LONG-METHOD': [`${'A'.repeat(100_000)} /echo HTTP/1.1\r\nHost: h\r\n\r\n`, [400, 431, 501, 'closed']],
  'MAL-LONG-HEADER-VALUE': [get(`X: ${'a'.repeat(100_000)}\r\n`), [400, 431, 'closed']],
  'MAL-LONG-HEADER-NAME': [get(`${'X'.repeat(100_000)}: a\r\n`), [400, 431, 'closed']],
  'SMUG-TE-TRAILING-COMMA': [chunked(chunk, 'chunked,'), [200, 400, 'closed']],
  'SMUG-TE-LEADING-COMMA': [chunked(chunk, ', chunked'), [200, 400, 'closed']],
};

/** Requirements that begin with SHOULD, and what is done instead: Node's parser is more tolerant. */
export const deviations: Record<string, [sent: string, done: Expected, why: string]> = {
  'RFC9112-3-MULTI-SP-REQUEST-LINE': ['GET  /echo  HTTP/1.1\r\nHost: h\r\n\r\n', [200], 'the target is unambiguous'],
  'SMUG-CL-LEADING-ZEROS': [length('0005'), [200], 'a decimal number, as the grammar has it'],
  'SMUG-CL-DOUBLE-ZERO': [length('00', ''), [200], 'a decimal number, as the grammar has it'],
  'SMUG-CL-LEADING-ZEROS-OCTAL': [length('0200', 'a'.repeat(200)), [200], 'a decimal number, as the grammar has it'],
  'RFC9112-3.2-FRAGMENT-IN-TARGET': [get('', '/echo#part'), [404], 'no route has this path'],
};
