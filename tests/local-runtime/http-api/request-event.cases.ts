import type { OutgoingHttpHeaders } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

export interface SentRequest {
  method?: string;
  target?: string;
  headers?: OutgoingHttpHeaders;
  body?: Buffer | string;
}

interface EventCase {
  sent: string;
  request: SentRequest;
  event: APIGatewayProxyEventV2;
}

/**
 * Returns requests and their events.
 * @param base the event of a plain `GET /echo`
 */
export function eventCases(base: APIGatewayProxyEventV2): EventCase[] {
  const post: APIGatewayProxyEventV2 = {
    ...base,
    routeKey: 'POST /echo',
    requestContext: {
      ...base.requestContext,
      routeKey: 'POST /echo',
      http: { ...base.requestContext.http, method: 'POST' },
    },
  };
  return [
    /** @aws 1.1: The event has format 2.0, and no member for what the request does not have. */
    { sent: 'only a path', request: {}, event: base },
    /** @aws 1.1: `rawQueryString` is always there, `queryStringParameters` only with a query. */
    { sent: 'an empty query', request: { target: '/echo?' }, event: base },
    /** @aws 1.1: `rawQueryString` stays encoded. `queryStringParameters` are decoded, repeated ones are joined with commas. */
    {
      sent: 'a query with a name given twice, percent-encodings, a plus, an empty value and no value',
      request: { target: '/echo?a=1&a=2&%C3%BC=%26%3D%20&plus=x+y&empty=&alone&__proto__=p' },
      event: {
        ...base,
        rawQueryString: 'a=1&a=2&%C3%BC=%26%3D%20&plus=x+y&empty=&alone&__proto__=p',
        queryStringParameters: JSON.parse(
          '{ "a": "1,2", "ü": "&= ", "plus": "x y", "empty": "", "alone": "", "__proto__": "p" }',
        ),
      },
    },
    /** @aws 1.1: `cookies` has one member a cookie, and `headers` has no `cookie` then. */
    {
      sent: 'cookies',
      request: { headers: { cookie: 'a=1; b="2;c=3' } },
      event: { ...base, cookies: ['a=1', 'b="2', 'c=3'] },
    },
    /** @aws 1.1: Header names are in lower case, and repeated headers are joined with commas. */
    {
      sent: 'a header twice',
      request: { headers: { 'X-Many': ['1', '2'], 'User-Agent': 'test' } },
      event: {
        ...base,
        headers: { ...base.headers, 'x-many': '1,2', 'user-agent': 'test' },
        requestContext: { ...base.requestContext, http: { ...base.requestContext.http, userAgent: 'test' } },
      },
    },
    {
      sent: 'headers of the connection',
      request: { headers: { te: 'trailers', 'keep-alive': 'timeout=5', 'proxy-connection': 'keep-alive' } },
      event: base,
    },
    /** @aws 1.5: The API is served by HTTPS only. @here by HTTP only; `x-forwarded-proto` is `https` as on AWS. */
    /** @aws 1.1: The gateway adds `x-forwarded-for`, and sets `x-forwarded-port` and `x-forwarded-proto`. */
    {
      sent: 'x-forwarded headers',
      request: { headers: { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-port': '80', 'x-forwarded-proto': 'http' } },
      event: { ...base, headers: { ...base.headers, 'x-forwarded-for': '192.0.2.1, 127.0.0.1' } },
    },
    {
      sent: 'another host',
      request: { headers: { host: 'api.example.com:8080' } },
      event: {
        ...base,
        headers: { ...base.headers, host: 'api.example.com:8080' },
        requestContext: { ...base.requestContext, domainName: 'api.example.com', domainPrefix: 'api' },
      },
    },
    /** @aws 1.5: A path is decoded before it is matched. */
    {
      sent: 'a percent-encoded path',
      request: { target: '/%65cho' },
      event: base,
    },
    /** @aws 1.1: An empty body is left out, and `content-length` is `0`. */
    {
      sent: 'POST without a body',
      request: { method: 'POST', headers: { 'content-length': '0', 'content-type': 'application/octet-stream' } },
      event: { ...post, headers: { ...post.headers, 'content-type': 'application/octet-stream' } },
    },
    /** @aws 1.1: An event without a body has `content-length: 0`, even if the request has none. */
    {
      sent: 'POST without a body and a content-length',
      request: { method: 'POST', headers: { 'transfer-encoding': 'chunked' } },
      event: post,
    },
    {
      sent: 'POST with a body',
      request: { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"ü": "😀"}\n' },
      event: {
        ...post,
        headers: { ...post.headers, 'content-length': '15', 'content-type': 'application/json' },
        body: '{"ü": "😀"}\n',
      },
    },
    /** @aws 1.1: A body in chunks arrives whole, with its `content-length`. */
    {
      sent: 'POST with a body in chunks',
      request: {
        method: 'POST',
        headers: { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' },
        body: 'in chunks',
      },
      event: {
        ...post,
        headers: { ...post.headers, 'content-length': '9', 'content-type': 'text/plain' },
        body: 'in chunks',
      },
    },
  ];
}

/** Whether a body of a content type reaches the function in base64 (PLATFORM_FACTS 1.2). */
export const contentTypes: [contentType: string | undefined, isBase64Encoded: boolean][] = [
  ['application/json', false],
  ['application/xml', false],
  ['application/javascript', false],
  ['text/plain', false],
  ['text/html', false],
  ['text/csv', false],
  ['Application/JSON', false],
  ['application/json; charset=utf-8', false],
  ['application/json;charset=UTF-8', false],
  ['text/plain; charset="utf-8"', false],
  ['text/plain; format=flowed', false],
  ['text/plain; charset=iso-8859-1', true],
  ['application/json; charset=utf-16', true],
  [undefined, true],
  ['application/x-www-form-urlencoded', true],
  ['multipart/form-data; boundary=x', true],
  ['application/octet-stream', true],
  ['application/pdf', true],
  ['application/zip', true],
  ['image/png', true],
  ['made/up', true],
  ['application/problem+json', true],
  ['application/vnd.x+json', true],
  ['application/jsonp', true],
];
